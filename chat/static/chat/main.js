/** The talk page: joins the socket, the outbox, the state and the view. */
import { createComposer } from "./composer.js";
import { createOutbox } from "./outbox.js";
import { say } from "./page.js";
import { createConnector } from "./poll.js";
import { hello, leave, messageSend, read } from "./protocol.js";
import { browser, openSocket } from "./socket.js";
import { hasTalked, initial, reduce } from "./state.js";
import { createView } from "./view.js";

const CUT_OFF_AFTER_MS = 2_000;
const SLOW_AFTER_MS = 8_000;
const RETRY_AFTER_S = 5;
const BEHIND_FOR_MS = 1_500; // what the heartbeat told of may be just behind it on the same line
const TITLE = document.title;

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
let state = initial();
let isCutOff = false;
let isSettled = false;
let readSent = 0;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let cutTimer;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let retryTimer;

const outbox = createOutbox({
  storageKey: "na.outbox",
  send: (entry) => state.phase === "paired" && socket.send(messageSend(entry.id, entry.body)),
});
const view = createView({
  onAgain: (id) => {
    outbox.resend(id);
    render();
  },
});
const composer = createComposer({
  onSend: (body) => {
    outbox.add(body);
    render();
    view.toBottom();
  },
  onTyping: (frame) => socket.send(frame),
  canSend: () => state.phase === "paired",
});

function render() {
  view.render(state, outbox.entries(), isCutOff);
  composer.look();
}

/** @param {import("./protocol.js").Frame} frame */
function take(frame) {
  const before = state;
  state = reduce(state, frame);
  if (state !== before) render();
  tell(before);
}

/** What follows from a change of state: words for the status, a mark in the title, an end. */
function tell(/** @type {import("./state.js").State} */ before) {
  if (state.phase === "paired" && before.phase === "waiting") view.announce("say.paired", { name: state.counselor });
  if (state.phase === "waiting" && before.phase === "paired") view.announce("say.requeued");
  if (state.phase === "closed" && !isSettled && state.lastSeq >= state.headSeq) ended();
  if (document.hidden && (state.headSeq > before.headSeq || (state.phase === "paired" && before.phase === "waiting"))) {
    document.title = `● ${TITLE}`;
  }
  if (state.isBehind && !before.isBehind) setTimeout(() => state.isBehind && socket.retryNow(), BEHIND_FOR_MS);
  markRead();
}

/** @param {import("./protocol.js").Frame} frame */
function received(frame) {
  switch (frame.type) {
    case "message.ack": {
      const entry = outbox.acked(frame.id, frame.seq, frame.sent_at);
      if (entry) take({ ...frame, type: "message", sender: "visitor", body: entry.body, conversation: state.conversation });
      return;
    }
    case "message":
      outbox.acked(frame.id, frame.seq, frame.sent_at); // the ack was lost, the replay tells
      return take(frame);
    case "error":
      return refused(frame);
    case "welcome":
    case "paired":
      take(frame);
      if (state.phase === "paired") outbox.resendAll();
      return render();
    default:
      take(frame);
  }
}

/** @param {import("./protocol.js").Frame} frame an error */
function refused(frame) {
  if (frame.ref) outbox.failed(frame.ref, frame.code);
  if (["too_many", "unavailable"].includes(frame.code)) {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(() => outbox.resendAll(), (frame.retry_after_s ?? RETRY_AFTER_S) * 1000);
  }
  render();
}

/** @param {import("./socket.js").LineState} line @param {{code: number}} [detail] */
function lineChanged(line, detail) {
  const wasCutOff = isCutOff;
  if (line === "open") {
    clearTimeout(cutTimer);
    cutTimer = undefined;
    isCutOff = false;
    byId("slow").hidden = true;
    if (wasCutOff) view.announce("say.back");
  } else if (cutTimer === undefined && line !== "ended") {
    cutTimer = setTimeout(() => {
      isCutOff = true;
      if (state.phase !== "connecting") view.announce("strip.lost");
      render();
    }, CUT_OFF_AFTER_MS);
  }
  take({ type: "line", line, code: detail?.code });
}

/** Tell that the counselor's words were seen: on the screen, and at the end of the talk. */
function markRead() {
  if (state.phase !== "paired" || document.hidden || !view.isAtBottom()) return;
  const heard = state.messages.filter((message) => message.sender === "counselor" && message.seq <= state.lastSeq).at(-1);
  if (heard && heard.seq > Math.max(readSent, state.read.visitor) && socket.send(read(heard.seq))) readSent = heard.seq;
}

/** The end, once its last words are here: what was never sent is shown once more, and this tab keeps nothing. */
function ended() {
  isSettled = true;
  const unsent = [...outbox.entries().map((entry) => entry.body), composer.draft()].filter((body) => body.trim());
  byId("unsent").hidden = unsent.length === 0;
  /** @type {HTMLTextAreaElement} */ (byId("unsent-words")).value = unsent.join("\n\n");
  outbox.clear();
  composer.clear();
  refreshServices();
  setTimeout(() => socket.close(), 2_000); // what is on its way still arrives
}

async function refreshServices() {
  try {
    const answer = await fetch("/api/v1/services");
    if (answer.ok) view.showServices((await answer.json()).services);
  } catch {
    // off line: the page shows what was so when it was loaded
  }
}

/** Ask before ending; where there is no dialog the button of the form does without. */
function askToLeave() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("ask"));
  const form = /** @type {HTMLFormElement} */ (byId("leave-form"));
  byId("ask-words").replaceChildren(say(hasTalked(state) ? "ask.leave" : "ask.stop"));
  if (dialog.showModal) dialog.showModal();
  else form.requestSubmit?.();
}

/** The soft keyboard covers the page on iOS: fit what is left. Not while pinched: that is reading. */
function fit() {
  const seen = window.visualViewport;
  if (!seen || seen.scale > 1.01) return;
  const root = document.documentElement.style;
  root.setProperty("--vh", `${seen.height}px`);
  root.setProperty("--vtop", `${seen.offsetTop}px`);
}

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const socket = openSocket({
  url: `${scheme}//${location.host}/ws/visitor/`,
  hello: () => hello(state.lastSeq),
  onFrame: received,
  onState: (line, detail) => queueMicrotask(() => lineChanged(line, detail)), // the first comes before `socket` is set
}, { ...browser(), connect: createConnector() });

setTimeout(() => {
  byId("slow").hidden = state.phase !== "connecting";
}, SLOW_AFTER_MS);
for (const id of ["leave", "leave-waiting"]) byId(id).addEventListener("click", askToLeave);
byId("stay").addEventListener("click", () => /** @type {HTMLDialogElement} */ (byId("ask")).close());
byId("leave-form").addEventListener("submit", (event) => {
  if (state.line !== "open" || !socket.send(leave())) return; // off line: the form itself is sent
  event.preventDefault();
  /** @type {HTMLDialogElement} */ (byId("ask")).close();
});
byId("here").addEventListener("click", () => {
  state = { ...state, phase: "connecting" };
  socket.retryNow();
});
byId("scroller").addEventListener("scroll", markRead, { passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  document.title = TITLE;
  markRead();
});
addEventListener("exit", () => socket.close());
window.visualViewport?.addEventListener("resize", fit);
window.visualViewport?.addEventListener("scroll", fit);
