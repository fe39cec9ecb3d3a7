import assert from "node:assert/strict";
import { test } from "node:test";
import { initial, laneKey, reduce } from "../../../staff/static/staff/board-state.js";

const T0 = Date.parse("2024-12-28T16:30:00+09:00");
const LOCAL = 1_000_000;
const iso = (offset) => new Date(T0 + offset).toISOString();

const welcome = { type: "welcome", server_time: iso(0), window_closes_at: null, me: { role: "supervisor" } };
const joined = {
  type: "joined", conversation: "c1", mode: "whisper", counselor: "はる", visitor: { online: true }, last_seq: 0,
  read: { visitor: 0, counselor: 0 }, opened_at: iso(-60_000),
};
const message = (seq, body = "こんばんは") => ({ type: "message", conversation: "c1", seq, id: `m${seq}`, sender: "visitor", body, sent_at: iso(seq) });

export function stats({ waiting = 0, oldest = 0, free = 3, available = 1, busy = 0, people } = {}) {
  return {
    type: "queue.stats", lanes: [{ audience: "youth", language: "ja", waiting, oldest_wait_s: oldest }],
    counselors: { available, busy, away: 0 }, free_slots: free, ...(people ? { people } : {}),
  };
}

export function board(...frames) {
  return frames.reduce((state, frame) => reduce(state, { type: "frame", frame, at: LOCAL }), initial());
}

test("a lost link keeps the last numbers", () => {
  const state = reduce(board(welcome, stats({ waiting: 4 })), { type: "link", state: "lost" });
  assert.equal(state.link, "lost");
  assert.equal(state.stats.lanes[0].waiting, 4);
});

test("numbers without people leave the people as they were", () => {
  const people = [{ id: "a" }];
  assert.deepEqual(board(welcome, stats({ people }), stats({ waiting: 1 })).stats.people, people);
});

test("who waits in a lane is shown while that lane is looked at, and nobody else", () => {
  const lane = { audience: "youth", language: "ja" };
  const tickets = (audience) => ({ type: "queue.tickets", audience, language: "ja", tickets: [{ ticket: "t" }] });
  const looking = reduce(board(welcome), { type: "look", lane });
  assert.equal(looking.look.tickets, null);
  assert.equal(reduce(looking, { type: "frame", frame: tickets("general"), at: LOCAL }).look.tickets, null);
  assert.equal(reduce(looking, { type: "frame", frame: tickets("youth"), at: LOCAL }).look.tickets.length, 1);
  assert.equal(reduce(looking, { type: "look", lane: null }).look, null);
});

test("the silence of a talk goes by the server's clock", () => {
  const talk = { conversation: "c1", opened_at: iso(-600_000), silent_s: 90 };
  const [row] = board(welcome, { type: "talks", talks: [talk] }).talks;
  assert.equal(row.saidAt, T0 - 90_000);
});

test("a talk of which only the silence is news stays what it was, so that its row is not drawn anew", () => {
  const talk = { conversation: "c1", opened_at: iso(-600_000), silent_s: 90, said_at: iso(-90_000), said_by: "visitor" };
  const before = board(welcome, { type: "talks", talks: [talk, { ...talk, conversation: "c2" }] });
  const told = { type: "talks", talks: [{ ...talk, silent_s: 95 }, { ...talk, conversation: "c2", said_by: "counselor", said_at: iso(0) }] };
  const after = reduce(before, { type: "frame", frame: told, at: LOCAL });
  assert.equal(after.talks[0], before.talks[0]);
  assert.equal(after.talks[1].saidBy, "counselor");
});

test("curves are found by their lane", () => {
  const state = board(welcome, { type: "board.curves", curves: [{ audience: "youth", language: "ja", svg: "<svg/>" }] });
  assert.equal(state.curves[laneKey({ audience: "youth", language: "ja" })].svg, "<svg/>");
});

// --- acts ---

const asked = (state) => reduce(state, { type: "act", id: "wish-join", what: "記録しました。" });

test("an act that is done is told", () => {
  const state = reduce(asked(board(welcome)), { type: "frame", frame: { type: "done", id: "wish-join" }, at: LOCAL });
  assert.equal(state.acts["wish-join"].state, "done");
  assert.equal(state.notice, "記録しました。");
});

