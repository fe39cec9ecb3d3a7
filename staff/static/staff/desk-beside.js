/**
 * What stands beside a talk: notes, whispers, helpers, offers, calls for help, referrals, drafts. Pure: each function
 * takes the desk's state and a frame, and gives the next state. Nothing here is ever a line of the talk.
 *
 * @typedef {{id: string, kind: "note"|"whisper", author: string, body: string, at: number}} Note
 * @typedef {{handoff: string, state: string, to: string|null, expiresAt: number}} Offer
 */

/** A talk with nothing beside it yet. */
export const nothingBeside = () => ({
  notes: /** @type {Note[]} */ ([]), seenWhisper: null, helpers: [], offer: null, choices: null, call: null, referrals: [],
  isRecorded: false,
});

/** What a new entry of a talk keeps of the one that the desk had. */
export function besideOf(talk) {
  return Object.fromEntries(Object.keys(nothingBeside()).map((name) => [name, talk[name]]));
}

export function withTalk(state, id, change) {
  const talk = state.talks[id];
  return talk ? { ...state, talks: { ...state.talks, [id]: { ...talk, ...change(talk) } } } : state;
}

export const besideFrames = {
  note: (state, { conversation, id, kind, author, body, at, is_read: isRead }) =>
    answered(
      withTalk(state, conversation, (talk) => {
        const isKnown = talk.notes.some((one) => one.id === id);
        const notes = isKnown ? talk.notes : [...talk.notes, { id, kind, author, body, at: Date.parse(at) }].sort((a, b) => a.at - b.at);
        return { notes, seenWhisper: isRead ? laterOf(notes, talk.seenWhisper, id) : talk.seenWhisper };
      }),
      id,
    ),
  "whisper.read": (state, { conversation, whisper }) =>
    withTalk(state, conversation, ({ notes, seenWhisper }) => ({ seenWhisper: laterOf(notes, seenWhisper, whisper) })),
  helper: (state, { conversation, name, mode, on }) =>
    withTalk(state, conversation, ({ helpers }) => {
      const others = helpers.filter((one) => one.name !== name);
      return { helpers: on ? [...others, { name, mode }] : others };
    }),
  "handoff.choices": (state, { conversation, counselors }) => withTalk(state, conversation, () => ({ choices: counselors })),
  handoff: handedOff,
  emergency: (state, frame) =>
    withTalk(state, frame.conversation, () => ({
      call: {
        id: frame.emergency, by: frame.called_by, at: Date.parse(frame.called_at), isDrill: frame.drill, second: frame.second,
        cameAt: frame.came_at && Date.parse(frame.came_at), checks: frame.checks, decision: frame.decision, ground: frame.ground,
        nobodyHere: frame.supervisors_here === 0,
      },
    })),
  referral: (state, frame) =>
    withTalk(state, frame.conversation, ({ referrals }) => {
      const known = referrals.findIndex((one) => one.id === frame.referral);
      const row = {
        id: frame.referral, kind: frame.kind, service: frame.service, openedAt: Date.parse(frame.opened_at), isDrill: frame.drill,
        calledAt: frame.called_at && Date.parse(frame.called_at), closedAt: frame.closed_at && Date.parse(frame.closed_at),
      };
      return { referrals: known < 0 ? [...referrals, row] : referrals.with(known, row) };
    }),
  directory: (state, { services, drill }) => ({ ...state, directory: { services, isDrill: drill } }),
  draft: (state, { conversation, box, body }) => drafted(state, conversation, box === "note" ? "memo" : "text", body),
  done: (state, { id }) => answered(state, id),
};

export const besideActions = {
  /** Something was asked with a frame: who hears a refusal is `about` (and the talk, where there is one). */
  asked: (state, { frame, about, talk }) => ({
    ...state, asks: { ...state.asks, [frame.id]: { about, talk, frame } }, troubles: without(state.troubles, `${about} ${talk}`),
  }),
  "whisper.seen": (state, { id }) => withTalk(state, id, ({ notes }) => ({ seenWhisper: whispersOf(notes).at(-1)?.id ?? null })),
  /** An offer to the whole lane that this desk lets pass. */
  "offer.passed": (state, { id }) => ({ ...state, offers: without(state.offers, id) }),
  "offer.seen": (state, { id }) => withTalk(state, id, () => ({ offer: null })),
};

/** Offers, calls and helpers are told anew after a `welcome`: what is not is over. */
export function forgetPassing(state) {
  const talks = Object.fromEntries(
    Object.entries(state.talks).map(([id, talk]) => [
      id, { ...talk, helpers: [], offer: null, call: talk.call?.decision ? talk.call : null },
    ]),
  );
  return { ...state, talks, offers: {} };
}

