/** Says that somebody is at this page: the session ends 30 minutes after the last sign of it. */

const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];
const AT_MOST_EVERY_MS = 60_000;

/**
 * @param {() => boolean} tell gives false where it could not be said; then the next sign says it
 * @param {{target?: EventTarget, now?: () => number}} [world]
 */
export function watchActivity(tell, { target = globalThis, now = Date.now } = {}) {
  let told = -Infinity;
  const seen = () => {
    if (now() - told >= AT_MOST_EVERY_MS && tell()) told = now();
  };
  for (const sign of SIGNS) target.addEventListener(sign, seen, { passive: true });
}
