import { besideActions, besideFrames, besideOf, forgetPassing, nothingBeside, refusedAsk, typed, withTalk } from "./desk-beside.js";

/**
 * The desk's state as a pure reducer: (state, action) → state. No DOM, no clock, no socket.
 *
 * @typedef {{seq: number, id: string, sender: string, body: string, at: number}} Line
 * @typedef {{id: string, conversation: string, body: string, state: "sending"|"sent"|"failed", code?: string}} Pending
 * @typedef {{
 *   id: string, visitor: object, head: number, read: {visitor: number, counselor: number}, openedAt: number,
 *   waitedS: number|null, isConfirmed: boolean, isNew: boolean, isClosing: boolean, typingUntil: number,
 *   ended: string|null, lines: Line[]
 * }} Talk and what stands beside it (desk-beside.js)
 */

const TYPING_SHOWN_MS = 8_000;
/** Why a talk went to somebody else, by the server's reason; every other one is the queue's. */
const MOVED = { handed_off: "handed_off", taken_over: "moved", new_counselor: "moved" };

export function initial() {
  return {
    link: "connecting", code: null, isReady: false, skew: 0, now: 0,
    me: null, availability: null, windowClosesAt: null, closing: null, stats: null,
    talks: /** @type {Record<string, Talk>} */ ({}), order: /** @type {string[]} */ ([]),
    recent: /** @type {string[]} */ ([]), focus: /** @type {string|null} */ (null),
    drafts: {}, pending: /** @type {Pending[]} */ ([]), notice: null, offers: {}, directory: null, asks: {}, troubles: {},
  };
}

const actions = {
  link: (state, { state: link, code = null }) => ({ ...state, link, code, notice: link === "open" ? null : state.notice }),
  tick: (state, { at }) => ({ ...state, now: at + state.skew }),
  frame: (state, { frame, at }) => frames[frame.type]?.(state, frame, at) ?? state,
  focus: (state, { id }) => focused(state, id),
  dismiss: (state, { id }) => dismissed(state, id),
  draft: (state, { id, draft }) => typed(state, id, draft),
  drafts: (state, { drafts }) => ({ ...state, drafts }),
  pending: (state, { entries }) => ({ ...state, pending: entries }),
  read: (state, { id, seq }) => withRead(state, id, "counselor", seq),
  confirmed: (state, { id }) => withTalk(state, id, () => ({ isConfirmed: true })),
  closing: (state, { id }) => withTalk(state, id, () => ({ isClosing: true })),
  availability: (state, { wanted }) => ({ ...state, availability: availabilityWanted(state, wanted) }),
  noticed: (state) => ({ ...state, notice: null }),
  ...besideActions,
};

const frames = {
  welcome: welcomed,
  assigned: (state, frame) => withEntry(state, frame, true),
  unassigned: (state, { conversation, reason }) => ended(state, conversation, MOVED[reason] ?? "unassigned"),
  closed: (state, frame) => ended(state, frame.conversation, frame.reason),
  availability: (state, frame) => ({ ...state, availability: availabilityOf(frame) }),
  message: (state, frame) => withLine(state, frame.conversation, lineOf(frame)),
  "message.ack": (state, frame) => acked(state, frame),
  typing: (state, { conversation, who, on }, at) =>
    who === "visitor" ? withTalk(state, conversation, () => ({ typingUntil: on ? at + state.skew + TYPING_SHOWN_MS : 0 })) : state,
  read: (state, { conversation, who, seq }) => withRead(state, conversation, who, seq),
  presence: (state, { conversation, who, online }) =>
    who === "visitor"
      ? withTalk(state, conversation, (talk) => ({ visitor: { ...talk.visitor, online }, typingUntil: 0 }))
      : state,
  "window.changed": (state, { closes_at }) => ({ ...state, windowClosesAt: Date.parse(closes_at), closing: null }),
  "window.closing": (state, { closes_at, ends_at }) => ({
    ...state, windowClosesAt: Date.parse(closes_at), closing: { closesAt: Date.parse(closes_at), endsAt: Date.parse(ends_at) },
  }),
  "queue.stats": (state, { lanes, counselors, free_slots }, at) =>
    ({ ...state, stats: { lanes, counselors, freeSlots: free_slots, at: at + state.skew } }),
  pong: (state, { server_time, heads }, at) => headed({ ...state, skew: Date.parse(server_time) - at }, heads ?? {}),
  error: (state, { code, ref, retry_after_s }) => refusedAsk(state, code, ref, retry_after_s) ?? refused(state, code, ref, retry_after_s),
  ...besideFrames,
};

/** Give the next state. An action or frame that is not known changes nothing. */
export function reduce(state, action) {
  return actions[action.type]?.(state, action) ?? state;
}

