import assert from "node:assert/strict";
import { test } from "node:test";
import { byOrganization, initial, newlyWaiting, oldestWaitS, reduce, sentence } from "../../../staff/static/staff/board-state.js";

const T0 = Date.parse("2024-12-28T16:30:00+09:00");
const LOCAL = 1_000_000;

const welcome = { type: "welcome", server_time: new Date(T0).toISOString(), window_closes_at: null };

function stats({ waiting = 0, oldest = 0, free = 3, available = 1, busy = 0, people = [] } = {}) {
  return {
    type: "queue.stats", lanes: [{ audience: "youth", language: "ja", waiting, oldest_wait_s: oldest }],
    counselors: { available, busy, away: 0 }, free_slots: free, people,
  };
}

function board(...frames) {
  return frames.reduce((state, frame) => reduce(state, { type: "frame", frame, at: LOCAL }), initial());
}

test("the sentence says who waits, how long, and what is free", () => {
  const state = board(welcome, stats({ waiting: 12, oldest: 18 * 60 }));
  assert.equal(sentence(state), "12 人が待っています。いちばん長い方は 18 分。いま 3 人分の空きがあります。");
});

test("the sentence of a calm moment", () => {
  assert.equal(sentence(board(welcome, stats())), "待っている方はいません。いま 3 人分の空きがあります。");
});

test("the sentence says that all are busy", () => {
  const state = board(welcome, stats({ waiting: 1, free: 0, available: 0, busy: 2 }));
  assert.equal(sentence(state), "1 人が待っています。いちばん長い方は 1 分未満。いま空きはありません。");
});

test("the sentence says that nobody is there", () => {
  const state = board(welcome, stats({ free: 0, available: 0 }));
  assert.equal(sentence(state), "待っている方はいません。対応できる相談員がいません。");
});

test("the oldest wait ticks on between two frames", () => {
  const state = reduce(board(welcome, stats({ waiting: 1, oldest: 60 })), { type: "tick", at: LOCAL + 5_000 });
  assert.equal(oldestWaitS(state, state.stats.lanes[0]), 65);
});

test("a lane that goes from empty to waiting is told once", () => {
  const [empty, one, two] = [board(welcome, stats()), board(welcome, stats({ waiting: 1 })), board(welcome, stats({ waiting: 2 }))];
  assert.equal(newlyWaiting(empty, one).length, 1);
  assert.equal(newlyWaiting(one, two).length, 0);
});

test("the first numbers are no news", () => {
  assert.deepEqual(newlyWaiting(initial(), board(welcome, stats({ waiting: 1 }))), []);
});

test("counselors stand by organization, those who are here first", () => {
  const person = (name, organization, state, online = true) => ({ id: name, name, organization, state, load: 0, capacity: 3, online });
  const groups = byOrganization([
    person("c", "い", "away"), person("b", "い", "busy"), person("a", "い", "available"), person("d", "あ", "available", false),
  ]);
  assert.deepEqual(groups.map(({ name, here, members }) => [name, here, members.map((one) => one.name)]), [
    ["あ", 0, ["d"]], ["い", 2, ["a", "b", "c"]],
  ]);
});

test("a lost link keeps the last numbers", () => {
  const state = reduce(board(welcome, stats({ waiting: 4 })), { type: "link", state: "lost" });
  assert.equal(state.link, "lost");
  assert.equal(state.stats.lanes[0].waiting, 4);
});

test("who waits in a lane is shown while that lane is looked at, and nobody else", () => {
  const tickets = (audience, ...names) => ({ type: "queue.tickets", audience, language: "ja", tickets: names.map((ticket) => ({ ticket })) });
  const looked = reduce(board(welcome, stats({ waiting: 2 })), { type: "look", lane: { audience: "youth", language: "ja" } });
  assert.equal(looked.look.tickets, null);
  const shown = reduce(looked, { type: "frame", frame: tickets("youth", "a", "b"), at: LOCAL });
  assert.deepEqual(shown.look.tickets.map((one) => one.ticket), ["a", "b"]);
  assert.equal(reduce(shown, { type: "frame", frame: tickets("general", "c"), at: LOCAL }), shown);
  assert.equal(reduce(shown, { type: "look", lane: null }).look, null);
});

test("a change of the order is told as done, or why not", () => {
  const state = board(welcome, { type: "done", id: "a" });
  assert.equal(state.notice, "done");
  assert.equal(board(welcome, { type: "error", code: "not_found", ref: "a" }).notice, "not_found");
});
