import assert from "node:assert/strict";
import { test } from "node:test";

import { isKept, isOld, isOpenDoor, turn, waitMs } from "../../chat/static/chat/turning.js";

test("the page looks anew at the edge, spread over four seconds", () => {
  const when = { shownAt: 1_000_000, turnsInS: 60, now: 1_000_000 };
  assert.equal(waitMs({ ...when, spread: 0 }), 60_000);
  assert.equal(waitMs({ ...when, spread: 0.5 }), 62_000);
});

test("an edge that has gone by while the page slept is looked at at once", () => {
  assert.equal(waitMs({ shownAt: 0, turnsInS: 60, now: 90_000, spread: 1 }), 0);
});

test("who comes back within a minute sees what was shown", () => {
  assert.equal(isOld(0, 60_000), false);
  assert.equal(isOld(0, 60_001), true);
});

test("a page without the place for it changes nothing", () => {
  const nothing = { getElementById: () => null };
  assert.equal(turn(nothing, nothing), false);
});

test("a page with words that the tab does not keep is not left by itself", () => {
  const page = (/** @type {object|null} */ kept) => /** @type {any} */ ({ getElementById: () => kept });
  const forbidden = () => {
    throw new Error("SecurityError");
  };
  assert.equal(isKept(() => null, page(null)), true);
  assert.equal(isKept(() => "{}", page({})), true);
  assert.equal(isKept(() => null, page({})), false);
  assert.equal(isKept(forbidden, page({})), false);
});

test("a door that has opened is the form, and the way to one's talk", () => {
  const holding = (/** @type {string} */ id) => ({ getElementById: (/** @type {string} */ asked) => (asked === id ? {} : null) });
  assert.equal(isOpenDoor(holding("entry")), true);
  assert.equal(isOpenDoor(holding("talk")), true);
  assert.equal(isOpenDoor(holding("now")), false);
});
