/** What the board shows of its state: sentences, orders, groups. Pure. */

import { span } from "./format.js";
import { laneKey } from "./board-state.js";
import { audienceName, languageName, words } from "./words.js";

const say = words.board;
const LONGEST_MIN = 300; // beyond an evening a figure says nothing

/** How long the first of a lane has waited by now: it ticks between two `queue.stats`. */
export function oldestWaitS(state, lane) {
  return lane.waiting ? lane.oldest_wait_s + Math.max(0, state.now - state.stats.at) / 1000 : 0;
}

export function waitingTotal(stats) {
  return stats.lanes.reduce((sum, lane) => sum + lane.waiting, 0);
}

/** The state of the service in one sentence, in parts that stay together. */
export function sentence(state) {
  const { stats } = state;
  const waiting = waitingTotal(stats);
  const oldest = Math.max(0, ...stats.lanes.map((lane) => oldestWaitS(state, lane)));
  const wait = waiting ? say.sentence.waiting(waiting, span(oldest)) : say.sentence.nobodyWaits;
  if (stats.counselors.available + stats.counselors.busy === 0) return [wait, say.sentence.nobodyHere];
  return [wait, stats.freeSlots ? say.sentence.free(stats.freeSlots) : say.sentence.full];
}

/** A lane's name; its language where there are several. */
export function laneName({ audience, language }, lanes = []) {
  const isOnly = new Set(lanes.map((lane) => lane.language)).size < 2;
  return isOnly ? audienceName(audience) : `${audienceName(audience)}・${languageName(language)}`;
}

/** The id of the button that shows who stands in a lane. */
export function lookId(lane) {
  return `look-${laneKey(lane)}`;
}

/** The range for somebody who comes now. */
export function expectedWords(expected) {
  if (!expected) return say.lanes.noEstimate;
  const [low, high] = [Math.floor(expected.low_s / 60), Math.max(1, Math.ceil(expected.high_s / 60))];
  if (high > LONGEST_MIN) return say.lanes.atLeast(Math.max(1, low));
  return low > 0 && low < high ? say.lanes.range(low, high) : say.lanes.upTo(high);
}

/** The lanes that went from empty to waiting between two states. */
export function newlyWaiting(before, after) {
  if (!before.stats || !after.stats) return [];
  const waited = new Set(before.stats.lanes.filter((lane) => lane.waiting).map(laneKey));
  return after.stats.lanes.filter((lane) => lane.waiting && !waited.has(laneKey(lane)));
}

// --- counselors ---

const RANK = { available: 0, busy: 1, away: 2 };

/** The counselors by organization, each with its counts; those who are here first. */
export function byOrganization(people) {
  const groups = new Map();
  for (const one of people) {
    const members = groups.get(one.organization);
    if (members) members.push(one);
    else groups.set(one.organization, [one]);
  }
  return [...groups]
    .sort(([a], [b]) => a.localeCompare(b, "ja"))
    .map(([name, members]) => ({
      name,
      here: members.filter((one) => one.state !== "away" && one.online).length,
      members: [...members].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, "ja")),
    }));
}

/** Who holds talks without a sign of life stands first: that is trouble. */
function rank(one) {
  return isLost(one) ? -1 : RANK[one.state];
}

/** Holds talks, and gives no sign of life. */
export function isLost({ online, load }) {
  return !online && load > 0;
}

/** Who could be given somebody by hand now: most room first. */
export function withRoom(people) {
  return people
    .filter((one) => one.state === "available" && one.online && one.load < one.capacity)
    .sort((a, b) => b.capacity - b.load - (a.capacity - a.load) || a.name.localeCompare(b.name, "ja"));
}

// --- talks ---

/** Open talks, in the order asked for: who waits longest for an answer first, or the longest talk. */
export function sortedTalks(talks, order) {
  const waits = (one) => (one.counselor === null || one.saidBy === "visitor" || one.saidBy === null ? 0 : 1);
  const bySilence = (a, b) => waits(a) - waits(b) || a.saidAt - b.saidAt;
  return [...talks].sort(order === "length" ? (a, b) => a.openedAt - b.openedAt : bySilence);
}

export function silenceWords(talk, now) {
  const silence = span((now - talk.saidAt) / 1000);
  if (talk.saidBy === null || talk.saidBy === "system") return say.talks.justOpened(silence);
  return talk.saidBy === "visitor" ? say.talks.visitorWaits(silence) : say.talks.visitorSilent(silence);
}

// --- alarms ---

/** Those that nobody has seen to first, the newest first. */
export function sortedAlarms(alarms) {
  const isSeen = (one) => (one.acknowledged_at ? 1 : 0);
  return [...alarms].sort((a, b) => isSeen(a) - isSeen(b) || Date.parse(b.raised_at) - Date.parse(a.raised_at));
}

export function unseenAlarms({ alarms }) {
  return (alarms ?? []).filter((one) => !one.acknowledged_at);
}

export function alarmWords(alarm, lanes = []) {
  const where = alarm.audience ? laneName(alarm, lanes) : alarm.counselor || say.alarms.someone;
  return say.alarms.say[alarm.kind]?.(where, alarm.value) ?? alarm.kind;
}

/** Alarms that rose between two states and that nobody has seen to. */
export function newAlarms(before, after) {
  if (!after.alarms || before.alarms === after.alarms) return [];
  const known = new Set((before.alarms ?? []).map((one) => one.alarm));
  return unseenAlarms(after).filter((one) => !known.has(one.alarm));
}

/** Emergencies that were called between two states. */
export function newEmergencies(before, after) {
  return Object.values(after.emergencies).filter((one) => !before.emergencies[one.emergency]);
}

/** The calls, those that nobody has come to first. */
export function sortedEmergencies({ emergencies }) {
  return Object.values(emergencies).sort(
    (a, b) => (a.second ? 1 : 0) - (b.second ? 1 : 0) || Date.parse(a.called_at) - Date.parse(b.called_at),
  );
}

/** The page's title: what must be seen to first, then how many wait. */
export function titleOf(state) {
  const calls = Object.values(state.emergencies).filter((one) => !one.second).length;
  if (calls) return `！ ${say.emergency.head} (${calls})`;
  const alarms = unseenAlarms(state).length;
  const waiting = state.stats ? waitingTotal(state.stats) : 0;
  return [alarms ? `● ${say.alarms.head} ${alarms}` : "", waiting ? `(${waiting}) ${say.title}` : say.title].filter(Boolean).join(" ");
}

/** The instant of a time of day in Tokyo: on the day of `closesAt`, or the day after where that is over. */
export function endAt(closesAt, time, now) {
  const day = new Date(closesAt + 9 * 3_600_000).toISOString().slice(0, 10);
  const instant = Date.parse(`${day}T${time}:00+09:00`);
  return new Date(instant > now ? instant : instant + 86_400_000).toISOString();
}