test("an act that is refused keeps its reason", () => {
  const state = reduce(asked(board(welcome)), { type: "frame", frame: { type: "error", ref: "wish-join", code: "no_room" }, at: LOCAL });
  assert.deepEqual([state.acts["wish-join"].state, state.acts["wish-join"].code], ["error", "no_room"]);
});

test("an act without an answer when the line breaks can be tried again", () => {
  const state = reduce(asked(board(welcome)), { type: "link", state: "lost" });
  assert.equal(state.acts["wish-join"].code, "unavailable");
});

test("an answer to nothing changes nothing", () => {
  const state = board(welcome);
  assert.deepEqual(reduce(state, { type: "frame", frame: { type: "done", id: "x" }, at: LOCAL }), state);
});

// --- emergencies ---

const call = (fields) => ({ type: "emergency", emergency: "e1", conversation: "c1", called_by: "はる", called_at: iso(0), second: null, checks: {}, decision: null, ...fields });

test("a call stands until it is decided", () => {
  const state = board(welcome, call({}));
  assert.equal(Object.keys(state.emergencies).length, 1);
  assert.equal(Object.keys(reduce(state, { type: "frame", frame: call({ decision: "guide" }), at: LOCAL }).emergencies).length, 0);
});

test("a call that was decided while the line was down is gone with the next welcome", () => {
  assert.deepEqual(board(welcome, call({}), welcome).emergencies, {});
});

// --- a talk that one has joined ---

test("words stand in their order, each once", () => {
  const { lines } = board(welcome, joined, message(2), message(1), message(2)).joined.c1;
  assert.deepEqual(lines.map((line) => line.seq), [1, 2]);
});

test("own words stand as sent once they are acked", () => {
  const state = reduce(board(welcome, { ...joined, mode: "open" }), { type: "said", conversation: "c1", id: "x", body: "ここにいます" });
  assert.equal(state.joined.c1.pending.length, 1);
  const acked = reduce(state, { type: "frame", frame: { type: "message.ack", id: "x", seq: 1, sent_at: iso(5), conversation: "c1" }, at: LOCAL });
  assert.deepEqual([acked.joined.c1.pending, acked.joined.c1.lines[0].body], [[], "ここにいます"]);
});

test("a whisper stands once it has come back as a note", () => {
  const note = { type: "note", conversation: "c1", id: "x", kind: "whisper", author: "sara", body: "ゆっくり", at: iso(5) };
  const said = reduce(board(welcome, joined), { type: "said", conversation: "c1", id: "x", body: "ゆっくり" });
  const { pending, notes } = [note, note].reduce((state, frame) => reduce(state, { type: "frame", frame, at: LOCAL }), said).joined.c1;
  assert.deepEqual([pending, notes.map((one) => one.body)], [[], ["ゆっくり"]]);
});

test("words that are refused stay, with why", () => {
  const said = reduce(board(welcome, joined), { type: "said", conversation: "c1", id: "x", body: "ゆっくり" });
  const state = reduce(said, { type: "frame", frame: { type: "error", ref: "x", code: "too_many" }, at: LOCAL });
  assert.equal(state.joined.c1.pending[0].code, "too_many");
});

for (const [frame, ended] of [[{ type: "closed", conversation: "c1" }, "closed"], [{ type: "parted", conversation: "c1", reason: "reassigned" }, "reassigned"]]) {
  test(`${frame.type} ends it here`, () => assert.equal(board(welcome, joined, frame).joined.c1.ended, ended));
}

test("a talk is left when the line breaks, and its words stay readable", () => {
  const state = reduce(board(welcome, joined, message(1)), { type: "link", state: "lost" });
  assert.deepEqual([state.joined.c1.ended, state.joined.c1.lines.length], ["lost", 1]);
});

test("joining again goes on with the words", () => {
  const state = board(welcome, joined, message(1), { ...joined, mode: "open" });
  assert.deepEqual([state.joined.c1.mode, state.joined.c1.lines.length, state.joined.c1.ended], ["open", 1, null]);
});
