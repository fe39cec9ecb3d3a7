import assert from "node:assert/strict";
import { test } from "node:test";
import * as beside from "../../../staff/static/staff/desk-beside.js";
import * as select from "../../../staff/static/staff/desk-select.js";
import { reduce } from "../../../staff/static/staff/desk-state.js";
import { LOCAL, T0, entry, iso, line, play, welcome } from "./desk-makers.js";

const note = (id, kind = "note", extra = {}) => ({ type: "note", conversation: "a", id, kind, author: "サラ", body: "気になる", at: iso(T0), ...extra });
const handoff = (extra = {}) => ({
  type: "handoff", handoff: "h", conversation: "a", state: "offered", is_own: true, giver: "はる", to: null, audience: "youth",
  language: "ja", urgency: 0, summary: "", expires_at: iso(T0 + 120_000), ...extra,
});
const emergency = (extra = {}) => ({
  type: "emergency", emergency: "e", conversation: "a", called_by: "はる", called_at: iso(T0), drill: false, second: null, came_at: null,
  checks: {}, decision: null, ground: null, ...extra,
});
const asked = (about, frame, talk = "a") => ({ type: "asked", about, talk, frame });

// --- notes and whispers ---

test("a note stands beside the talk, once, and is no line of it", () => {
  const state = play(welcome([entry("a")]), line("a", 1), note("n"), note("n"));
  assert.deepEqual(state.talks.a.notes.map((one) => one.id), ["n"]);
  assert.deepEqual(state.talks.a.lines.map((one) => one.seq), [1]);
});

test("a whisper is seen until it was read, and is told from a note", () => {
  const state = play(welcome([entry("a")]), note("n"), note("w", "whisper"));
  assert.equal(select.unseenWhisper(state.talks.a).id, "w");
  const read = reduce(state, { type: "whisper.seen", id: "a" });
  assert.equal(select.unseenWhisper(read.talks.a), null);
});

test("a whisper that was read before, here or on another device, does not come up again; a newer one does", () => {
  const before = play(welcome([entry("a")]), note("w", "whisper", { is_read: true }));
  assert.equal(select.unseenWhisper(before.talks.a), null);
  const newer = reduce(before, { type: "frame", frame: note("x", "whisper", { at: iso(T0 + 1) }), at: LOCAL });
  assert.equal(select.unseenWhisper(newer.talks.a).id, "x");
  const elsewhere = reduce(newer, { type: "frame", frame: { type: "whisper.read", conversation: "a", whisper: "x" }, at: LOCAL });
  assert.equal(select.unseenWhisper(elsewhere.talks.a), null);
  const late = reduce(elsewhere, { type: "frame", frame: { type: "whisper.read", conversation: "a", whisper: "w" }, at: LOCAL });
  assert.equal(select.unseenWhisper(late.talks.a), null);
});

test("a note that was kept empties its box; one that was refused says why and keeps its words", () => {
  const frame = { id: "n", type: "note.add" };
  const before = play(welcome([entry("a")]), { type: "draft", id: "a", draft: { memo: "気になる" } }, asked("note", frame));
  assert.equal(beside.isAsking(before, "note", "a"), true);
  assert.equal(reduce(before, { type: "frame", frame: note("n"), at: LOCAL }).drafts.a.memo, "");
  const refused = reduce(before, { type: "frame", frame: { type: "error", code: "unavailable", ref: "n" }, at: LOCAL });
  assert.equal(refused.drafts.a.memo, "気になる");
  assert.deepEqual(refused.troubles["note a"], { code: "unavailable", retryAfterS: 0 });
  assert.equal(refused.notice, null);
});

test("what was asked and not answered is asked again after a lost connection", () => {
  const frame = { id: "n", type: "note.add" };
  const state = play(welcome([entry("a")]), asked("note", frame), { type: "link", state: "lost" }, welcome([entry("a")]));
  assert.deepEqual(beside.openAsks(state), [frame]);
});

test("notes outlast a lost connection, helpers are told anew", () => {
  const helper = { type: "helper", conversation: "a", name: "サラ", mode: "whisper", on: true };
  const state = play(welcome([entry("a")]), note("n"), helper);
  assert.deepEqual(state.talks.a.helpers, [{ name: "サラ", mode: "whisper" }]);
  const again = reduce(state, { type: "frame", frame: welcome([entry("a")]), at: LOCAL });
  assert.deepEqual([again.talks.a.notes.length, again.talks.a.helpers.length], [1, 0]);
});

// --- handing over ---

test("an own offer stands with its talk until it ends", () => {
  const state = play(welcome([entry("a")]), handoff({ to: "あき" }));
  assert.deepEqual(state.talks.a.offer, { handoff: "h", state: "offered", to: "あき", expiresAt: T0 + 120_000 });
  const ended = reduce(state, { type: "frame", frame: handoff({ state: "declined" }), at: LOCAL });
  assert.equal(ended.talks.a.offer.state, "declined");
  assert.equal(reduce(ended, { type: "offer.seen", id: "a" }).talks.a.offer, null);
});

