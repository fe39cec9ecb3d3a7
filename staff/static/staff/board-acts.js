/**
 * What a supervisor can do from the board: for each act what the dialog says and asks, and the frame it sends. Pure.
 *
 * @typedef {{kind: string, target: any, mode?: string}} Wish
 */

import { endAt, laneName, withRoom } from "./board-select.js";
import { clock } from "./format.js";
import { audienceName, words } from "./words.js";

const say = words.board;
const MODES = ["whisper", "open", "unseen"];

/** Describe the dialog for a wish: its sentences, fields, and whether a reason is asked for. */
export function dialogFor(wish, state) {
  return dialogs[wish.kind](wish.target, state, wish);
}

const dialogs = {
  laneStop: (lane, state) => laneDialog(say.dialog.laneStop, lane, state, false),
  laneOpen: (lane, state) => laneDialog(say.dialog.laneOpen, lane, state, true),
  window: ({ audience, closesAt }, state) => ({
    ...texts(say.dialog.window, audienceName(audience)),
    reason: "needed",
    fields: [{ name: "time", type: "time", label: say.dialog.window.time, value: clock(closesAt) }],
    frame: ({ time, reason }) => ({ type: "window.set", audience, closes_at: endAt(closesAt, time, state.now), reason }),
  }),
  boost: ({ ticket, position, precedence }) => ({
    ...texts(say.dialog.boost, position),
    reason: "needed",
    fields: [
      {
        name: "urgency", type: "select", label: say.dialog.boost.how, value: String(precedence),
        options: say.boosts.map((label, value) => [String(value), label]),
      },
    ],
    frame: ({ urgency, reason }) => ({ type: "ticket.boost", ticket, urgency: Number(urgency), reason }),
  }),
  assign: ({ ticket, position }, { stats }) => {
    const free = withRoom(stats?.people ?? []);
    return {
      ...texts(say.dialog.assign, position),
      reason: "maybe",
      trouble: free.length ? "" : say.dialog.assign.nobody,
      fields: [
        {
          name: "counselor", type: "select", label: say.dialog.assign.counselor, value: free[0]?.id ?? "",
          options: free.map((one) => [one.id, say.dialog.assign.free(one.name, one.organization, one.capacity - one.load)]),
        },
      ],
      frame: ({ counselor, reason }) => ({ type: "ticket.assign", ticket, counselor, reason }),
    };
  },
  block: ({ ticket, position }, { stats }) => ({
    ...texts(say.dialog.block, position),
    reason: "needed",
    fields: [
      {
        name: "counselor", type: "select", label: say.dialog.block.counselor, value: stats?.people[0]?.id ?? "",
        options: (stats?.people ?? []).map((one) => [one.id, `${one.name}（${one.organization}）`]),
      },
    ],
    frame: ({ counselor, reason }) => ({ type: "pair.block", ticket, counselor, reason }),
  }),
  join: ({ conversation, name, reach }, _state, { mode = "whisper" }) => ({
    title: say.dialog.join.title(name || say.alarms.someone),
    happens: say.dialog.join.happens,
    seenBy: say.dialog.join.seenBy[mode],
    submit: say.dialog.join.submit,
    reason: reach === "with_reason" || mode === "unseen" ? "needed" : "maybe",
    fields: [{ name: "mode", type: "choice", label: say.dialog.join.mode, value: mode, options: MODES.map((one) => [one, say.joined.modes[one]]) }],
    frame: ({ reason }) => ({ type: "conversation.join", conversation, mode, reason }),
  }),
  take: ({ conversation, name, reach }) => ({
    ...texts(say.dialog.take, name || say.alarms.someone),
    reason: reach === "with_reason" ? "needed" : "maybe",
    fields: [],
    frame: ({ reason }) => ({ type: "conversation.take", conversation, reason }),
  }),
};

function texts({ title, happens, seenBy, submit }, name) {
  return { title: title(name), happens, seenBy, submit };
}

function laneDialog(sentences, lane, { stats }, accepting) {
  return {
    ...texts(sentences, laneName(lane, stats?.lanes)),
    reason: "needed",
    fields: [],
    frame: ({ reason }) => ({ type: "lane.set", audience: lane.audience, language: lane.language, accepting, reason }),
  };
}

/** Say what an error of an act means, and what to do next. */
export function actErrorWords(code) {
  return say.errors[code] ?? words.errors[code] ?? words.anotherError;
}
