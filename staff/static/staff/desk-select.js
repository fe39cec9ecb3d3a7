/** What the desk's views and its wiring read out of the state. Pure. */

/** The newest `seq` up to which nothing is missing: the cursor. */
export function cursor(talk) {
  let seq = 0;
  for (const line of talk.lines) {
    if (line.seq !== seq + 1) break;
    seq = line.seq;
  }
  return seq;
}

/** The cursors for `hello`, of the talks that are not over. */
export function cursors(state) {
  const running = state.order.map((id) => state.talks[id]).filter((talk) => !talk.ended);
  return Object.fromEntries(running.map((talk) => [talk.id, cursor(talk)]));
}

/** The talks of which something is missing, as `conversation.open` frames. */
export function missing(state) {
  return state.order
    .map((id) => state.talks[id])
    .filter((talk) => !talk.ended && cursor(talk) < talk.head)
    .map((talk) => ({ type: "conversation.open", conversation: talk.id, last_seq: cursor(talk) }));
}

/** The talks that the desk shows and has not yet confirmed, as frames. */
export function toConfirm(state) {
  return state.order
    .map((id) => state.talks[id])
    .filter((talk) => !talk.isConfirmed && !talk.ended)
    .map((talk) => ({ type: "assignment.confirm", conversation: talk.id }));
}

export function unread(talk) {
  return talk.lines.filter((line) => line.sender === "visitor" && line.seq > talk.read.counselor).length;
}

export function unreadTotal(state) {
  return state.order.reduce((sum, id) => sum + (state.talks[id].ended ? 0 : unread(state.talks[id])), 0);
}

/** The talks that came and were not looked at. */
export function newCount(state) {
  return state.order.filter((id) => state.talks[id].isNew).length;
}

/** When the visitor said the last line; null before the first. */
export function lastLineAt(talk) {
  return talk.lines.findLast((line) => line.sender === "visitor")?.at ?? null;
}

/** Since when the visitor waits for an answer of ours; null when it is their turn. */
export function awaitingSince(talk) {
  const ours = talk.lines.findLastIndex((line) => line.sender === "counselor");
  const theirs = talk.lines.slice(ours + 1).find((line) => line.sender === "visitor");
  if (theirs) return theirs.at;
  return ours < 0 ? talk.openedAt : null;
}

/** The talks for the list: who has waited longest for an answer first, then by the last word, the ended ones last. */
export function listed(state) {
  const rank = (talk) => {
    if (talk.ended) return [2, 0];
    const since = awaitingSince(talk);
    return since === null ? [1, talk.lines.at(-1)?.at ?? talk.openedAt] : [0, since];
  };
  return state.order
    .map((id) => state.talks[id])
    .map((talk) => [rank(talk), talk])
    .sort(([[a, at]], [[b, bt]]) => a - b || at - bt)
    .map(([, talk]) => talk);
}

/** The talks that stand as columns: those last looked at, in the order in which they came, so that none jumps. */
export function columns(state, room) {
  const last = new Set(state.recent.slice(-room));
  if (state.focus && !last.has(state.focus)) {
    last.delete(state.recent.slice(-room)[0]);
    last.add(state.focus);
  }
  return state.order.filter((id) => last.has(id)).map((id) => state.talks[id]);
}

/** What is on its way in one talk. */
export function pendingOf(state, id) {
  return state.pending.filter((entry) => entry.conversation === id && entry.state !== "sent");
}

export function isTyping(state, talk) {
  return talk.typingUntil > state.now;
}

/** The queue in four numbers. The oldest wait goes on ticking between two `queue.stats`. */
export function fourNumbers(stats, now) {
  const waiting = stats.lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  const oldest = Math.max(0, ...stats.lanes.filter((lane) => lane.waiting).map((lane) => lane.oldest_wait_s));
  return {
    waiting,
    oldestS: waiting ? oldest + Math.max(0, now - stats.at) / 1000 : 0,
    free: stats.freeSlots,
    available: stats.counselors.available,
  };
}

