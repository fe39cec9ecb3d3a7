import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf, tabFor } from "../../../staff/static/staff/desk-keys.js";
import * as select from "../../../staff/static/staff/desk-select.js";
import { matches, slashKey } from "../../../staff/static/staff/desk-slash.js";
import { reduce } from "../../../staff/static/staff/desk-state.js";
import { LOCAL, T0, entry, iso, line, play, welcome } from "./desk-makers.js";

const press = (code, extra = {}) => ({
  code, key: code, altKey: true, ctrlKey: false, metaKey: false, shiftKey: false, isComposing: false, keyCode: 40, ...extra,
});
const READY = [
  { title: "あいさつ", language: "ja", sentences: ["こんばんは。", "お待たせしました。"] },
  { title: "Greetings", language: "en", sentences: ["Hello."] },
];
const ui = (extra = {}) => ({ ready: READY, slash: { at: 0, closedFor: null }, ...extra });
const desk = (text, visitor = {}) =>
  play(welcome([entry("a", { visitor: { ...entry("a").visitor, ...visitor } })]), { type: "draft", id: "a", draft: { text } });
const found = (state, given = ui()) => matches(state, given, state.talks.a)?.map((one) => one.body) ?? null;

// --- keys of the desk ---

test("Alt and the arrows move between talks, letters open tabs", () => {
  assert.deepEqual(commandOf(press("ArrowDown")), { move: 1 });
  assert.deepEqual(commandOf(press("ArrowUp")), { move: -1 });
  assert.deepEqual([commandOf(press("KeyN")), commandOf(press("KeyE"))], [{ tab: "note" }, { tab: "end" }]);
});

test("without Alt, with another key beside it, or while composing, no key is taken", () => {
  for (const extra of [{ altKey: false }, { ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { isComposing: true }, { keyCode: 229 }]) {
    assert.equal(commandOf(press("ArrowDown", extra)), null);
  }
});

test("Alt and an arrow open a select as ever", () => {
  assert.equal(commandOf(press("ArrowDown", { target: { tagName: "SELECT" } })), null);
});

test("Alt and Enter end a talk in its form alone", () => {
  assert.equal(commandOf(press("Enter", { target: { closest: () => null } })), null);
  assert.deepEqual(commandOf(press("Enter", { target: { closest: (what) => what === ".closing" } })), { end: true });
});

test("arrows, Home and End go round the tabs", () => {
  const tabs = ["a", "b", "c"];
  assert.deepEqual(
    [tabFor("ArrowRight", tabs, "c"), tabFor("ArrowLeft", tabs, "a"), tabFor("End", tabs, "a"), tabFor("x", tabs, "a")],
    ["a", "c", "c", null],
  );
});

test("the next talk is the next of the list, round and round", () => {
  const state = play(welcome([entry("a"), entry("b")]));
  assert.deepEqual([select.neighbor(state, 1), select.neighbor(state, -1)], ["b", "b"]);
  assert.equal(select.neighbor(play(welcome()), 1), null);
});

test("after a talk comes the running one that waits longest", () => {
  const state = play(
    welcome([entry("a"), entry("b"), entry("c")]), line("c", 1, "visitor", T0 - 60_000), line("b", 1, "visitor", T0),
    { type: "closed", conversation: "a", reason: "counselor" },
  );
  assert.equal(select.nextAfter(state, "a"), "c");
});

// --- the slash ---

test("a slash at the start finds sentences of the talk's language, wherever the words stand", () => {
  assert.deepEqual(found(desk("/")), ["こんばんは。", "お待たせしました。"]);
  assert.deepEqual(found(desk("／待た")), ["お待たせしました。"]);
  assert.deepEqual(found(desk("/あいさつ こん")), ["こんばんは。"]);
  assert.deepEqual(found(desk("/", { language: "en" })), ["Hello."]);
});

test("where a language has no sentences all of them are offered", () => {
  assert.equal(found(desk("/", { language: "th" })).length, 3);
});

test("a slash elsewhere, or after Esc, is a slash", () => {
  assert.equal(found(desk("1/2")), null);
  assert.equal(found(desk("/待た"), ui({ slash: { at: 0, closedFor: "/待た" } })), null);
});

test("Enter chooses and never sends, not even where nothing fits", () => {
  const list = [{ body: "一" }, { body: "二" }];
  assert.deepEqual(slashKey({ key: "Enter" }, list, 1), { body: "二" });
  assert.deepEqual(slashKey({ key: "Enter" }, [], 0), { stay: true });
});

test("arrows go round the sentences; a key of a composition is the composition's", () => {
  const list = [{ body: "一" }, { body: "二" }];
  assert.deepEqual(slashKey({ key: "ArrowUp" }, list, 0), { at: 1 });
  assert.equal(slashKey({ key: "Enter", isComposing: true }, list, 0), null);
  assert.equal(slashKey({ key: "ArrowDown", keyCode: 229 }, list, 0), null);
});

// --- what is drawn, and what is said of the time ---

test("of a long talk the end is drawn, and more where somebody reads upward", () => {
  const talk = { lines: { length: 4400 } };
  assert.equal(select.firstShown(talk), 4400 - select.LINES_SHOWN);
  assert.equal(select.firstShown(talk, 4000), 4000);
  assert.equal(select.firstShown({ lines: { length: 5 } }, 100), 0);
  assert.equal(select.earlierThan(4000), 3990);
  assert.equal(select.earlierThan(0), 0);
});

test("lines are drawn in chunks that stay where they begin", () => {
  const starts = (count, from) => select.chunks({ length: count }, from).map(({ start, end }) => [start, end]);
  assert.deepEqual(starts(65, 40), [[40, 50], [50, 60], [60, 65]]);
  assert.deepEqual(starts(66, 40).slice(0, 2), starts(65, 40).slice(0, 2));
  assert.deepEqual(starts(0, 0), []);
  for (const count of [80, 81, 99, 100, 101]) assert.equal(select.firstShown({ lines: { length: count } }) % select.CHUNK, 0);
  assert.equal(select.firstShown({ lines: { length: 81 } }), 10);
});

test("the age of a wait goes in steps, and is over with our answer", () => {
  const state = play(welcome([entry("a")]), line("a", 1));
  const at = (minutes) => select.ageStep({ ...state, now: T0 + minutes * 60_000 }, state.talks.a);
  assert.deepEqual([at(0.5), at(1), at(3), at(5)], [0, 1, 2, 3]);
  const answered = play(welcome([entry("a")]), line("a", 1), line("a", 2, "counselor"));
  assert.equal(select.ageStep({ ...answered, now: T0 + 600_000 }, answered.talks.a), 0);
});

test("ten, five and one minutes before entry ends, and then before the talks end, it is said", () => {
  const told = play(welcome(), { type: "window.closing", closes_at: iso(T0 + 600_000), ends_at: iso(T0 + 2_400_000) });
  const at = (s) => {
    const warning = select.closingWarning(reduce(told, { type: "tick", at: LOCAL + s * 1000 }));
    return warning && [warning.kind, warning.step];
  };
  assert.deepEqual([at(0), at(299), at(300), at(540)], [["entry", 10], ["entry", 10], ["entry", 5], ["entry", 1]]);
  assert.deepEqual([at(601), at(1800), at(2341), at(2401)], [["talks", null], ["talks", 10], ["talks", 1], null]);
});

test("services are found by every word, in name or area", () => {
  const services = [{ name: "港警察署", area: "東京都港区" }, { name: "福祉事務所", area: "東京都北区" }];
  assert.deepEqual(select.servicesWith(services, "東京 警察").map((one) => one.name), ["港警察署"]);
});
