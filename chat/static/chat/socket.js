/**
 * A socket that comes back: back-off with full jitter and no last try, a heartbeat, and an
 * immediate look when the page is shown again. Phones cut sockets in the background without
 * saying so, so an open socket is believed only while frames arrive.
 */
import { FINAL_CODES, decode, ping } from "./protocol.js";

const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 10_000;
const PROBE_WITHIN_MS = 3_000;
const OPEN_WITHIN_MS = 10_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 15_000;
const SLOW_CODES = [4400, 4408, 4429]; // the server asked for less: wait at least this long
const SLOW_MS = 5_000;

/**
 * @typedef {"connecting"|"open"|"lost"|"ended"} LineState
 * @typedef {object} Options
 * @property {string} url
 * @property {() => object} hello
 * @property {(frame: import("./protocol.js").Frame) => void} onFrame
 * @property {(state: LineState, detail?: {code: number}) => void} onState
 */

/** How long to wait before the n-th try: anywhere up to the limit, so that a crowd does not come at once.
 * @param {number} attempt 0 for the first @param {() => number} random
 */
export function backoffMs(attempt, random) {
  return random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 10));
}

/** What the browser offers; tests bring their own. */
export const browser = () => ({
  connect: (/** @type {string} */ url) => new WebSocket(url),
  setTimeout: globalThis.setTimeout.bind(globalThis),
  clearTimeout: globalThis.clearTimeout.bind(globalThis),
  random: Math.random,
  window: globalThis.window,
  document: globalThis.document,
});

/**
 * Open a socket and keep it. "open" is said at the first frame after the hello, not before.
 * @param {Options} options
 * @param {ReturnType<typeof browser>} [env]
 */
export function openSocket({ url, hello, onFrame, onState }, env = browser()) {
  /** @type {WebSocket|null} */
  let socket = null;
  let attempt = 0;
  let pings = 0;
  let isOpen = false;
  let isEnded = false;
  /** @type {Record<string, any>} */
  const timers = {};

  const stop = (/** @type {string} */ name) => env.clearTimeout(timers[name]);
  const after = (/** @type {string} */ name, /** @type {number} */ ms, /** @type {() => void} */ act) => {
    stop(name);
    timers[name] = env.setTimeout(act, ms);
  };

  function send(/** @type {object} */ frame) {
    if (socket === null || socket.readyState !== 1) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  /** Let go at once: close() on a dead line takes a minute to say so. */
  function drop() {
    const old = socket;
    socket = null;
    isOpen = false;
    ["open", "ping", "pong"].forEach(stop);
    if (old === null) return;
    old.onopen = old.onmessage = old.onclose = old.onerror = null;
    old.close();
  }

  function connect() {
    stop("retry");
    drop();
    onState("connecting");
    let made;
    try {
      made = env.connect(url);
    } catch {
      return lost(0);
    }
    socket = made;
    after("open", OPEN_WITHIN_MS, () => lost(0));
    made.onopen = () => send(hello());
    made.onmessage = (event) => received(event.data);
    made.onclose = (event) => lost(event.code);
    made.onerror = () => {}; // a close follows
  }

  function received(/** @type {unknown} */ data) {
    const frame = decode(data);
    if (frame === null) return;
    stop("pong");
    if (!isOpen) {
      isOpen = true;
      attempt = 0;
      stop("open");
      after("ping", PING_EVERY_MS, () => probe(PONG_WITHIN_MS));
      onState("open");
    }
    onFrame(frame);
  }

  /** Ask for a sign of life. */
  function probe(/** @type {number} */ within) {
    pings += 1;
    send(ping(String(pings)));
    after("pong", within, () => lost(0));
    after("ping", PING_EVERY_MS, () => probe(PONG_WITHIN_MS));
  }

  function lost(/** @type {number} */ code) {
    drop();
    if (FINAL_CODES.includes(code)) {
      isEnded = true;
      onState("ended", { code });
      return;
    }
    onState("lost", { code });
    const least = SLOW_CODES.includes(code) ? SLOW_MS : 0;
    after("retry", Math.max(least, backoffMs(attempt, env.random)), connect);
    attempt += 1;
  }

  /** Connect now, also where the socket had ended. */
  function retryNow() {
    isEnded = false;
    attempt = 0;
    connect();
  }

  function wake(/** @type {Event} */ event) {
    if (isEnded || env.document?.visibilityState === "hidden") return;
    const wasFrozen = event.type === "pageshow" && /** @type {PageTransitionEvent} */ (event).persisted;
    if (isOpen && !wasFrozen) probe(PROBE_WITHIN_MS);
    else if (wasFrozen || socket === null) retryNow();
  }

  const places = /** @type {const} */ ([["document", "visibilitychange"], ["window", "pageshow"], ["window", "online"]]);
  for (const [place, event] of places) env[place]?.addEventListener(event, wake);

  /** End it for good. */
  function close() {
    isEnded = true;
    Object.keys(timers).forEach(stop);
    drop();
    for (const [place, event] of places) env[place]?.removeEventListener(event, wake);
  }

  connect();
  return { send, close, retryNow };
}
