/** The desk's wiring: socket and outbox in, state in the middle, views out. */

import { createOutbox } from "../chat/outbox.js";
import { openSocket } from "../chat/socket.js";
import { watchActivity } from "./activity.js";
import { openAsks, unsavedDrafts } from "./desk-beside.js";
import { createActs } from "./desk-do.js";
import { createLogs } from "./desk-log.js";
import { createNews } from "./desk-news.js";
import { cursors, missing, toConfirm } from "./desk-select.js";
import { initial, reduce } from "./desk-state.js";
import { deskView } from "./desk-view.js";
import { forgetAtSignOut, keepFor, switchOf } from "./keep.js";
import { createSound } from "./sound.js";
import { createTypist } from "./typist.js";
import { render } from "./vendor/lit-html-3.3.3/lit-html.js";

const READ_AFTER_MS = 300;
const RETRY_AFTER_S = 5;
const DRAW_EVERY_MS = 16; // at most: a long talk comes as thousands of frames
const SAVE_AGAIN_MS = 10_000;

const root = document.getElementById("desk");
const status = document.getElementById("status");
const keep = keepFor(root.dataset.user);
const sound = createSound();
const news = createNews({ sound, say, icon: document.querySelector('link[rel="icon"]'), loudIcon: root.dataset.newsIcon });
const asked = new Map(); // conversation → when its missing lines were seen and asked for
const savedAs = new Map(); // conversation and box → the draft that was sent last, and when
const ui = {
  room: 1, isPanelOpen: false, tab: "about", areSettingsOpen: false, isLoud: sound.isLoud(), hasKeys: switchOf("keys").isOn(),
  below: new Set(), from: new Map(), moments: new Set(), slash: { at: 0, closedFor: null }, ready: JSON.parse(root.dataset.ready), readySearch: "",
  isReferring: false, directorySearch: "", dismissedWarning: null, nextAfter: null, opening: null, loginUrl: root.dataset.login,
};
let state = reduce(initial(), { type: "drafts", drafts: keep.load() });
let drawnAt = 0;
let isDrawing = false;
let readTimer = null;
let retryTimer = null;
let focusNext = null;