function welcomed(state, frame, at) {
  const skew = Date.parse(frame.server_time) - at;
  const held = new Set(frame.conversations.map((entry) => entry.conversation));
  let next = {
    ...forgetPassing(state), isReady: true, skew, now: at + skew, me: frame.me, availability: availabilityOf(frame.availability),
    windowClosesAt: frame.window_closes_at ? Date.parse(frame.window_closes_at) : null, notice: null,
  };
  for (const id of state.order) {
    if (!held.has(id) && !state.talks[id].ended) next = ended(next, id, "gone");
  }
  for (const entry of frame.conversations) next = withEntry(next, entry, false);
  return next;
}

function withEntry(state, entry, isNew) {
  const id = entry.conversation;
  const known = state.talks[id];
  const talk = {
    id, visitor: entry.visitor, head: Math.max(entry.last_seq, known?.head ?? 0), read: entry.read,
    openedAt: Date.parse(entry.opened_at), waitedS: entry.waited_s ?? null, isConfirmed: entry.confirmed,
    isNew: isNew || (known?.isNew ?? false), isClosing: false, typingUntil: 0,
    ended: entry.state === "paired" ? null : "gone", lines: known?.lines ?? [], ...(known ? besideOf(known) : nothingBeside()),
  };
  const next = { ...state, talks: { ...state.talks, [id]: talk }, order: known ? state.order : [...state.order, id] };
  const recent = next.recent.includes(id) ? next.recent : [...next.recent, id];
  return next.focus && next.talks[next.focus] ? { ...next, recent } : { ...next, recent, focus: id };
}

function availabilityWanted({ availability, now }, { state, capacity, wrap_up_s: wrapUpS, back_in_s: backInS }) {
  return {
    state, capacity: capacity ?? availability.capacity, wrapUpS: wrapUpS ?? availability.wrapUpS,
    backAt: state === "away" && backInS ? now + backInS * 1000 : null,
  };
}

function availabilityOf({ state, capacity, wrap_up_s: wrapUpS = 0, back_at: backAt = null }) {
  return { state, capacity, wrapUpS, backAt: backAt && Date.parse(backAt) };
}

function withRead(state, id, who, seq) {
  return withTalk(state, id, (talk) => ({ read: { ...talk.read, [who]: Math.max(talk.read[who] ?? 0, seq) } }));
}

function withLine(state, id, line) {
  return withTalk(state, id, (talk) => {
    const head = Math.max(talk.head, line.seq);
    const typingUntil = line.sender === "visitor" ? 0 : talk.typingUntil;
    const isNew = talk.isNew && line.sender !== "counselor";
    const isNext = line.seq > (talk.lines.at(-1)?.seq ?? 0); // nearly always: a long talk comes line by line
    if (!isNext && talk.lines.some((one) => one.seq === line.seq)) return { head };
    const lines = [...talk.lines, line];
    if (!isNext) lines.sort((a, b) => a.seq - b.seq);
    return { head, typingUntil, isNew, lines };
  });
}

function lineOf(frame) {
  return { seq: frame.seq, id: frame.id, sender: frame.sender, body: frame.body, at: Date.parse(frame.sent_at) };
}

/** An ack carries no body: the line is made of what was pending. */
function acked(state, frame) {
  const entry = state.pending.find((one) => one.id === frame.id);
  if (!entry) return state;
  const line = { seq: frame.seq, id: frame.id, sender: "counselor", body: entry.body, at: Date.parse(frame.sent_at) };
  return withLine(state, frame.conversation ?? entry.conversation, line);
}

function headed(state, heads) {
  let next = state;
  for (const [id, head] of Object.entries(heads)) {
    next = withTalk(next, id, (talk) => ({ head: Math.max(talk.head, head) }));
  }
  return next;
}

function ended(state, id, reason) {
  return withTalk(state, id, (talk) => ({
    ended: talk.ended ?? reason, isClosing: false, isNew: false, typingUntil: 0, isConfirmed: true, helpers: [], offer: null,
  }));
}

function refused(state, code, ref, retryAfterS) {
  const talks = Object.fromEntries(Object.entries(state.talks).map(([id, talk]) => [id, { ...talk, isClosing: false }]));
  const entry = state.pending.find((one) => one.id === ref);
  const next = { ...state, talks };
  return entry ? next : { ...next, notice: { code, retryAfterS: retryAfterS ?? 0 } };
}

function focused(state, id) {
  if (!state.talks[id]) return state;
  if (state.focus === id && state.recent.at(-1) === id && !state.talks[id].isNew) return state;
  const next = withTalk(state, id, () => ({ isNew: false }));
  return { ...next, focus: id, recent: [...state.recent.filter((one) => one !== id), id] };
}

/** Only what has ended can be put away. */
function dismissed(state, id) {
  if (!state.talks[id]?.ended) return state;
  const { [id]: _gone, ...talks } = state.talks;
  const { [id]: _draft, ...drafts } = state.drafts;
  const order = state.order.filter((one) => one !== id);
  const recent = state.recent.filter((one) => one !== id);
  return { ...state, talks, drafts, order, recent, focus: state.focus === id ? (recent.at(-1) ?? null) : state.focus };
}
