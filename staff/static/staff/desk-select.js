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
