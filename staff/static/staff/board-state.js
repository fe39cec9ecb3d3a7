/** The board's state as a pure reducer: (state, action) → state. No DOM, no clock, no socket. */

const KEPT_LINES = 500;

export function initial() {
  return {
    link: "connecting", code: null, isReady: false, skew: 0, now: 0, me: null, windowClosesAt: null, stats: null,
    alarms: null, thresholds: [], maySet: false, talks: null, referrals: [], curves: {},
    emergencies: {}, joined: {}, look: null, acts: {}, services: null, notice: null,
  };
}

const actions = {
  link: (state, { state: link, code = null }) => (link === "open" ? { ...state, link, code } : cutOff({ ...state, link, code })),
  tick: (state, { at }) => ({ ...state, now: at + state.skew }),
  look: (state, { lane }) => ({ ...state, look: lane && { ...lane, tickets: null } }),
  act: (state, { id, what }) => ({ ...state, acts: { ...state.acts, [id]: { what, state: "sent", code: null } } }),
  forget: (state, { id }) => ({ ...state, acts: without(state.acts, id) }),
  said: (state, { id, conversation, body }) =>
    withTalk(state, conversation, (talk) => ({ pending: [...talk.pending, { id, body }] })),
  putAway: (state, { conversation }) => ({ ...state, joined: without(state.joined, conversation) }),
  noticed: (state) => ({ ...state, notice: null }),
  frame: (state, { frame, at }) => frames[frame.type]?.(state, frame, at) ?? state,
};

const frames = {
  welcome: welcomed,
  pong: (state, { server_time }, at) => ({ ...state, skew: Date.parse(server_time) - at }),
  "window.closing": (state, { closes_at }) => ({ ...state, windowClosesAt: Date.parse(closes_at) }),
  "window.changed": (state, { audience, closes_at }) => (audience === "youth" ? { ...state, windowClosesAt: Date.parse(closes_at) } : state),
  "queue.stats": (state, { lanes, counselors, free_slots: freeSlots, people }, at) =>
    ({ ...state, stats: { lanes, counselors, freeSlots, people: people ?? state.stats?.people ?? [], at: at + state.skew } }),
  "queue.tickets": (state, frame) => (isLookedAt(state, frame) ? { ...state, look: { ...state.look, tickets: frame.tickets } } : state),
  alarms: (state, { alarms, thresholds, may_set: maySet }) => ({ ...state, alarms, thresholds, maySet }),
  talks: (state, { talks }, at) => ({ ...state, talks: talksOf(talks, state.talks ?? [], at + state.skew) }),
  referrals: (state, { referrals }) => ({ ...state, referrals }),
  "board.curves": (state, { curves }) => ({ ...state, curves: Object.fromEntries(curves.map((one) => [laneKey(one), one])) }),
  directory: (state, { services, drill }) => ({ ...state, services: { list: services, drill } }),
  emergency: (state, frame) => ({
    ...state, emergencies: frame.decision ? without(state.emergencies, frame.emergency) : { ...state.emergencies, [frame.emergency]: frame },
  }),
  done: (state, { id }) => answered(state, id, "done", null),
  error: refused,
  joined: (state, frame) => ({ ...state, joined: { ...state.joined, [frame.conversation]: joinedOf(frame, state.joined[frame.conversation]) } }),
  parted: (state, { conversation, reason }) => withTalk(state, conversation, () => ({ ended: reason })),
  closed: (state, { conversation }) => withTalk(state, conversation, () => ({ ended: "closed" })),
  message: (state, frame) => withLine(state, frame.conversation, lineOf(frame)),
  "message.ack": acked,
  note: (state, frame) => withTalk(state, frame.conversation, (talk) => ({ notes: withNote(talk.notes, frame), pending: talk.pending.filter((one) => one.id !== frame.id) })),
  presence: (state, { conversation, who, online }) =>
    who === "visitor" ? withTalk(state, conversation, (talk) => ({ visitor: { ...talk.visitor, online } })) : state,
};

/** Give the next state. An action or frame that is not known changes nothing. */
export function reduce(state, action) {
  return actions[action.type]?.(state, action) ?? state;
}

