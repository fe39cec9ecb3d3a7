import assert from "node:assert/strict";
import { test } from "node:test";
import { dialogFor } from "../../../staff/static/staff/board-acts.js";
import {
  alarmWords, byOrganization, endAt, expectedWords, newAlarms, newEmergencies, newlyWaiting, oldestWaitS, sentence, sortedAlarms,
  sortedTalks, silenceWords, titleOf, withRoom,
} from "../../../staff/static/staff/board-select.js";
import { initial, reduce } from "../../../staff/static/staff/board-state.js";

const T0 = Date.parse("2024-12-28T16:30:00+09:00");
const LOCAL = 1_000_000;
const welcome = { type: "welcome", server_time: new Date(T0).toISOString(), window_closes_at: null, me: { role: "supervisor" } };

function stats({ waiting = 0, oldest = 0, free = 3, available = 1, busy = 0, people = [] } = {}) {
  return {
    type: "queue.stats", lanes: [{ audience: "youth", language: "ja", waiting, oldest_wait_s: oldest }],
    counselors: { available, busy, away: 0 }, free_slots: free, people,
  };
}

function board(...frames) {
  return frames.reduce((state, frame) => reduce(state, { type: "frame", frame, at: LOCAL }), initial());
}

for (const [numbers, words] of [
  [{ waiting: 12, oldest: 18 * 60 }, "12 人が待っています。いちばん長い方は 18 分。いま 3 人分の空きがあります。"],
  [{}, "待っている方はいません。いま 3 人分の空きがあります。"],
  [{ waiting: 1, free: 0, available: 0, busy: 2 }, "1 人が待っています。いちばん長い方は 1 分未満。いま空きはありません。"],
  [{ free: 0, available: 0 }, "待っている方はいません。対応できる相談員がいません。"],
]) {
  test(`the sentence: ${words}`, () => assert.equal(sentence(board(welcome, stats(numbers))).join(""), words));
}

test("the oldest wait ticks on between two frames", () => {
  const state = reduce(board(welcome, stats({ waiting: 1, oldest: 60 })), { type: "tick", at: LOCAL + 5_000 });
  assert.equal(oldestWaitS(state, state.stats.lanes[0]), 65);
});

test("a lane that goes from empty to waiting is told once", () => {
  const [empty, one, two] = [board(welcome, stats()), board(welcome, stats({ waiting: 1 })), board(welcome, stats({ waiting: 2 }))];
  assert.equal(newlyWaiting(empty, one).length, 1);
  assert.equal(newlyWaiting(one, two).length, 0);
  assert.deepEqual(newlyWaiting(initial(), one), []);
});

for (const [expected, words] of [
  [null, "まだ分かりません"], [{ low_s: 600, high_s: 1200 }, "10〜20 分"], [{ low_s: 0, high_s: 300 }, "5 分以内"], [{ low_s: 0, high_s: 0 }, "1 分以内"],
  [{ low_s: 180, high_s: 333_000 }, "3 分以上"], [{ low_s: 0, high_s: 333_000 }, "1 分以上"],
]) {
  test(`who comes now: ${words}`, () => assert.equal(expectedWords(expected), words));
}

const person = (name, organization, state, { online = true, load = 0, capacity = 3 } = {}) => ({ id: name, name, organization, state, load, capacity, online });

test("counselors stand by organization, those who are here first, and first of all who vanished", () => {
  const groups = byOrganization([
    person("c", "い", "away"), person("b", "い", "busy"), person("a", "い", "available"), person("d", "あ", "available", { online: false }),
    person("e", "い", "away", { online: false, load: 2 }),
  ]);
  assert.deepEqual(groups.map(({ name, here, members }) => [name, here, members.map((one) => one.name)]), [
    ["あ", 0, ["d"]], ["い", 2, ["e", "a", "b", "c"]],
  ]);
});

test("by hand somebody goes to who has most room, and never to who has none", () => {
  const people = [person("a", "", "available", { load: 2 }), person("b", "", "available"), person("c", "", "busy", { load: 3 }), person("d", "", "available", { online: false })];
  assert.deepEqual(withRoom(people).map((one) => one.name), ["b", "a"]);
});

const talk = (conversation, saidBy, saidMin, openMin) => ({ conversation, counselor: "x", saidBy, saidAt: T0 - saidMin * 60_000, openedAt: T0 - openMin * 60_000 });

test("who waits longest for an answer stands first", () => {
  const talks = [talk("a", "counselor", 30, 40), talk("b", "visitor", 2, 90), talk("c", "visitor", 6, 10)];
  assert.deepEqual(sortedTalks(talks, "silence").map((one) => one.conversation), ["c", "b", "a"]);
  assert.deepEqual(sortedTalks(talks, "length").map((one) => one.conversation), ["b", "a", "c"]);
});

