import assert from "node:assert/strict";
import { test } from "node:test";
import * as select from "../../../staff/static/staff/desk-select.js";
import { reduce } from "../../../staff/static/staff/desk-state.js";
import { T0, entry, iso, line, play, welcome } from "./desk-makers.js";

const seqs = (state, id) => state.talks[id].lines.map((one) => one.seq);

test("a welcome shows the desk by the server's clock", () => {
  const state = play(welcome([entry("a")]));
  assert.equal(state.isReady, true);
  assert.equal(state.now, T0);
  assert.equal(state.focus, "a");
  assert.deepEqual(state.availability, { state: "available", capacity: 3, wrapUpS: 0, backAt: null });
});

test("lines stand by seq, each once, in whatever order they come", () => {
  const state = play(welcome([entry("a")]), line("a", 2), line("a", 1), line("a", 2), line("a", 3));
  assert.deepEqual(seqs(state, "a"), [1, 2, 3]);
});

test("a line of a talk that is not ours changes nothing", () => {
  const before = play(welcome([entry("a")]));
  assert.equal(reduce(before, { type: "frame", frame: line("b", 1), at: 0 }), before);
});

test("an unknown frame changes nothing", () => {
  const before = play(welcome());
  assert.equal(reduce(before, { type: "frame", frame: { type: "novel" }, at: 0 }), before);
});

test("an ack puts the pending words into the talk at their seq", () => {
  const state = play(
    welcome([entry("a")]),
    { type: "pending", entries: [{ id: "m1", conversation: "a", body: "こんばんは", state: "sending" }] },
    { type: "message.ack", id: "m1", conversation: "a", seq: 1, sent_at: iso(T0) },
  );
  assert.deepEqual(state.talks.a.lines.map(({ seq, body, sender }) => [seq, body, sender]), [[1, "こんばんは", "counselor"]]);
});

test("a line sent in another tab stands as our own", () => {
  const state = play(welcome([entry("a")]), line("a", 1, "counselor"));
  assert.equal(state.talks.a.lines[0].sender, "counselor");
});

test("the cursor stops before the first hole, and the hole is asked for", () => {
  const state = play(welcome([entry("a")]), line("a", 1), line("a", 3));
  assert.deepEqual(select.cursors(state), { a: 1 });
  assert.deepEqual(select.missing(state), [{ type: "conversation.open", conversation: "a", last_seq: 1 }]);
});

test("a head in a pong shows that a line was lost on the way", () => {
  const state = play(welcome([entry("a")]), line("a", 1), { type: "pong", id: null, server_time: iso(T0), heads: { a: 2 } });
  assert.deepEqual(select.missing(state), [{ type: "conversation.open", conversation: "a", last_seq: 1 }]);
});

test("nothing is asked for when nothing is missing", () => {
  const state = play(welcome([entry("a", { last_seq: 1 })]), line("a", 1));
  assert.deepEqual(select.missing(state), []);
});

test("a new talk is confirmed once", () => {
  const state = play(welcome(), { type: "assigned", ...entry("a") });
  assert.deepEqual(select.toConfirm(state), [{ type: "assignment.confirm", conversation: "a" }]);
  assert.deepEqual(select.toConfirm(reduce(state, { type: "confirmed", id: "a" })), []);
});

test("a new talk is new until it is looked at, and does not take the focus", () => {
  const state = play(welcome([entry("a")]), { type: "assigned", ...entry("b") });
  assert.equal(state.focus, "a");
  assert.equal(select.newCount(state), 1);
  assert.equal(select.newCount(reduce(state, { type: "focus", id: "b" })), 0);
});

test("unread counts the visitor's lines after our mark", () => {
  const state = play(
    welcome([entry("a", { read: { visitor: 0, counselor: 1 } })]), line("a", 1), line("a", 2), line("a", 3, "counselor"), line("a", 4),
  );
  assert.equal(select.unread(state.talks.a), 2);
  assert.equal(select.unreadTotal(state), 2);
});

test("a read mark of another tab counts, and never goes back", () => {
  const state = play(
    welcome([entry("a")]), line("a", 1), line("a", 2),
    { type: "read", conversation: "a", who: "counselor", seq: 2 }, { type: "read", conversation: "a", who: "counselor", seq: 1 },
  );
  assert.equal(select.unread(state.talks.a), 0);
});

test("whoever has waited longest for an answer stands first, whose turn it is next, the ended last", () => {
  const state = play(
    welcome([entry("ended"), entry("theirs"), entry("late"), entry("early")]),
    line("theirs", 1, "visitor", T0), line("theirs", 2, "counselor", T0 + 1000),
    line("late", 1, "visitor", T0 + 60_000),
    line("early", 1, "visitor", T0 + 30_000), line("early", 2, "visitor", T0 + 90_000),
    { type: "closed", conversation: "ended", reason: "visitor" },
  );
  assert.deepEqual(select.listed(state).map((talk) => talk.id), ["early", "late", "theirs", "ended"]);
});

test("before the first word, the wait counts from the pairing", () => {
  assert.equal(select.awaitingSince(play(welcome([entry("a")])).talks.a), T0);
});

test("columns are the last looked at, in the order in which they came", () => {
  const state = play(welcome(["a", "b", "c", "d"].map((id) => entry(id))), { type: "focus", id: "d" }, { type: "focus", id: "b" });
  assert.deepEqual(select.columns(state, 3).map((talk) => talk.id), ["b", "c", "d"]);
  assert.deepEqual(select.columns(state, 1).map((talk) => talk.id), ["b"]);
});

test("the focused talk always has a column", () => {
  const state = play(welcome(["a", "b", "c"].map((id) => entry(id))));
  assert.deepEqual(select.columns(state, 1).map((talk) => talk.id), ["a"]);
  assert.deepEqual(select.columns(state, 2).map((talk) => talk.id), ["a", "c"]);
});