test("another's offer is there until it ends, is let pass, or runs out", () => {
  const offer = handoff({ is_own: false, conversation: "z" });
  const state = play(welcome(), offer);
  assert.deepEqual(select.openOffers(state).map((one) => one.id), ["h"]);
  const ended = reduce(state, { type: "frame", frame: { ...offer, state: "accepted" }, at: LOCAL });
  assert.deepEqual(select.openOffers(ended), []);
  assert.deepEqual(select.openOffers(reduce(state, { type: "offer.passed", id: "h" })), []);
  assert.deepEqual(select.openOffers(reduce(state, { type: "tick", at: LOCAL + 121_000 })), []);
});

test("a talk that was handed over says so", () => {
  const state = play(welcome([entry("a")]), { type: "unassigned", conversation: "a", reason: "handed_off" });
  assert.equal(state.talks.a.ended, "handed_off");
});

test("a talk that a supervisor has moved says so, a lost one that the visitor waits again", () => {
  const moved = play(welcome([entry("a")]), { type: "unassigned", conversation: "a", reason: "taken_over" });
  const lost = play(welcome([entry("a")]), { type: "unassigned", conversation: "a", reason: "counselor_lost" });
  assert.deepEqual([moved.talks.a.ended, lost.talks.a.ended], ["moved", "unassigned"]);
});

// --- emergencies and referrals ---

test("a call shows who has come, what was asked, and that nobody is there", () => {
  const called = play(welcome([entry("a")]), emergency({ supervisors_here: 0 }));
  assert.deepEqual([called.talks.a.call.second, called.talks.a.call.nobodyHere], [null, true]);
  const frame = emergency({ second: "サラ", came_at: iso(T0 + 5_000), checks: { place: iso(T0) }, supervisors_here: 1 });
  const came = reduce(called, { type: "frame", frame, at: LOCAL }).talks.a.call;
  assert.deepEqual([came.second, came.cameAt, Object.keys(came.checks), came.nobodyHere], ["サラ", T0 + 5_000, ["place"], false]);
});

test("an open call that is not told again is over; a decided one is still shown", () => {
  const open = play(welcome([entry("a")]), emergency(), welcome([entry("a")]));
  const decided = play(welcome([entry("a")]), emergency({ decision: "refer", ground: "consent" }), welcome([entry("a")]));
  assert.equal(open.talks.a.call, null);
  assert.equal(decided.talks.a.call.decision, "refer");
});

test("a referral is followed in its place until it is closed", () => {
  const referral = (extra) => ({
    type: "referral", referral: "r", conversation: "a", kind: "police", service: "港警察署", opened_at: iso(T0), called_at: null,
    closed_at: null, drill: false, ...extra,
  });
  const state = play(welcome([entry("a")]), referral(), referral({ called_at: iso(T0 + 1), closed_at: iso(T0 + 2) }));
  assert.deepEqual(state.talks.a.referrals.map((one) => [one.id, one.calledAt, one.closedAt]), [["r", T0 + 1, T0 + 2]]);
});

test("the record of an ended talk is asked for once", () => {
  const state = play(welcome([entry("a")]), { type: "closed", conversation: "a", reason: "visitor" }, asked("record", { id: "r" }));
  assert.equal(select.canRecord(state.talks.a), true);
  assert.equal(select.canRecord(reduce(state, { type: "frame", frame: { type: "done", id: "r" }, at: LOCAL }).talks.a), false);
});

// --- drafts ---

const draftFrame = (body, box = "message") => ({ type: "draft", conversation: "a", box, body });

test("what is typed is to be saved until the server has just that", () => {
  const state = play(welcome([entry("a")]), { type: "draft", id: "a", draft: { text: "こん" } });
  assert.deepEqual(beside.unsavedDrafts(state), [{ type: "draft.save", conversation: "a", box: "message", body: "こん" }]);
  const later = reduce(state, { type: "draft", id: "a", draft: { text: "こんば" } });
  assert.equal(beside.unsavedDrafts(reduce(later, { type: "frame", frame: draftFrame("こん"), at: LOCAL })).length, 1);
  assert.deepEqual(beside.unsavedDrafts(reduce(later, { type: "frame", frame: draftFrame("こんば"), at: LOCAL })), []);
});

test("a draft of another device comes in, unless something newer is typed here", () => {
  const other = play(welcome([entry("a")]), draftFrame("別の画面から"));
  assert.equal(other.drafts.a.text, "別の画面から");
  const typed = play(welcome([entry("a")]), { type: "draft", id: "a", draft: { text: "ここで" } }, draftFrame("別の画面から"));
  assert.equal(typed.drafts.a.text, "ここで");
});

test("the note's box and the message's are two drafts", () => {
  const state = play(welcome([entry("a")]), draftFrame("言葉"), draftFrame("メモ", "note"));
  assert.deepEqual([state.drafts.a.text, state.drafts.a.memo], ["言葉", "メモ"]);
});

test("drafts of talks that have ended are not saved any more", () => {
  const state = play(
    welcome([entry("a")]), { type: "draft", id: "a", draft: { text: "まだ" } }, { type: "closed", conversation: "a", reason: "visitor" },
  );
  assert.deepEqual(beside.unsavedDrafts(state), []);
});
