/**
 * The start page, and the page of a closed door, turn over by themselves: what they say about hours is
 * fetched anew at the next edge, by the server's clock and rules; an open door leads to its form. This
 * device's clock, which may be wrong, measures spans alone.
 */

const SPREAD_MS = 4_000; // not every page that is open asks in the same moment
const OLD_MS = 60_000; // who comes back to the page after that sees it fresh
const AGAIN_MS = 30_000;

/**
 * Say how long to wait before looking anew.
 * @param {{shownAt: number, turnsInS: number, now: number, spread: number}} when instants in milliseconds
 */
export function waitMs({ shownAt, turnsInS, now, spread }) {
  return Math.max(0, shownAt + turnsInS * 1000 + spread * SPREAD_MS - now);
}

/** Tell whether a page that comes to the front again should look anew. @param {number} shownAt @param {number} now */
export const isOld = (shownAt, now) => now - shownAt > OLD_MS;

/** Tell whether what was fetched is what the visitor waited for, a page of its own. @param {Document} fresh */
export const isOpenDoor = (fresh) => (fresh.getElementById("entry") ?? fresh.getElementById("talk")) !== null;

/**
 * Tell whether the form will show again what was written here and refused: it does where the tab keeps it.
 * @param {() => string|null} kept
 */
export function isKept(kept, page = document) {
  try {
    return page.getElementById("kept") === null || Boolean(kept());
  } catch {
    return false; // the browser forbids it
  }
}

/** Put what was fetched in the place of what is shown; who was at a link stays at it. @param {Document} fresh */
export function turn(fresh, page = document) {
  const [before, after] = [page.getElementById("now"), fresh.getElementById("now")];
  if (before === null || after === null) return false;
  const focused = before.contains(page.activeElement) ? page.activeElement?.getAttribute("href") : null;
  before.replaceWith(page.adoptNode(after));
  if (focused) [...after.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
  // what is open stands in the panel for danger, too
  const [also, alsoNow] = [page.getElementById("danger-now"), fresh.getElementById("danger-now")];
  if (also && alsoNow) also.replaceWith(page.adoptNode(alsoNow));
  // told politely: this line alone stays where it was
  const [told, says] = [page.getElementById("made-at"), fresh.getElementById("made-at")];
  if (told && says) told.replaceChildren(...[...says.childNodes].map((node) => page.adoptNode(node)));
  return true;
}

/** Look anew at each edge, and when the page comes to the front again. */
export function keepTurning() {
  let shownAt = Date.now();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  let isAsking = false;

  const plan = (/** @type {number} */ ms) => {
    clearTimeout(timer);
    timer = setTimeout(look, ms);
  };
  const planNext = () => {
    const turnsInS = Number(document.getElementById("now")?.dataset.turnsInS);
    plan(waitMs({ shownAt, turnsInS, now: Date.now(), spread: Math.random() }));
  };
  function look() {
    if (isAsking) return;
    isAsking = true;
    const call = new XMLHttpRequest(); // reads a page without making markup of a string (Trusted Types)
    call.open("GET", document.getElementById("now")?.dataset.lookAt ?? location.pathname);
    call.setRequestHeader("Cache-Control", "no-cache");
    call.responseType = "document";
    call.onloadend = () => {
      isAsking = false;
      const isOpen = call.status === 200 && call.responseXML !== null && isOpenDoor(call.responseXML);
      if (isOpen && isKept(() => sessionStorage.getItem("na.entry"))) {
        return location.replace(new URL(call.responseURL).pathname);
      }
      const isThere = call.status === 200 && call.responseXML !== null && turn(call.responseXML);
      if (isThere) shownAt = Date.now();
      if (isThere) planNext();
      else plan(AGAIN_MS); // off line: the page says when it was made
    };
    call.send();
  }

  planNext();
  const back = () => document.hidden || !isOld(shownAt, Date.now()) || look();
  document.addEventListener("visibilitychange", back);
  addEventListener("pageshow", back);
  addEventListener("online", back);
  addEventListener("exit", () => clearTimeout(timer));
}
