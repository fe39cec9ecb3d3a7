/** The board's sentences in Japanese. `board.en.js` has the same keys. */

export const board = {
  /** By how much a ticket stands earlier, by its precedence. */
  boosts: ["来た順のまま", "5 分早く", "10 分早く", "20 分早く"],
};
