/** The board's sentences in English. `board.ja.js` has the same keys. */

export const board = {
  boosts: ["As they came", "5 minutes earlier", "10 minutes earlier", "20 minutes earlier"],
};
