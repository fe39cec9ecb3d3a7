/** The board's state as a pure reducer, and what the board says about it. */

import { span } from "./format.js";

export function initial() {
  return { link: "connecting", code: null, isReady: false, skew: 0, now: 0, windowClosesAt: null, stats: null, look: null, notice: null };
}

/** Give the next state. An action or frame that is not known changes nothing. */
export function reduce(state, action) {
  if (action.type === "link") return { ...state, link: action.state, code: action.code ?? null };
  if (action.type === "tick") return { ...state, now: action.at + state.skew };
  if (action.type === "look") return { ...state, look: action.lane && { ...action.lane, tickets: null }, notice: null };
  if (action.type !== "frame") return state;
  const { frame, at } = action;
  if (frame.type === "welcome") {
    const skew = Date.parse(frame.server_time) - at;
    const windowClosesAt = frame.window_closes_at ? Date.parse(frame.window_closes_at) : null;
    return { ...state, isReady: true, skew, now: at + skew, windowClosesAt };
  }
  if (frame.type === "pong") return { ...state, skew: Date.parse(frame.server_time) - at };
  if (frame.type === "window.closing") return { ...state, windowClosesAt: Date.parse(frame.closes_at) };
  if (frame.type === "done") return { ...state, notice: "done" };
  if (frame.type === "error") return { ...state, notice: frame.code };
  if (frame.type === "queue.tickets") return isLookedAt(state, frame) ? { ...state, look: { ...state.look, tickets: frame.tickets } } : state;
  if (frame.type !== "queue.stats") return state;
  const { lanes, counselors, free_slots: freeSlots, people } = frame;
  return { ...state, stats: { lanes, counselors, freeSlots, people: people ?? [], at: at + state.skew } };
}

/** Is this the lane whose people are shown? */
export function isLookedAt({ look }, { audience, language }) {
  return look !== null && look.audience === audience && look.language === language;
}

/** How long the first of a lane has waited by now: it ticks between two `queue.stats`. */
export function oldestWaitS(state, lane) {
  return lane.waiting ? lane.oldest_wait_s + Math.max(0, state.now - state.stats.at) / 1000 : 0;
}

export function waitingTotal(stats) {
  return stats.lanes.reduce((sum, lane) => sum + lane.waiting, 0);
}

/** The state of the service in one sentence. */
export function sentence(state) {
  const { stats } = state;
  const waiting = waitingTotal(stats);
  const oldest = Math.max(0, ...stats.lanes.map((lane) => oldestWaitS(state, lane)));
  const wait = waiting ? `${waiting} 人が待っています。いちばん長い方は ${span(oldest)}。` : "待っている方はいません。";
  if (stats.counselors.available + stats.counselors.busy === 0) return `${wait}対応できる相談員がいません。`;
  return wait + (stats.freeSlots ? `いま ${stats.freeSlots} 人分の空きがあります。` : "いま空きはありません。");
}

/** The lanes that went from empty to waiting between two states. */
export function newlyWaiting(before, after) {
  if (!before.stats || !after.stats) return [];
  const name = (lane) => `${lane.audience}:${lane.language}`;
  const waited = new Set(before.stats.lanes.filter((lane) => lane.waiting).map(name));
  return after.stats.lanes.filter((lane) => lane.waiting && !waited.has(name(lane)));
}

const RANK = { available: 0, busy: 1, away: 2 };

/** The counselors by organization, each with its counts; those who are here first. */
export function byOrganization(people) {
  return [...grouped(people)]
    .sort(([a], [b]) => a.localeCompare(b, "ja"))
    .map(([name, members]) => ({
      name,
      here: members.filter((one) => one.state !== "away" && one.online).length,
      members: [...members].sort((a, b) => RANK[a.state] - RANK[b.state] || a.name.localeCompare(b.name, "ja")),
    }));
}

function grouped(people) {
  const groups = new Map();
  for (const one of people) groups.set(one.organization, [...(groups.get(one.organization) ?? []), one]);
  return groups;
}