/** The later of two whispers by their ids: reading goes on, never back. */
function laterOf(notes, one, other) {
  const at = (id) => notes.findIndex((note) => note.id === id);
  return at(other) < at(one) ? one : other;
}

export const whispersOf = (notes) => notes.filter((one) => one.kind === "whisper");

/** The answer to an ask: its trouble is over, and what was written for it is not needed any more. */
function answered(state, id) {
  const ask = state.asks[id];
  if (!ask) return state;
  const next = ask.about === "record" ? withTalk(state, ask.talk, () => ({ isRecorded: true })) : emptied(state, ask);
  return forgetAsk(next, id);
}

const WRITTEN = { note: ["memo"], handoff: ["summary", "to"], referral: ["service", "facts", "kind", "ground"] };

function emptied(state, { about, talk }) {
  const draft = state.drafts[talk];
  if (!draft || !WRITTEN[about]) return state;
  const kept = { ...draft };
  for (const name of WRITTEN[about]) delete kept[name];
  if (about === "note") kept.unsaved = { ...draft.unsaved, memo: true };
  return { ...state, drafts: { ...state.drafts, [talk]: about === "note" ? { ...kept, memo: "" } : kept } };
}

function forgetAsk(state, id) {
  const { [id]: _answered, ...asks } = state.asks;
  return { ...state, asks };
}

export function isAsking(state, about, talk) {
  return Object.values(state.asks).some((ask) => ask.about === about && ask.talk === talk);
}

/** What was asked and not answered yet. Each has its id, so asking again is safe. */
export function openAsks(state) {
  return Object.values(state.asks).map((ask) => ask.frame);
}

/** A refusal of an ask is its form's affair; null where nobody asked. */
export function refusedAsk(state, code, ref, retryAfterS) {
  const ask = state.asks[ref];
  if (!ask) return null;
  const troubles = { ...state.troubles, [`${ask.about} ${ask.talk}`]: { code, retryAfterS: retryAfterS ?? 0 } };
  return { ...forgetAsk(state, ref), troubles };
}

function handedOff(state, frame) {
  if (!frame.is_own) {
    const { [frame.handoff]: _known, ...others } = state.offers;
    const offers = frame.state === "offered" ? { ...others, [frame.handoff]: incoming(frame) } : others;
    return { ...state, offers };
  }
  const offer = { handoff: frame.handoff, state: frame.state, to: frame.to, expiresAt: Date.parse(frame.expires_at) };
  return withTalk(state, frame.conversation, () => ({ offer }));
}

function incoming(frame) {
  return {
    id: frame.handoff, conversation: frame.conversation, giver: frame.giver, isForMe: frame.to !== null, audience: frame.audience, language: frame.language,
    urgency: frame.urgency, summary: frame.summary, expiresAt: Date.parse(frame.expires_at),
  };
}

// --- drafts ---

/** What is typed here counts until the server has it; then what comes from another device does. */
function drafted(state, id, name, body) {
  const draft = state.drafts[id] ?? {};
  const isOurs = (draft[name] ?? "") === body;
  if (!state.talks[id] || (draft.unsaved?.[name] && !isOurs) || (isOurs && !draft.unsaved?.[name])) return state;
  const unsaved = without(draft.unsaved ?? {}, name);
  return { ...state, drafts: { ...state.drafts, [id]: { ...draft, [name]: body, unsaved } } };
}

/** Note what was typed; the two boxes that the server keeps are to be sent to it. */
export function typed(state, id, change) {
  const before = state.drafts[id] ?? {};
  const unsaved = { ...before.unsaved };
  for (const name of ["text", "memo"]) if (name in change && change[name] !== (before[name] ?? "")) unsaved[name] = true;
  return { ...state, drafts: { ...state.drafts, [id]: { ...before, ...change, unsaved } } };
}

/** What the server does not have yet, as `draft.save` frames. */
export function unsavedDrafts(state) {
  return Object.entries(state.drafts).flatMap(([conversation, draft]) =>
    state.talks[conversation] && !state.talks[conversation].ended
      ? Object.keys(draft.unsaved ?? {}).map((name) => (
        { type: "draft.save", conversation, box: name === "memo" ? "note" : "message", body: draft[name] ?? "" }))
      : []);
}

function without(table, key) {
  const { [key]: _gone, ...rest } = table;
  return rest;
}