const socket = openSocket({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/staff/`,
  hello: () => ({ type: "hello", v: 1, cursors: cursors(state) }),
  onFrame: received,
  onState: (link, info) => dispatch({ type: "link", state: link, code: info?.code ?? null }),
});
const outbox = createOutbox({
  storageKey: keep.outboxKey,
  send: ({ id, body, conversation }) => socket.send({ type: "message.send", conversation, id, body }),
});
const typist = createTypist((conversation, on) => socket.send({ type: "typing", conversation, on }));
const logs = createLogs({ root, ui, draw, drawAtOnce: drawNow, state: () => state });
const act = createActs({
  root, ui, socket, outbox, typist, sound, logs, dispatch, draw, refreshPending, saveDrafts, state: () => state,
  focusOn(id) {
    focusNext = id;
    draw();
  },
});

function dispatch(action) {
  const next = reduce(state, action);
  if (next === state) return;
  if (next.drafts !== state.drafts) keep.save(next.drafts);
  state = next;
  draw();
}

/** Drawn in a microtask or a timer, not in an animation frame: a tab in the background confirms its new talks too. */
function draw() {
  if (isDrawing) return;
  isDrawing = true;
  const wait = drawnAt + DRAW_EVERY_MS - performance.now();
  if (wait > 0) setTimeout(drawNow, wait);
  else queueMicrotask(drawNow);
}

function drawNow() {
  isDrawing = false;
  drawnAt = performance.now();
  logs.beforeDrawing();
  render(deskView(state, ui, act), root);
  logs.drawn();
  if (focusNext) {
    const place = document.getElementById(focusNext);
    place?.focus();
    place?.setSelectionRange?.(place.value.length, place.value.length);
    focusNext = null;
  }
  for (const frame of toConfirm(state)) {
    if (socket.send(frame)) dispatch({ type: "confirmed", id: frame.conversation });
  }
  markReadSoon();
  news.drawn(state);
}

/** What stands in the focused talk, at its end, before eyes that are here, is read: told after a moment, for all that came. */
function markReadSoon() {
  readTimer ??= setTimeout(() => {
    readTimer = null;
    markRead();
  }, READ_AFTER_MS);
}

function markRead() {
  const talk = state.talks[state.focus];
  const isSeen = document.visibilityState === "visible" && document.hasFocus() && !isLogHidden();
  if (!talk || talk.ended || !isSeen || ui.below.has(talk.id)) return;
  const seq = talk.lines.findLast((line) => line.sender !== "counselor")?.seq ?? 0;
  if (seq > talk.read.counselor && socket.send({ type: "read", conversation: talk.id, seq })) {
    dispatch({ type: "read", id: talk.id, seq });
  }
}

function isLogHidden() {
  return root.querySelector('.talk[data-focus="true"] .log')?.offsetParent === null;
}

function received(frame) {
  const before = state;
  dispatch({ type: "frame", frame, at: Date.now() });
  if (frame.type === "welcome") {
    outbox.resendAll();
    for (const one of openAsks(state)) socket.send(one);
    if (before.isReady) socket.send({ type: "ready.look" }); // a change may have gone by unheard
    savedAs.clear();
    saveDrafts();
  }
  if (frame.type === "ready") useReady(frame.groups);
  if (frame.type === "message.ack") outbox.acked(frame.id, frame.seq, frame.sent_at);
  if (frame.type === "message" && frame.sender === "counselor") outbox.acked(frame.id, frame.seq, frame.sent_at);
  if (frame.type === "error" && frame.ref) refused(frame);
  if (["welcome", "message.ack", "message", "error"].includes(frame.type)) refreshPending();
  if (frame.type === "closed") act.afterClosing(frame.conversation);
  if (frame.type === "assigned" && frame.conversation === ui.opening) {
    ui.opening = null;
    act.open(frame.conversation);
  }
  news.heard(frame, before, state);
}

function useReady(groups) {
  ui.ready = groups;
  ui.slash.at = 0;
  draw();
}

function say(text) {
  status.textContent = text;
}

function refreshPending() {
  dispatch({ type: "pending", entries: outbox.entries() });
}

/** Send the drafts that the server does not have; again where it has not answered for ten seconds. */
function saveDrafts() {
  const now = performance.now();
  for (const frame of unsavedDrafts(state)) {
    const key = `${frame.conversation} ${frame.box}`;
    const last = savedAs.get(key);
    if (last && last.body === frame.body && now - last.at < SAVE_AGAIN_MS) continue;
    if (socket.send(frame)) savedAs.set(key, { body: frame.body, at: now });
  }
}

/** Ask again for lines that a hint has told of and that did not come within 2 s; at most every 5 s. */
function askForMissing(now) {
  const frames = missing(state);
  const ids = new Set(frames.map((frame) => frame.conversation));
  for (const id of asked.keys()) if (!ids.has(id)) asked.delete(id);
  for (const frame of frames) {
    const due = asked.get(frame.conversation) ?? now + 2_000;
    asked.set(frame.conversation, now >= due && socket.send(frame) ? now + 5_000 : due);
  }
}

/** What was refused stays with its talk, to be sent again; without a talk on the desk nobody could. */
function refused({ ref, code, retry_after_s: afterS }) {
  const entry = outbox.entries().find((one) => one.id === ref);
  if (entry && !state.talks[entry.conversation]) outbox.remove(ref);
  else outbox.failed(ref, code);
  if (!["too_many", "unavailable"].includes(code)) return;
  clearTimeout(retryTimer);
  retryTimer = setTimeout(() => {
    outbox.resendAll();
    refreshPending();
  }, (afterS ?? RETRY_AFTER_S) * 1000);
}

/** Three columns at 1280 px, five on wide screens, one with tabs below 1000 px. */
function measure() {
  const width = innerWidth;
  ui.room = width < 1000 ? 1 : width < 1240 ? 2 : width < 1540 ? 3 : width < 1800 ? 4 : 5;
  draw();
}

forgetAtSignOut();
watchActivity(() => socket.send({ type: "activity" }));
refreshPending();
measure();
addEventListener("resize", measure);
addEventListener("focus", draw);
addEventListener("keydown", act.deskKey);
addEventListener("pointerdown", act.closeSettings);
addEventListener("pagehide", saveDrafts);
document.addEventListener("visibilitychange", () => {
  saveDrafts();
  draw();
});
setInterval(() => {
  dispatch({ type: "tick", at: Date.now() });
  askForMissing(Date.now());
  saveDrafts();
}, 1_000);