test("typing shows, and fades without another word", () => {
  const state = play(welcome([entry("a")]), { type: "typing", conversation: "a", who: "visitor", on: true });
  assert.equal(select.isTyping(state, state.talks.a), true);
  const later = reduce(state, { type: "tick", at: T0 - 3600_000 + 9_000 });
  assert.equal(select.isTyping(later, later.talks.a), false);
});

test("a line ends the typing", () => {
  const state = play(welcome([entry("a")]), { type: "typing", conversation: "a", who: "visitor", on: true }, line("a", 1));
  assert.equal(select.isTyping(state, state.talks.a), false);
});

test("presence says whether the visitor is here", () => {
  const state = play(welcome([entry("a")]), { type: "presence", conversation: "a", who: "visitor", online: false });
  assert.equal(state.talks.a.visitor.online, false);
});

test("an ended talk stays until it is put away", () => {
  const state = play(welcome([entry("a")]), { type: "closed", conversation: "a", reason: "window" });
  assert.equal(state.talks.a.ended, "window");
  assert.deepEqual(reduce(state, { type: "dismiss", id: "a" }).order, []);
});

test("a running talk can not be put away", () => {
  const state = play(welcome([entry("a")]));
  assert.equal(reduce(state, { type: "dismiss", id: "a" }), state);
});

test("putting a talk away forgets its draft and moves the focus", () => {
  const state = play(
    welcome([entry("a"), entry("b")]), { type: "draft", id: "a", draft: { text: "まだ" } },
    { type: "closed", conversation: "a", reason: "visitor" }, { type: "dismiss", id: "a" },
  );
  assert.deepEqual(state.drafts, {});
  assert.equal(state.focus, "b");
});

test("a talk that is gone after a lost connection is said to be gone", () => {
  const state = play(welcome([entry("a"), entry("b")]), { type: "link", state: "lost" }, welcome([entry("b")]));
  assert.equal(state.talks.a.ended, "gone");
  assert.equal(state.talks.b.ended, null);
});

test("a talk taken away and given again goes on with its lines", () => {
  const state = play(
    welcome([entry("a")]), line("a", 1), { type: "unassigned", conversation: "a", reason: "unconfirmed" },
    { type: "assigned", ...entry("a", { last_seq: 1 }) },
  );
  assert.equal(state.talks.a.ended, null);
  assert.deepEqual(seqs(state, "a"), [1]);
});

test("a welcome after a lost connection keeps lines, drafts and focus", () => {
  const state = play(
    welcome([entry("a"), entry("b")]), line("b", 1), { type: "focus", id: "b" },
    { type: "draft", id: "b", draft: { text: "途中" } }, welcome([entry("a"), entry("b", { last_seq: 2 })]),
  );
  assert.deepEqual([state.focus, state.drafts.b.text, seqs(state, "b")], ["b", "途中", [1]]);
  assert.deepEqual(select.cursors(state), { a: 0, b: 1 });
});

test("a refused close can be tried again", () => {
  const state = play(welcome([entry("a")]), { type: "closing", id: "a" }, { type: "error", code: "unavailable", retry_after_s: 3 });
  assert.equal(state.talks.a.isClosing, false);
  assert.deepEqual(state.notice, { code: "unavailable", retryAfterS: 3 });
});

test("a refused line is the line's affair, not the whole desk's", () => {
  const state = play(
    welcome([entry("a")]), { type: "pending", entries: [{ id: "m", conversation: "a", body: "あ", state: "sending" }] },
    { type: "error", code: "body_too_long", ref: "m" },
  );
  assert.equal(state.notice, null);
});

test("the end of the window is told", () => {
  const state = play(welcome(), { type: "window.closing", closes_at: iso(T0 + 600_000), ends_at: iso(T0 + 2_400_000) });
  assert.deepEqual(state.closing, { closesAt: T0 + 600_000, endsAt: T0 + 2_400_000 });
});

test("the four numbers add up the lanes and tick on", () => {
  const lanes = [
    { audience: "youth", language: "ja", waiting: 2, oldest_wait_s: 100 },
    { audience: "general", language: "ja", waiting: 1, oldest_wait_s: 300 },
  ];
  const state = play(welcome(), { type: "queue.stats", lanes, counselors: { available: 2, busy: 1, away: 0 }, free_slots: 4 });
  assert.deepEqual(select.fourNumbers(state.stats, state.now + 5_000), { waiting: 3, oldestS: 305, free: 4, available: 2 });
});

test("the availability follows another tab", () => {
  const state = play(welcome(), { type: "availability", state: "away", capacity: 5, wrap_up_s: 180, back_at: iso(T0 + 60_000) });
  assert.deepEqual(state.availability, { state: "away", capacity: 5, wrapUpS: 180, backAt: T0 + 60_000 });
});

test("what was asked for stands at once, and a change of one thing keeps the others", () => {
  const ask = (state, wanted) => reduce(state, { type: "availability", wanted });
  const state = ask(ask(play(welcome()), { state: "away", capacity: 1 }), { state: "available" });
  assert.deepEqual(state.availability, { state: "available", capacity: 1, wrapUpS: 0, backAt: null });
  assert.equal(ask(state, { state: "away", back_in_s: 300 }).availability.backAt, T0 + 300_000);
});

test("new talks come to a counselor's desk, not to that of a supervisor who has taken one over", () => {
  const me = { id: "2", name: "サラ", role: "supervisor", organization: "あかりの会" };
  assert.deepEqual([select.takesTalks(play(welcome())), select.takesTalks(play(welcome([], { me })))], [true, false]);
});