for (const [saidBy, words] of [["visitor", "相談者が返事を待って 6 分"], ["counselor", "相談者の言葉を待って 6 分"], [null, "まだ言葉がなく 6 分"]]) {
  test(`a silence: ${words}`, () => assert.equal(silenceWords(talk("a", saidBy, 6, 9), T0), words));
}

// --- alarms ---

const alarm = (id, fields = {}) => ({ alarm: id, kind: "wait", value: 15, raised_at: new Date(T0).toISOString(), ended_at: null, acknowledged_at: null, audience: "youth", language: "ja", ...fields });
const alarms = (...list) => ({ type: "alarms", alarms: list, thresholds: [], may_set: true });

test("an alarm is told once, and not when somebody has seen to it", () => {
  const [calm, one, seen] = [board(welcome, alarms()), board(welcome, alarms(alarm("a"))), board(welcome, alarms(alarm("b", { acknowledged_at: new Date(T0).toISOString() })))];
  assert.deepEqual(newAlarms(calm, one).map((each) => each.alarm), ["a"]);
  assert.deepEqual(newAlarms(one, board(welcome, alarms(alarm("a")))), []);
  assert.deepEqual(newAlarms(calm, seen), []);
});

test("what nobody has seen to stands first", () => {
  assert.deepEqual(sortedAlarms([alarm("a", { acknowledged_at: "x" }), alarm("b")]).map((one) => one.alarm), ["b", "a"]);
});

test("an alarm says where", () => {
  assert.equal(alarmWords(alarm("a")), "18 歳以下の列で 15 分待っている方がいます");
  assert.equal(alarmWords(alarm("a", { kind: "vanished", audience: "", counselor: "はる" })), "はるさんの応答がなくなりました");
});

test("the title names what must be seen to first", () => {
  const call = { type: "emergency", emergency: "e", conversation: "c", called_by: "はる", called_at: new Date(T0).toISOString(), second: null, checks: {}, decision: null };
  assert.equal(titleOf(board(welcome, stats({ waiting: 3 }))), "(3) 待機ボード");
  assert.equal(titleOf(board(welcome, stats({ waiting: 3 }), alarms(alarm("a")))), "● アラーム 1 (3) 待機ボード");
  assert.equal(titleOf(board(welcome, stats(), alarms(alarm("a")), call)), "！ 緊急の呼び出し (1)");
  assert.equal(newEmergencies(board(welcome), board(welcome, call)).length, 1);
});

// --- dialogs ---

const LANE = { audience: "youth", language: "ja", accepting: true };

test("the end of the window is an instant of today, or after midnight of tomorrow", () => {
  const closesAt = Date.parse("2024-12-28T22:00:00+09:00");
  assert.equal(endAt(closesAt, "21:30", T0), "2024-12-28T12:30:00.000Z");
  assert.equal(endAt(closesAt, "00:30", T0), "2024-12-28T15:30:00.000Z");
});

test("what concerns everybody asks for a reason", () => {
  const state = board(welcome, stats());
  for (const wish of [{ kind: "laneStop", target: LANE }, { kind: "laneOpen", target: LANE }, { kind: "window", target: { audience: "youth", closesAt: T0 } }, { kind: "boost", target: { ticket: "t", position: 1, precedence: 0 } }]) {
    assert.equal(dialogFor(wish, state).reason, "needed", wish.kind);
  }
});

for (const [mode, reach, reason] of [["whisper", "own", "maybe"], ["open", "own", "maybe"], ["unseen", "own", "needed"], ["whisper", "with_reason", "needed"]]) {
  test(`to join ${mode} (${reach}) a reason is ${reason}`, () => {
    const shown = dialogFor({ kind: "join", target: { conversation: "c", name: "はる", reach }, mode }, board(welcome));
    assert.equal(shown.reason, reason);
    assert.deepEqual(shown.frame({ reason: "x" }), { type: "conversation.join", conversation: "c", mode, reason: "x" });
  });
}

test("without anybody who has room the dialog says so", () => {
  assert.ok(dialogFor({ kind: "assign", target: { ticket: "t", position: 1 } }, board(welcome, stats())).trouble);
});

test("every dialog says what will happen and who will see it", () => {
  const state = board(welcome, stats({ people: [person("a", "い", "available")] }));
  const targets = {
    laneStop: LANE, laneOpen: LANE, window: { audience: "youth", closesAt: T0 }, boost: { ticket: "t", position: 1, precedence: 0 },
    assign: { ticket: "t", position: 1 }, block: { ticket: "t", position: 1 }, join: { conversation: "c", name: "", reach: "own" }, take: { conversation: "c", name: "はる", reach: "own" },
  };
  for (const [kind, target] of Object.entries(targets)) {
    const { title, happens, seenBy, submit } = dialogFor({ kind, target }, state);
    for (const words of [title, happens, seenBy, submit]) assert.ok(words.trim(), kind);
  }
});
