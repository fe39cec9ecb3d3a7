/** Keys of the desk, all with Alt so that no letter is taken from who writes. Pure. */

/**
 * Say what a key press asks of the desk: {move: ±1}, {tab: name} or {end: true}; null where it asks nothing.
 * Never while a Japanese word is being composed, and never Alt with the arrows in a select, which opens it.
 * @param {Pick<KeyboardEvent, "key"|"code"|"altKey"|"ctrlKey"|"metaKey"|"shiftKey"|"isComposing"|"keyCode"> & {target?: any}} event
 */
export function commandOf(event) {
  const { code, altKey, ctrlKey, metaKey, shiftKey } = event;
  if (!altKey || ctrlKey || metaKey || shiftKey || event.isComposing || event.keyCode === 229) return null;
  if (code === "ArrowDown" || code === "ArrowUp") {
    return event.target?.tagName === "SELECT" ? null : { move: code === "ArrowDown" ? 1 : -1 };
  }
  if (code === "KeyN") return { tab: "note" };
  if (code === "KeyE") return { tab: "end" };
  if (code === "Enter" && event.target?.closest?.(".closing")) return { end: true };
  return null;
}

/** Which tab a key leads to from `now` in a row of tabs; null where it is no such key. */
export function tabFor(key, tabs, now) {
  const at = tabs.indexOf(now);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[key];
  return to === undefined ? null : tabs[(to + tabs.length) % tabs.length];
}