export function laneKey({ audience, language }) {
  return `${audience}:${language}`;
}

/** Is this the lane whose people are shown? */
export function isLookedAt({ look }, { audience, language }) {
  return look !== null && look.audience === audience && look.language === language;
}

/** The socket is another one: what the server knew of it is gone, and everything is told anew. */
function welcomed(state, frame, at) {
  const skew = Date.parse(frame.server_time) - at;
  const windowClosesAt = frame.window_closes_at ? Date.parse(frame.window_closes_at) : null;
  return { ...state, isReady: true, skew, now: at + skew, me: frame.me, windowClosesAt, emergencies: {} };
}

/** A joined talk ends with its socket, and an act without an answer may not have been done. */
function cutOff(state) {
  let next = state;
  for (const id of Object.keys(state.joined)) next = withTalk(next, id, (talk) => ({ ended: talk.ended ?? "lost" }));
  const acts = Object.fromEntries(
    Object.entries(next.acts).map(([id, act]) => [id, act.state === "sent" ? { ...act, state: "error", code: "unavailable" } : act]),
  );
  return { ...next, acts };
}

/** Give the talks as told now; of which nothing is new but its silence, that one stays the object that it was. */
function talksOf(rows, before, now) {
  const known = new Map(before.map((one) => [one.conversation, one]));
  return rows.map((row) => {
    const talk = talkOf(row, now);
    const old = known.get(talk.conversation);
    return old && Object.keys(talk).every((key) => key === "silent_s" || talk[key] === old[key]) ? old : talk;
  });
}

function talkOf(row, now) {
  return {
    ...row, openedAt: Date.parse(row.opened_at),
    saidAt: row.said_at ? Date.parse(row.said_at) : now - row.silent_s * 1000,
    saidBy: row.said_by ?? null,
  };
}

function answered(state, id, to, code) {
  const act = state.acts[id];
  return act ? { ...state, acts: { ...state.acts, [id]: { ...act, state: to, code } }, notice: to === "done" ? act.what : state.notice } : state;
}

function refused(state, { ref, code }) {
  if (ref && state.acts[ref]) return answered(state, ref, "error", code);
  const talk = Object.values(state.joined).find((one) => one.pending.some((entry) => entry.id === ref));
  if (!talk) return state;
  return withTalk(state, talk.conversation, () => ({
    pending: talk.pending.map((entry) => (entry.id === ref ? { ...entry, code } : entry)),
  }));
}

function joinedOf(frame, before) {
  return {
    conversation: frame.conversation, mode: frame.mode, counselor: frame.counselor, visitor: frame.visitor,
    openedAt: Date.parse(frame.opened_at), lines: before?.lines ?? [], notes: before?.notes ?? [], pending: [], ended: null,
  };
}

function withTalk(state, id, change) {
  const talk = state.joined[id];
  return talk ? { ...state, joined: { ...state.joined, [id]: { ...talk, ...change(talk) } } } : state;
}

function withLine(state, id, line) {
  return withTalk(state, id, (talk) => {
    if (talk.lines.some((one) => one.seq === line.seq)) return {};
    const lines = [...talk.lines, line].sort((a, b) => a.seq - b.seq).slice(-KEPT_LINES);
    return { lines, pending: talk.pending.filter((one) => one.id !== line.id) };
  });
}

/** An ack carries no body: the line is made of what was pending. */
function acked(state, frame) {
  const talk = state.joined[frame.conversation];
  const entry = talk?.pending.find((one) => one.id === frame.id);
  if (!entry) return state;
  return withLine(state, frame.conversation, {
    seq: frame.seq, id: frame.id, sender: "counselor", body: entry.body, at: Date.parse(frame.sent_at),
  });
}

function withNote(notes, { id, kind, author, body, at }) {
  return notes.some((one) => one.id === id) ? notes : [...notes, { id, kind, author, body, at: Date.parse(at) }];
}

function lineOf(frame) {
  return { seq: frame.seq, id: frame.id, sender: frame.sender, body: frame.body, at: Date.parse(frame.sent_at) };
}

function without(object, key) {
  const { [key]: _gone, ...rest } = object;
  return rest;
}
