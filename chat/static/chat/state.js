/**
 * What the page knows, as one value; `reduce` makes the next one from a frame. No DOM, no clock.
 *
 * @typedef {import("./protocol.js").Frame} Frame
 * @typedef {import("./protocol.js").MessageFrame} Message
 * @typedef {"connecting"|"waiting"|"paired"|"closed"|"elsewhere"|"none"} Phase
 * @typedef {object} State
 * @property {Phase} phase
 * @property {import("./socket.js").LineState} line
 * @property {number|null} position
 * @property {import("./protocol.js").Estimate|null} estimate
 * @property {string|null} conversation
 * @property {string} counselor
 * @property {boolean} isCounselorHere
 * @property {boolean} isCounselorTyping
 * @property {readonly Message[]} messages in order of seq, each once
 * @property {number} lastSeq up to which nothing is missing
 * @property {number} headSeq the newest that the server has told of
 * @property {import("./protocol.js").ReadMarks} read
 * @property {{closes_at: string, ends_at: string}|null} closing
 * @property {string|null} reason why it was closed
 * @property {boolean} isBehind something was missed: ask again
 */
import { CLOSE } from "./protocol.js";

const GROUP_MS = 5 * 60_000;

/** @returns {State} */
export const initial = () => ({
  phase: "connecting",
  line: "connecting",
  position: null,
  estimate: null,
  conversation: null,
  counselor: "",
  isCounselorHere: true,
  isCounselorTyping: false,
  messages: [],
  lastSeq: 0,
  headSeq: 0,
  read: { visitor: 0, counselor: 0 },
  closing: null,
  reason: null,
  isBehind: false,
});

/**
 * Give the state after a frame. What it does not know it ignores.
 * @param {State} state @param {Frame} frame @returns {State}
 */
export function reduce(state, frame) {
  const step = steps[frame.type];
  return step ? step(state, frame) : state;
}

/** @type {Record<string, (state: State, frame: any) => State>} */
const steps = {
  // not from the wire: what the socket says of itself
  line: (state, { line, code }) => {
    const next = { ...state, line, isCounselorTyping: false };
    if (line !== "ended" || state.phase === "closed") return next;
    return { ...next, phase: code === CLOSE.elsewhere ? "elsewhere" : "none" };
  },
  welcome: (state, frame) => ({
    ...state,
    phase: frame.state === "expired" ? "closed" : frame.state,
    position: frame.position,
    estimate: frame.estimate,
    conversation: frame.conversation,
    counselor: frame.counselor?.name ?? state.counselor,
    isCounselorHere: true,
    headSeq: Math.max(state.headSeq, frame.last_seq),
    read: frame.read,
    closing: null,
    reason: frame.reason ?? (frame.state === "expired" ? "expired" : null),
    isBehind: false,
  }),
  "queue.position": (state, frame) => ({ ...state, position: frame.position, estimate: frame.estimate }),
  paired: (state, frame) => ({
    ...state,
    phase: "paired",
    conversation: frame.conversation,
    counselor: frame.counselor.name,
    isCounselorHere: true,
    position: null,
    estimate: null,
    isBehind: false,
  }),
  requeued: (state, frame) => ({
    ...state,
    phase: "waiting",
    position: frame.position,
    estimate: null,
    isCounselorTyping: false,
  }),
  message: withMessage,
  typing: (state, frame) => (frame.who === "counselor" ? { ...state, isCounselorTyping: frame.on } : state),
  read: (state, frame) => ({
    ...state,
    // marks only move forward: a late frame never takes one back
    read: { ...state.read, [frame.who]: Math.max(state.read[/** @type {"visitor"} */ (frame.who)], frame.seq) },
  }),
  presence: (state, frame) => {
    if (frame.who !== "counselor") return state;
    return { ...state, isCounselorHere: frame.online, isCounselorTyping: frame.online && state.isCounselorTyping };
  },
  // a warning of the old end is taken back; one of the new comes in its time
  "window.changed": (state) => ({ ...state, closing: null }),
  "window.closing": (state, frame) => ({ ...state, closing: { closes_at: frame.closes_at, ends_at: frame.ends_at } }),
  closed: (state, frame) => ({ ...state, phase: "closed", reason: frame.reason, isCounselorTyping: false, closing: null }),
  pong: (state, frame) => {
    if (!frame.heads || !missed(state, frame.heads)) return state;
    return { ...state, isBehind: true, headSeq: Math.max(state.headSeq, frame.heads[state.conversation ?? ""] ?? 0) };
  },
};

/** @param {State} state @param {Message} frame @returns {State} */
function withMessage(state, frame) {
  const headSeq = Math.max(state.headSeq, frame.seq);
  if (state.messages.some((message) => message.seq === frame.seq)) return state;
  const messages = [...state.messages, frame].sort((a, b) => a.seq - b.seq);
  let lastSeq = state.lastSeq;
  for (const message of messages) if (message.seq === lastSeq + 1) lastSeq = message.seq;
  return {
    ...state,
    messages,
    lastSeq,
    headSeq,
    isBehind: state.isBehind && lastSeq < headSeq,
    isCounselorTyping: frame.sender === "counselor" ? false : state.isCounselorTyping,
  };
}

/** Does the server's list of open talks tell of something that never came here?
 * @param {State} state @param {Record<string, number>} heads */
