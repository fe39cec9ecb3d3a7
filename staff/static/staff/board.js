/** The board's wiring: one socket, one state, what a supervisor asks for, and how new trouble is told. */

import { openSocket } from "../chat/socket.js";
import { watchActivity } from "./activity.js";
import { render } from "./vendor/lit-html-3.3.3/lit-html.js";
import { createActs } from "./board-doing.js";
import { giveBack, placeOf } from "./board-focus.js";
import { alarmWords, newAlarms, newEmergencies, newlyWaiting, titleOf } from "./board-select.js";
import { initial, laneKey, reduce } from "./board-state.js";
import { peopleToDraw } from "./board-people.js";
import { talksToShow } from "./board-talks.js";
import { boardView } from "./board-view.js";
import { forgetAtSignOut } from "./keep.js";
import { createSound } from "./sound.js";
import { audienceName, words } from "./words.js";

const LOOKED_AT = 50; // so many of a lane come with `queue.tickets`
const CALL_AGAIN_MS = 15_000; // a call that nobody has come to is heard again

const root = document.getElementById("board");
const status = document.getElementById("status");
const sound = createSound();
const ui = {
  loginUrl: root.dataset.login, isLoud: sound.isLoud(), wish: null, isReasonMissing: false, order: "silence",
  isAllTalks: false, talksShown: 0, peopleDrawn: 60, isAwayShown: false, drafts: {}, decisions: {}, referral: null, toJoined: null, backTo: null,
};
let state = initial();
let isDrawing = false;
let calledAt = 0;

const socket = openSocket({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/staff/`,
  hello: () => ({ type: "hello", v: 1, cursors: {} }),
  onFrame: received,
  onState: (link, info) => dispatch({ type: "link", state: link, code: info?.code ?? null }),
});
const act = createActs({ state: () => state, ui, dispatch, draw, send: (frame) => socket.send(frame), sound, retryNow: () => socket.retryNow() });

function received(answer) {
  const frame = act.named(answer);
  dispatch({ type: "frame", frame, at: Date.now() });
  if (frame.type === "welcome") {
    socket.send({ type: "board.watch" });
    if (state.look) act.askForLane();
  }
  if (frame.type === "assigned") socket.send({ type: "assignment.confirm", conversation: frame.conversation });
  if (frame.type === "queue.stats" && state.look && state.look.tickets?.length !== waitingIn(state.look)) act.askForLane();
}

function waitingIn(look) {
  const waiting = state.stats.lanes.find((lane) => laneKey(lane) === laneKey(look))?.waiting ?? 0;
  return Math.min(waiting, LOOKED_AT);
}

function dispatch(action) {
  const before = state;
  state = reduce(before, action);
  if (state === before) return;
  announce(before);
  draw();
}

/** New trouble by sound, title and words; the words for those who do not look at the screen. */
function announce(before) {
  const said = [
    ...newEmergencies(before, state).filter((one) => !one.second).map((one) => words.board.emergency.arrived(one.called_by)),
    ...newAlarms(before, state).map((one) => alarmWords(one, state.stats?.lanes)),
  ];
  if (said.length) sound.play();
  else said.push(...newlyWaiting(before, state).map((lane) => words.board.nowWaiting(audienceName(lane.audience))));
  if (state.notice && state.notice !== before.notice) said.push(state.notice);
  if (said.length) status.textContent = said.join(" ");
}

function callAgain(at) {
  const isCalled = Object.values(state.emergencies).some((one) => !one.second);
  if (!isCalled) calledAt = at;
  else if (at - calledAt >= CALL_AGAIN_MS) {
    calledAt = at;
    sound.play();
  }
}

/** Drawn in a microtask, not in an animation frame: a tab in the background keeps its title right. */
function draw() {
  if (isDrawing) return;
  isDrawing = true;
  queueMicrotask(() => {
    isDrawing = false;
    act.settle();
    const ends = [...root.querySelectorAll(".joined-log")].filter((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 60);
    if (!ui.wish) root.querySelector("dialog.act")?.close(); // closed before it goes, it gives the keyboard back
    const place = placeOf(document.activeElement);
    render(boardView(state, ui, act), root);
    giveBack(place, ui.backTo);
    ui.backTo = null;
    for (const log of ends) log.scrollTop = log.scrollHeight;
    const dialog = root.querySelector("dialog.act");
    if (dialog && !dialog.open) dialog.showModal();
    document.title = titleOf(state);
    showJoined();
    drawMore();
  });
}

/** Talks and counselors may be hundreds: they are drawn some at a time. */
function drawMore() {
  const [talks, people] = [talksToShow(state, ui), peopleToDraw(state, ui)];
  if (talks === null && people === null) return;
  ui.talksShown = talks ?? ui.talksShown;
  ui.peopleDrawn = people ?? ui.peopleDrawn;
  setTimeout(draw);
}

/** A talk that one has just come to is shown, and has the keyboard. */
function showJoined() {
  const section = ui.toJoined && document.getElementById(`joined-${ui.toJoined}`);
  if (!section) return;
  ui.toJoined = null;
  section.scrollIntoView({ block: "nearest" });
  (section.querySelector("textarea") ?? section).focus();
}

forgetAtSignOut();
watchActivity(() => socket.send({ type: "activity" }));
draw();
setInterval(() => {
  dispatch({ type: "tick", at: Date.now() });
  callAgain(Date.now());
}, 1_000);
