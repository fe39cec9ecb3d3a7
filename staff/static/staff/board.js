/** The board's wiring. It listens, and asks for what a supervisor wants to see or change. */

import { openSocket } from "../chat/socket.js";
import { watchActivity } from "./activity.js";
import { render } from "./vendor/lit-html-3.3.3/lit-html.js";
import { initial, newlyWaiting, reduce, waitingTotal } from "./board-state.js";
import { boardView } from "./board-view.js";
import { forgetAtSignOut } from "./keep.js";
import { audienceName } from "./words.js";

const root = document.getElementById("board");
const status = document.getElementById("status");
const ui = { loginUrl: root.dataset.login };
let state = initial();
let isDrawing = false;

const socket = openSocket({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/staff/`,
  hello: () => ({ type: "hello", v: 1, cursors: {} }),
  onFrame: (frame) => dispatch({ type: "frame", frame, at: Date.now() }),
  onState: (link, info) => dispatch({ type: "link", state: link, code: info?.code ?? null }),
});

function dispatch(action) {
  const next = reduce(state, action);
  if (next === state) return;
  for (const lane of newlyWaiting(state, next)) {
    status.textContent = `${audienceName(lane.audience)}の列で、待っている方がいます。`;
  }
  const isNews = next.stats !== state.stats && next.look !== null;
  state = next;
  if (isNews) askForLane();
  draw();
}

function askForLane() {
  const { audience, language } = state.look;
  socket.send({ type: "queue.look", audience, language });
}

const act = {
  retryNow: () => socket.retryNow(),
  look: (lane) => {
    dispatch({ type: "look", lane: lane && { audience: lane.audience, language: lane.language } });
    if (lane) askForLane();
  },
  boost: (event, ticket) => {
    event.preventDefault();
    const { urgency, reason } = event.target.elements;
    const isSent = socket.send({ type: "ticket.boost", ticket, urgency: Number(urgency.value), reason: reason.value, id: ticket });
    if (isSent) event.target.closest("details").open = false;
  },
};

function draw() {
  if (isDrawing) return;
  isDrawing = true;
  queueMicrotask(() => {
    isDrawing = false;
    render(boardView(state, ui, act), root);
    const waiting = state.stats ? waitingTotal(state.stats) : 0;
    document.title = waiting ? `(${waiting}) 待機ボード` : "待機ボード";
  });
}

forgetAtSignOut();
watchActivity(() => socket.send({ type: "activity" }));
draw();
setInterval(() => dispatch({ type: "tick", at: Date.now() }), 1_000);
