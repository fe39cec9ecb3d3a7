/** A desk in a test: frames as the server sends them, played on a desk whose local clock is an hour behind. */
import { initial, reduce } from "../../../staff/static/staff/desk-state.js";

export const T0 = Date.parse("2024-12-28T16:30:00+09:00");
export const LOCAL = T0 - 3600_000;
export const iso = (ms) => new Date(ms).toISOString();

export function entry(conversation, extra = {}) {
  return {
    conversation, state: "paired", last_seq: 0, read: { visitor: 0, counselor: 0 }, opened_at: iso(T0), confirmed: false,
    visitor: { nickname: "ほし", audience: "youth", language: "ja", topic: "", note: "", urgency: 0, online: true }, ...extra,
  };
}

export function welcome(conversations = [], extra = {}) {
  return {
    type: "welcome", v: 1, server_time: iso(T0), me: { id: "1", name: "はる", role: "counselor", organization: "あかりの会" },
    availability: { state: "available", capacity: 3 }, conversations, window_closes_at: iso(T0 + 5.5 * 3600_000), ...extra,
  };
}

export const line = (conversation, seq, sender = "visitor", at = T0, extra = {}) => ({
  type: "message", conversation, seq, id: `${conversation}-${seq}`, sender, body: `言葉 ${seq}`, sent_at: iso(at), ...extra,
});

const actionTypes = new Set([
  "link", "tick", "focus", "dismiss", "draft", "drafts", "pending", "confirmed", "closing", "noticed", "asked", "whisper.seen",
  "offer.seen", "offer.passed",
]);

/** Play frames and actions, one after the other. */
export function play(...given) {
  return given.reduce(
    (state, one) => reduce(state, !actionTypes.has(one.type) || "box" in one ? { type: "frame", frame: one, at: LOCAL } : one),
    initial(),
  );
}
