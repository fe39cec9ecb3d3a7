/** The board's wiring. It only listens. */

import { openSocket } from "../chat/socket.js";
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
  state = next;
  draw();
}

function draw() {
  if (isDrawing) return;
  isDrawing = true;
  queueMicrotask(() => {
    isDrawing = false;
    render(boardView(state, ui, { retryNow: () => socket.retryNow() }), root);
    const waiting = state.stats ? waitingTotal(state.stats) : 0;
    document.title = waiting ? `(${waiting}) 待機ボード` : "待機ボード";
  });
}

forgetAtSignOut();
draw();
setInterval(() => dispatch({ type: "tick", at: Date.now() }), 1_000);
