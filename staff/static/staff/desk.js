/** The desk's wiring: socket and outbox in, state in the middle, views out. */

import { createOutbox } from "../chat/outbox.js";
import { openSocket } from "../chat/socket.js";
import { watchActivity } from "./activity.js";
import { render } from "./vendor/lit-html-3.3.3/lit-html.js";
import { cursors, missing, newCount, toConfirm, unreadTotal } from "./desk-select.js";
import { initial, reduce } from "./desk-state.js";
import { deskView } from "./desk-view.js";
import { forgetAtSignOut, keepFor } from "./keep.js";
import { createSound } from "./sound.js";
import { createTypist } from "./typist.js";
import { audienceName, politeName } from "./words.js";

const READ_AFTER_MS = 300;
const RETRY_AFTER_S = 5;

const root = document.getElementById("desk");
const status = document.getElementById("status");
const keep = keepFor(root.dataset.user);
const sound = createSound();
const asked = new Map(); // conversation → when its missing lines were seen and asked for
const ui = {
  room: 1, isAboutOpen: false, isLoud: sound.isLoud(), below: new Set(), loginUrl: root.dataset.login,
};
let state = reduce(initial(), { type: "drafts", drafts: keep.load() });
let isDrawing = false;
let readTimer = null;
let retryTimer = null;

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

function dispatch(action) {
  const next = reduce(state, action);
  if (next === state) return;
  if (next.drafts !== state.drafts) keep.save(next.drafts);
  state = next;
  draw();
}

/** Drawn in a microtask, not in an animation frame: a tab in the background confirms its new talks too. */
function draw() {
  if (isDrawing) return;
  isDrawing = true;
  queueMicrotask(() => {
    isDrawing = false;
    render(deskView(state, ui, act), root);
    afterDrawing();
  });
}

function afterDrawing() {
  for (const log of root.querySelectorAll(".log")) {
    if (!ui.below.has(log.closest(".talk").dataset.talk)) log.scrollTop = log.scrollHeight;
  }
  for (const frame of toConfirm(state)) {
    if (socket.send(frame)) dispatch({ type: "confirmed", id: frame.conversation });
  }
  markReadSoon();
  const count = unreadTotal(state) + newCount(state);
  document.title = count ? `(${count}) 相談デスク` : "相談デスク";
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
    if (before.isReady) say("つながりました。");
    outbox.resendAll();
  }
  if (frame.type === "message.ack") outbox.acked(frame.id, frame.seq, frame.sent_at);
  if (frame.type === "message" && frame.sender === "counselor") outbox.acked(frame.id, frame.seq, frame.sent_at);
  if (frame.type === "error" && frame.ref) refused(frame);
  if (["welcome", "message.ack", "message", "error"].includes(frame.type)) refreshPending();
  announce(frame, before);
}

function announce(frame, before) {
  if (frame.type === "assigned" && !before.talks[frame.conversation]) {
    sound.play();
    say(`新しい相談がつながりました。${politeName(frame.visitor)}、${audienceName(frame.visitor.audience)}。`);
  }
  const talk = state.talks[frame.conversation];
  if (frame.type === "message" && frame.sender === "visitor" && talk && talk.id !== state.focus) {
    say(`${politeName(talk.visitor)}から新しい言葉が届きました。`);
  }
}

function say(words) {
  status.textContent = words;
}

function refreshPending() {
  dispatch({ type: "pending", entries: outbox.entries() });
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

const act = {
  dismiss(id) {
    for (const entry of outbox.entries()) if (entry.conversation === id) outbox.remove(entry.id);
    refreshPending();
    dispatch({ type: "dismiss", id });
  },
  noticed: () => dispatch({ type: "noticed" }),
  retryNow: () => socket.retryNow(),
  focus: (id) => dispatch({ type: "focus", id }),
  draft: (id, draft) => dispatch({ type: "draft", id, draft }),
  toggleSound() {
    sound.toggle();
    ui.isLoud = sound.isLoud();
    draw();
  },
  setAvailability(wanted) {
    if (socket.send({ type: "availability.set", ...wanted })) dispatch({ type: "availability", wanted });
  },
  open(id) {
    ui.isAboutOpen = false;
    dispatch({ type: "focus", id });
    draw();
    if (matchMedia("(pointer: fine)").matches) queueMicrotask(() => document.getElementById(`text-${id}`)?.focus());
  },
  toggleAbout(id) {
    ui.isAboutOpen = !ui.isAboutOpen;
    dispatch({ type: "focus", id });
    draw();
  },
  typed(id, area) {
    dispatch({ type: "draft", id, draft: { text: area.value } });
    typist.typed(id, area.value !== "");
  },
  key(event, id) {
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !isComposing) act.submit(event, id);
  },
  submit(event, id) {
    event.preventDefault();
    const text = (state.drafts[id]?.text ?? "").trim();
    if (!text || [...text].length > 2000 || state.talks[id]?.ended) return;
    ui.below.delete(id);
    outbox.add(text, { conversation: id });
    typist.sent(id);
    dispatch({ type: "draft", id, draft: { text: "" } });
    refreshPending();
  },
  sendAgain(id) {
    outbox.resend(id);
    refreshPending();
  },
  close(event, id) {
    event.preventDefault();
    const { outcome, note = "" } = state.drafts[id] ?? {};
    if (!outcome) return;
    const frame = { type: "conversation.close", conversation: id, outcome, ...(note.trim() ? { note: note.trim() } : {}) };
    if (socket.send(frame)) dispatch({ type: "closing", id });
  },
  scrolled(id, log) {
    if (log.offsetParent === null) return;
    const isBelow = log.scrollHeight - log.scrollTop - log.clientHeight > 60;
    if (isBelow === ui.below.has(id)) return;
    if (isBelow) ui.below.add(id);
    else ui.below.delete(id);
    draw();
  },
  toNewest(id) {
    ui.below.delete(id);
    draw();
  },
};

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
document.addEventListener("visibilitychange", draw);
setInterval(() => {
  dispatch({ type: "tick", at: Date.now() });
  askForMissing(Date.now());
}, 1_000);
