/** Where the keyboard goes when a drawing takes away what it stood on: never back to the top of the page. */

/** Note where the keyboard is: the place itself, and the part of the board around it. */
export function placeOf(focused) {
  return focused && focused !== document.body ? { focused, part: focused.closest("section[aria-labelledby]") } : null;
}

/** Give the keyboard a place near the one that is gone: `backTo` (an id), else the part's heading, else the sentence on top. */
export function giveBack(place, backTo) {
  if (!place || place.focused.isConnected) return;
  const head = place.part?.isConnected ? document.getElementById(place.part.getAttribute("aria-labelledby")) : null;
  const next = document.getElementById(backTo ?? "") ?? head ?? document.getElementById("sentence");
  if (!next) return;
  if (!next.matches("button, a, input, textarea, select")) next.tabIndex = -1;
  next.focus({ preventScroll: true });
}