/** How long the visitor has waited for our answer: 0 under a minute (or their turn), 1 under 3, 2 under 5, 3 from then on. */
export function ageStep(state, talk) {
  const since = awaitingSince(talk);
  if (talk.ended || since === null) return 0;
  const minutes = (state.now - since) / 60_000;
  return minutes < 1 ? 0 : minutes < 3 ? 1 : minutes < 5 ? 2 : 3;
}

/** The talk that comes `step` after the focused one in the list (-1: before), round and round; null without one. */
export function neighbor(state, step) {
  const ids = listed(state).map((talk) => talk.id);
  if (!ids.length) return null;
  const at = ids.indexOf(state.focus);
  return ids[(at + step + ids.length) % ids.length];
}

/** The running talk to look at next: the first of the list that is not the one just closed. */
export function nextAfter(state, id) {
  return listed(state).find((talk) => talk.id !== id && !talk.ended)?.id ?? null;
}

/** Since when nobody has looked at the newest whisper; null when it was seen. */
export function unseenWhisper(talk) {
  const newest = talk.notes.findLast((one) => one.kind === "whisper");
  return newest && newest.id !== talk.seenWhisper ? newest : null;
}

/** The offers of others that can still be accepted, the oldest first. */
export function openOffers(state) {
  return Object.values(state.offers).filter((one) => one.expiresAt > state.now).sort((a, b) => a.expiresAt - b.expiresAt);
}

/**
 * Which lines of a talk are drawn: the last ones, `LINES_SHOWN` at most, or from `from` on where somebody has read upward. They
 * are drawn in chunks that begin at the multiples of `CHUNK`, so that what is drawn stays.
 */
export const LINES_SHOWN = 80;
export const CHUNK = 10;
export function firstShown(talk, from) {
  const first = Math.ceil((talk.lines.length - LINES_SHOWN) / CHUNK) * CHUNK;
  return Math.max(0, Math.min(from ?? Infinity, first));
}

export const earlierThan = (from) => Math.max(0, from - CHUNK);

/** The lines from `from` on as chunks: {start, end}, `end` not in it. */
export function chunks(lines, from) {
  const count = Math.ceil((lines.length - from) / CHUNK);
  return Array.from({ length: count }, (_, index) => {
    const start = from + index * CHUNK;
    return { start, end: Math.min(start + CHUNK, lines.length) };
  });
}

/**
 * What to say of the time that is left: before the window ends (`entry`), then before the talks end (`talks`),
 * at 10, 5 and 1 minutes; null at other times. `step` is the minutes' mark that was passed last.
 */
export function closingWarning({ closing, now }) {
  if (!closing || closing.endsAt <= now) return null;
  const isOver = closing.closesAt <= now;
  const left = ((isOver ? closing.endsAt : closing.closesAt) - now) / 60_000;
  const step = [1, 5, 10].find((minutes) => left <= minutes) ?? null;
  if (step === null && !isOver) return null;
  return { kind: isOver ? "talks" : "entry", step, left: Math.ceil(left), ...closing };
}

/** The ready sentences that fit what was typed after the slash: those of the talk's language, all words somewhere in them. */
export function fitting(groups, language, query) {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  const isOther = (group) => group.language !== language;
  const usable = groups.every(isOther) ? groups : groups.filter((group) => !isOther(group));
  return usable.flatMap(({ title, sentences }) =>
    sentences
      .filter((body) => wanted.every((word) => `${title} ${body}`.toLowerCase().includes(word)))
      .map((body) => ({ title, body })));
}

/** What stands after the slash, where a box begins with one; else null. */
export function slashQuery(text) {
  return /^[/／]/.test(text) && !text.includes("\n") ? text.slice(1).trim() : null;
}

/** The services of the directory in which every word stands, at most 30. */
export function servicesWith(services, words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return services.filter((one) => wanted.every((word) => `${one.name} ${one.area}`.toLowerCase().includes(word))).slice(0, 30);
}

/** Whether what came of an ended talk is still to be written down: not where somebody else goes on with it. */
export function canRecord(talk) {
  return ["visitor", "window", "campaign", "idle", "expired"].includes(talk.ended) && !talk.isRecorded;
}

/** Whether new talks come to this desk: a supervisor who has taken one over is paired with nobody. */
export function takesTalks(state) {
  return state.availability !== null && state.me?.role !== "supervisor";
}
