import assert from "node:assert/strict";
import { test } from "node:test";

import * as states from "../../chat/static/chat/state.js";
import { golden } from "./golden.js";

const { initial, layout, reduce } = states;
const frame = (name) => {
  assert.ok(golden.server[name], name);
  return golden.server[name];
};
const after = (...names) => names.map(frame).reduce(reduce, initial());
const dayOf = (at) => at.slice(0, 10);
const mark = (items) => items.filter((item) => item.kind === "bubble").map((item) => item.mark);

for (const story of golden.stories) {
  test(story.name, () => {
    const state = after(...story.frames);
    for (const [key, value] of Object.entries(story.then)) assert.deepEqual(state[key], value, key);
    if (story.count !== undefined) assert.equal(state.messages.length, story.count);
    assert.deepEqual(
      state.messages.map((message) => message.seq),
      state.messages.map((message) => message.seq).toSorted((a, b) => a - b),
    );
  });
}

test("a frame of a later version is ignored", () => {
  const state = after("paired");
  assert.equal(reduce(state, { type: "confetti" }), state);
});

test("the reducer never changes the state it was given", () => {
  const freeze = (value) => {
    if (value && typeof value === "object") Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  let state = freeze(initial());
  for (const name of Object.keys(golden.server)) state = freeze(reduce(state, freeze(structuredClone(frame(name)))));
  assert.equal(state.line, "connecting");
});

test("read marks never go back", () => {
  const state = reduce(reduce(after("paired"), { type: "read", who: "counselor", seq: 5 }), { type: "read", who: "counselor", seq: 3 });
  assert.equal(state.read.counselor, 5);
});

test("one's own typing, echoed, is not the counselor's", () => {
  assert.equal(reduce(after("paired"), { type: "typing", who: "visitor", on: true }).isCounselorTyping, false);
});

test("a counselor who drops out is not typing", () => {
  const state = reduce(after("paired", "typing"), frame("presence"));
  assert.equal(state.isCounselorHere, false);
  assert.equal(state.isCounselorTyping, false);
});

test("another tab took over", () => {
  assert.equal(reduce(after("paired"), { type: "line", line: "ended", code: 4409 }).phase, "elsewhere");
});

test("a ticket that nobody knows", () => {
  assert.equal(reduce(initial(), { type: "line", line: "ended", code: 4401 }).phase, "none");
});

test("an end stays an end when the socket goes", () => {
  assert.equal(reduce(after("paired", "closed"), { type: "line", line: "ended", code: 4401 }).phase, "closed");
});

test("a lost line keeps the talk on the screen", () => {
  const state = reduce(after("paired", "message 1"), { type: "line", line: "lost", code: 1006 });
  assert.equal(state.phase, "paired");
  assert.equal(state.line, "lost");
});

test("who has only waited has not talked", () => {
  assert.equal(states.hasTalked(after("welcome waiting")), false);
  assert.equal(states.hasTalked(after("welcome requeued")), true);
});

test("people in front are one fewer than the place", () => {
  assert.equal(states.ahead(after("welcome waiting")), 3);
  assert.equal(states.ahead(after("requeued")), 0);
  assert.equal(states.ahead(initial()), null);
});

test("far back the number of people is the rounded one", () => {
  const at = (/** @type {number} */ position) => ({ ...initial(), position });
  assert.deepEqual([100, 101, 350].map((place) => states.ahead(at(place))), [99, 101, 350]);
  assert.deepEqual([null, 100, 101].map((place) => states.isFarBack({ ...initial(), position: place })), [false, false, true]);
});

test("a range is rounded outward to whole minutes", () => {
  assert.deepEqual(states.minutes({ low_s: 119, high_s: 121, by_close: true }), { low: 1, high: 3 });
  assert.deepEqual(states.minutes({ low_s: 0, high_s: 0, by_close: true }), { low: 0, high: 1 });
});

test("numbers are read as they are said", () => {
  assert.deepEqual([1, 2, 5, 10, 15, 20].map(states.readingOfMinutes), ["ぷん", "ふん", "ふん", "ぷん", "ふん", "ぷん"]);
  assert.deepEqual([1, 2, 3].map(states.readingOfPeople), ["ひとり", "ふたり", "3にん"]);
});

test("a day has its reading, over the number where the day has a name", () => {
  assert.deepEqual(states.slotsOfDay(12, 28, "土"), {
    month: 12, before: 28, inside: "", reading: "にち", weekday: "土", weekdayReading: "ど",
  });
  assert.deepEqual(states.slotsOfDay(1, 4, "土"), {
    month: 1, before: "", inside: 4, reading: "よっか", weekday: "土", weekdayReading: "ど",
  });
});

test("one mark stands under one's own last words", () => {
  assert.deepEqual(mark(layout(after("paired", "message 1"), [], dayOf)), ["sent"]);
  assert.deepEqual(mark(layout(after("paired", "message 1", "read"), [], dayOf)), ["seen"]);
  const unsent = [{ id: "x", body: "つづき", state: "sending", at: "" }];
  assert.deepEqual(mark(layout(after("paired", "message 1"), unsent, dayOf)), ["", "sending"]);
});

test("marks never go back, whatever comes late, twice or out of order", () => {
  const message = frame("message 1");
  const unsent = [{ id: message.id, body: message.body, state: "sending", at: "" }];
  let state = after("paired");
  const seen = [mark(layout(state, unsent, dayOf)).at(-1)];
  for (const next of [
    message,
    { type: "read", who: "counselor", seq: message.seq },
    message, // the replay after an ack, or the ack after a replay
    { type: "read", who: "counselor", seq: message.seq - 1 },
    { type: "read", who: "counselor", seq: 0 },
  ]) {
    state = states.reduce(state, next);
    seen.push(mark(layout(state, unsent, dayOf)).at(-1));
  }
  assert.deepEqual(seen, ["sending", "sent", "seen", "seen", "seen", "seen"]);
});

test("every message that failed says so", () => {
  const unsent = ["a", "b"].map((id) => ({ id, body: id, state: "failed", code: "unavailable", at: "" }));
  assert.deepEqual(mark(layout(after("paired"), unsent, dayOf)), ["failed", "failed"]);
});

test("a message that is stored is not shown a second time from the outbox", () => {
  const unsent = [{ id: frame("message 1").id, body: "こんばんは", state: "sending", at: "" }];
  assert.equal(layout(after("paired", "message 1"), unsent, dayOf).length, 2);
});

test("a bubble keeps its key when its message is stored", () => {
  const unsent = [{ id: frame("message 1").id, body: frame("message 1").body, state: "sending", at: "" }];
  const before = layout(after("paired"), unsent, dayOf).at(-1);
  const stored = layout(after("paired", "message 1"), [], dayOf).at(-1);
  assert.equal(before.key, stored.key);
});

test("days are set apart, groups share a time, and notices stand alone", () => {
  const items = layout(after("paired", "message 1", "message 2", "message 3", "message system"), [], dayOf);
  assert.deepEqual(items.map((item) => item.kind), ["day", "bubble", "bubble", "bubble", "day", "notice"]);
  const bubbles = items.filter((item) => item.kind === "bubble");
  assert.deepEqual(bubbles.map((item) => [item.isFirst, item.isLast]), [[true, true], [true, false], [false, true]]);
});

test("a phone whose clock is wrong by a year makes no day of its own", () => {
  const unsent = [{ id: "x", body: "つづき", state: "sending", at: "2031-01-01T00:00:00Z" }];
  const items = layout(after("paired", "message 1"), unsent, dayOf);
  assert.deepEqual(items.map((item) => item.kind), ["day", "bubble", "bubble"]);
});
