/**
 * The wire, version 1, as the browser sees it. docs/protocol.md says what each frame means.
 *
 * @typedef {{low_s: number, high_s: number, by_close: boolean}} Estimate
 * @typedef {{visitor: number, counselor: number}} ReadMarks
 * @typedef {{type: "message", conversation: string, seq: number, id: string,
 *   sender: "visitor"|"counselor"|"system", body: string, sent_at: string}} MessageFrame
 * @typedef {{type: string} & Record<string, any>} Frame
 */

export const VERSION = 1;
export const MAX_BODY = 2000;

/** Why the server ended a socket. */
export const CLOSE = Object.freeze({
  goingAway: 1001,
  frameTooBig: 1009,
  badFrames: 4400,
  badCredentials: 4401,
  notAllowed: 4403,
  noHello: 4408,
  elsewhere: 4409,
  tooMany: 4429,
});

/** Connecting again would not help after these. */
export const FINAL_CODES = Object.freeze([CLOSE.badCredentials, CLOSE.notAllowed, CLOSE.elsewhere]);

/** @param {number} lastSeq the highest seq up to which nothing is missing here */
export const hello = (lastSeq) => ({ type: "hello", v: VERSION, last_seq: lastSeq });
/** @param {string} id @param {string} body */
export const messageSend = (id, body) => ({ type: "message.send", id, body });
/** @param {boolean} on */
export const typing = (on) => ({ type: "typing", on });
/** @param {number} seq */
export const read = (seq) => ({ type: "read", seq });
export const leave = () => ({ type: "leave" });
/** @param {string} id */
export const ping = (id) => ({ type: "ping", id });

/**
 * Read what the server sent; null when it is no frame.
 * @param {unknown} text
 * @returns {Frame|null}
 */
export function decode(text) {
  if (typeof text !== "string") return null;
  try {
    const frame = JSON.parse(text);
    return frame !== null && typeof frame === "object" && typeof frame.type === "string" ? frame : null;
  } catch {
    return null;
  }
}

/**
 * Count characters as the server does: code points, not UTF-16 halves.
 * @param {string} text
 */
export const lengthOf = (text) => Array.from(text).length;

/** Make a UUID of version 4, on plain http too, where crypto.randomUUID is missing. */
export function newId() {
  if (globalThis.crypto.randomUUID) return globalThis.crypto.randomUUID();
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