function missed(state, heads) {
  if (state.phase === "paired") {
    const head = heads[state.conversation ?? ""];
    return head === undefined || head > state.lastSeq;
  }
  return state.phase === "waiting" && Object.keys(heads).some((id) => id !== state.conversation);
}

/** Has there been a talk, or was there only waiting? @param {State} state */
export const hasTalked = (state) => state.conversation !== null;

/** Up to here each place is told exactly; behind it is rounded up now and then. */
export const EXACT = 100;

/** Is the place a rounded one? @param {State} state */
export const isFarBack = (state) => state.position !== null && state.position > EXACT;

/** How many stand in front; far back as many as is said, since the number is rounded. @param {State} state */
export function ahead(state) {
  if (state.position === null) return null;
  return isFarBack(state) ? state.position : Math.max(0, state.position - 1);
}

/** Show a range in minutes, rounded outward. @param {import("./protocol.js").Estimate} estimate */
export function minutes(estimate) {
  return { low: Math.floor(estimate.low_s / 60), high: Math.max(1, Math.ceil(estimate.high_s / 60)) };
}

/** How 分 is read after a number. @param {number} n */
export const readingOfMinutes = (n) => ([2, 5, 7, 9].includes(n % 10) ? "ふん" : "ぷん");

/** How a number of people is read. @param {number} n */
export const readingOfPeople = (n) => ({ 1: "ひとり", 2: "ふたり" })[n] ?? `${n}にん`;

const DAYS = { 1: "ついたち", 2: "ふつか", 3: "みっか", 4: "よっか", 5: "いつか", 6: "むいか", 7: "なのか", 8: "ようか",
  9: "ここのか", 10: "とおか", 14: "じゅうよっか", 20: "はつか", 24: "にじゅうよっか" };
const WEEKDAYS = { 月: "げつ", 火: "か", 水: "すい", 木: "もく", 金: "きん", 土: "ど", 日: "にち" };

/**
 * What the word "day" needs: most days are read by their number, some have a name that goes over the number, too.
 * @param {number} month @param {number} day @param {string} weekday
 */
export function slotsOfDay(month, day, weekday) {
  const name = DAYS[day];
  const weekdayReading = WEEKDAYS[weekday] ?? "";
  return { month, before: name ? "" : day, inside: name ? day : "", reading: name ?? "にち", weekday, weekdayReading };
}

/**
 * @typedef {{key: string, kind: "day", at: string}
 *   | {key: string, kind: "notice", body: string}
 *   | {key: string, kind: "bubble", id: string, isOwn: boolean, body: string, at: string, isFirst: boolean, isLast: boolean,
 *      mark: ""|"sending"|"sent"|"seen"|"failed", code: string}} Item
 */

/**
 * Lay the talk out: day lines, bubbles in groups, and one mark under one's own last words.
 * @param {State} state @param {readonly import("./outbox.js").Entry[]} unsent
 * @param {(at: string) => string} dayOf names the day of an instant, in the campaign's zone
 * @returns {Item[]}
 */
export function layout(state, unsent, dayOf) {
  const said = state.messages.map((message) => ({
    key: message.sender === "visitor" ? message.id : `${message.conversation}:${message.seq}`,
    id: message.id,
    sender: message.sender,
    body: message.body,
    at: message.sent_at,
    mark: "",
    code: "",
    seq: message.seq,
  }));
  const stored = new Set(state.messages.map((message) => message.id));
  const pending = unsent
    .filter((entry) => !stored.has(entry.id))
    .map((entry) => ({
      key: entry.id,
      id: entry.id,
      sender: "visitor",
      body: entry.body,
      at: "", // only the server's clock counts: a phone's may be wrong by a year
      mark: entry.state === "failed" ? "failed" : "sending",
      code: entry.code ?? "",
      seq: 0,
    }));
  const lastOwn = said.filter((line) => line.sender === "visitor").at(-1);
  if (lastOwn && pending.length === 0) lastOwn.mark = state.read.counselor >= lastOwn.seq ? "seen" : "sent";
  return grouped([...said, ...pending], dayOf);
}

/** @param {any[]} lines @param {(at: string) => string} dayOf @returns {Item[]} */
function grouped(lines, dayOf) {
  /** @type {Item[]} */
  const items = [];
  let day = "";
  const together = (/** @type {any} */ a, /** @type {any} */ b) => {
    if (!a || !b || a.sender !== b.sender) return false;
    if (!a.at || !b.at) return true;
    return dayOf(a.at) === dayOf(b.at) && Math.abs(Date.parse(b.at) - Date.parse(a.at)) < GROUP_MS;
  };
  lines.forEach((line, index) => {
    if (line.at && dayOf(line.at) !== day) {
      day = dayOf(line.at);
      items.push({ key: `day:${day}:${line.key}`, kind: "day", at: line.at });
    }
    if (line.sender === "system") {
      items.push({ key: line.key, kind: "notice", body: line.body });
      return;
    }
    items.push({
      key: line.key,
      kind: "bubble",
      id: line.id,
      isOwn: line.sender === "visitor",
      body: line.body,
      at: line.at,
      isFirst: !together(lines[index - 1], line),
      isLast: !together(line, lines[index + 1]),
      mark: line.mark,
      code: line.code,
    });
  });
  return items;
}
