import assert from "node:assert/strict";
import { test } from "node:test";

import { watchActivity } from "../../../staff/static/staff/activity.js";

function page() {
  const target = new EventTarget();
  const world = { target, now: () => world.at, at: 0, said: 0, isOpen: true };
  watchActivity(() => world.isOpen && ++world.said > 0, world);
  return { world, touch: (sign) => target.dispatchEvent(new Event(sign)) };
}

test("each kind of sign is said", () => {
  for (const sign of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    const { world, touch } = page();
    touch(sign);
    assert.equal(world.said, 1, sign);
  }
});

test("it is said once a minute at most", () => {
  const { world, touch } = page();
  for (const at of [0, 59_999, 60_000, 60_001]) {
    world.at = at;
    touch("keydown");
  }
  assert.equal(world.said, 2);
});

test("what could not be said is said with the next sign", () => {
  const { world, touch } = page();
  world.isOpen = false;
  touch("keydown");
  world.isOpen = true;
  touch("keydown");
  assert.equal(world.said, 1);
});

test("a page that nobody touches says nothing", () => {
  assert.equal(page().world.said, 0);
});
