import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogs } from "../../../staff/static/staff/desk-log.js";
import { entry, line, play, welcome } from "./desk-makers.js";

const LINES = Array.from({ length: 200 }, (_, index) => line("a", index + 1));

/** A log as the browser has it: it never stands below its end. */
function fakeLog() {
  let top = 0;
  return {
    clientHeight: 400, clientWidth: 300, scrollHeight: 4000, offsetParent: {}, children: [],
    closest: () => ({ dataset: { talk: "a" } }),
    get scrollTop() {
      return top;
    },
    set scrollTop(value) {
      top = Math.max(0, Math.min(value, this.scrollHeight - this.clientHeight));
    },
  };
}

function desk({ grows = 0, state = play(welcome([entry("a")]), ...LINES) } = {}) {
  const log = fakeLog();
  const ui = { room: 1, below: new Set(), from: new Map() };
  const page = { draws: 0, state };
  const root = { querySelectorAll: () => [log], querySelector: () => log };
  const drawAtOnce = () => {
    logs.beforeDrawing();
    log.scrollHeight += grows;
    logs.drawn();
  };
  const logs = createLogs({ root, ui, state: () => page.state, draw: () => (page.draws += 1), drawAtOnce });
  logs.drawn();
  return { log, ui, page, logs, draw: drawAtOnce };
}

test("a log at its end follows the newest line", () => {
  const { log, draw } = desk({ grows: 50 });
  assert.equal(log.scrollTop, 3600);
  draw();
  assert.equal(log.scrollTop, 3650);
});

test("a drawing between a reader's scroll and its event leaves the log where the reader is", () => {
  const { log, ui, draw } = desk({ grows: 50 });
  log.scrollTop = 2000;
  draw();
  assert.equal(log.scrollTop, 2000);
  assert.deepEqual([...ui.below], ["a"]);
});

test("a log that has become smaller, or was moved by that, was not scrolled by anybody", () => {
  const { log, ui, draw } = desk();
  log.clientHeight = 200;
  draw();
  assert.equal(log.scrollTop, 3800);
  log.clientWidth = 200;
  log.scrollTop = 3000;
  draw();
  assert.deepEqual([log.scrollTop, ui.below.size], [3800, 0]);
});

test("to the newest line it goes even where a scroll was not told of yet", () => {
  const { log, ui, logs, page, draw } = desk();
  log.scrollTop = 2000;
  logs.acts.scrolled("a", log);
  assert.deepEqual([ui.below.has("a"), page.draws], [true, 1]);
  log.scrollTop = 1900;
  logs.acts.toNewest("a");
  draw();
  assert.deepEqual([log.scrollTop, ui.below.has("a")], [3600, false]);
});

test("near the top some earlier lines are drawn, and what is on the screen stays there", () => {
  const { log, ui, logs } = desk({ grows: 700 });
  log.scrollTop = 500;
  logs.acts.scrolled("a", log);
  assert.deepEqual([log.scrollTop, ui.from.get("a")], [1200, 110]);
  for (let left = 11; left > 0; left -= 1) logs.acts.earlier("a");
  const top = log.scrollTop;
  logs.acts.earlier("a");
  assert.deepEqual([ui.from.get("a"), log.scrollTop], [0, top]);
});

test("what was drawn by reading upward stays when one is at the end again", () => {
  const { log, ui, logs } = desk({ grows: 700 });
  logs.acts.earlier("a");
  log.scrollTop = log.scrollHeight;
  logs.acts.scrolled("a", log);
  assert.deepEqual([ui.below.has("a"), ui.from.get("a")], [false, 110]);
});

test("a talk that is no column any more is drawn from its end when it is one again", () => {
  const { ui, page, logs, draw } = desk();
  logs.acts.earlier("a");
  page.state = play(welcome([entry("a"), entry("b")]), ...LINES, { type: "focus", id: "b" });
  draw();
  assert.deepEqual([ui.below.size, ui.from.size], [0, 0]);
});

test("a chunk that is far from what is in sight is left out, and keeps its height", () => {
  const { log, draw } = desk();
  const chunk = (offsetTop, offsetHeight) => ({ offsetTop, offsetHeight, dataset: {}, style: {}, classList: { contains: () => true } });
  log.children = [chunk(0, 700), chunk(700, 640), chunk(2500, 700)];
  draw();
  assert.deepEqual(log.children.map((one) => one.style.containIntrinsicBlockSize), ["auto 700px", "auto 640px", undefined]);
  log.scrollTop = 0;
  draw();
  assert.deepEqual(log.children.map((one) => one.dataset.kept), ["yes", "yes", "yes"]);
});
