/** The sentences of the staff's scripts in the page's language, `<html lang>`: Japanese first. Pure.
 *
 * They stand in `words/{shared,desk,board}.{ja,en}.js`, the same keys in both languages.
 */

import { board as boardEn } from "./words/board.en.js";
import { board as boardJa } from "./words/board.ja.js";
import { desk as deskEn } from "./words/desk.en.js";
import { desk as deskJa } from "./words/desk.ja.js";
import { shared as sharedEn } from "./words/shared.en.js";
import { shared as sharedJa } from "./words/shared.ja.js";

export const TABLES = {
  ja: { ...sharedJa, desk: deskJa, board: boardJa },
  en: { ...sharedEn, desk: deskEn, board: boardEn },
};

/** The table of the page's language. */
export const words = TABLES[globalThis.document?.documentElement.lang] ?? TABLES.ja;

export const { audiences: AUDIENCES, languages: LANGUAGES, urgencies: URGENCIES, states: STATES } = words;
export const { outcomes: OUTCOMES, closed: CLOSED } = words.desk;
export const { boosts: BOOSTS } = words.board;

/** Say kindly what an error code means, and what to do next. */
export function errorWords(code, retryAfterS) {
  const said = words.errors[code] ?? words.anotherError;
  return retryAfterS > 0 ? words.retryIn(said, retryAfterS) : said;
}

/** Say in what state the connection is; nothing when all is well. */
export function linkWords(link, code) {
  if (link === "lost") return words.link.lost;
  if (link !== "ended") return "";
  return code === 4403 ? words.link.notAllowed : words.link.signedOut;
}

/** How a visitor is called on the desk. */
export function callName(visitor) {
  return visitor.nickname.trim() || words.nameless;
}

/** With さん, where there is a name to put it to. */
export function politeName(visitor) {
  const name = visitor.nickname.trim();
  return name ? words.polite(name) : words.namelessPerson;
}

export function audienceName(audience) {
  return AUDIENCES[audience] ?? audience;
}

export function languageName(language) {
  return LANGUAGES[language] ?? language;
}
