/** What a slash at the start of the box finds. Pure; `ui.slash`: {at: the marked one, closedFor: a text that was dismissed}. */

import { fitting, slashQuery } from "./desk-select.js";

const MOST = 8;

/** The ready sentences for what stands in the box; null where it is no search (or Esc has ended it). */
export function matches(state, ui, talk) {
  const text = state.drafts[talk.id]?.text ?? "";
  const query = talk.ended ? null : slashQuery(text);
  if (query === null || talk.id !== state.focus || ui.slash.closedFor === text) return null;
  return fitting(ui.ready, talk.visitor.language, query).slice(0, MOST);
}

/** What a key does in an open search: {at} moves the mark, {body} chooses, {close}, {stay} does nothing; null: not ours. */
export function slashKey(event, found, at) {
  if (event.isComposing || event.keyCode === 229) return null;
  if (event.key === "Escape") return { close: true };
  if (event.key === "Enter") return found[at] ? { body: found[at].body } : { stay: true };
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.altKey || !found.length) return null;
  return { at: (at + step + found.length) % found.length };
}
