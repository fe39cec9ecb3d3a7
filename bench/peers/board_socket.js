/** A supervisor's socket that tells of a full evening and goes on telling. For bench/smooth.py. */

const ORGANIZATIONS = 20;
const EVERY_MS = 1_000;
const people = [];
const talks = [];
let waiting = 10_000;
const at = (agoS) => new Date(Date.now() - agoS * 1000).toISOString();
const idOf = (index) => `0193f100-0000-4000-8000-${String(index).padStart(12, "0")}`;
const turn = (index, turns) => (index * 7919 + 13) % turns;

window.startEvening = (counselors, talksEach) => {
  for (let index = 0; index < counselors; index += 1) {
    people.push({ id: idOf(index), name: `相談員${turn(index, counselors)}`, organization: `団体${index % ORGANIZATIONS}`, state: "busy", load: talksEach, capacity: talksEach, online: true });
    for (let talk = 0; talk < talksEach; talk += 1) talks.push({ id: idOf(1000 + talks.length), index, openedS: 60 + turn(index + talk, 3600), saidS: turn(index * 3 + talk, 900) });
  }
  window.WebSocket = class extends window.PageSocket {
    hear(frame) {
      if (frame.type === "hello") this.tell({ type: "welcome", v: 1, server_time: at(0), window_closes_at: at(-3600), me: { id: "s", name: "さら", role: "supervisor", organization: "" }, availability: null, conversations: [] });
      if (frame.type === "board.watch") this.watch();
      if (frame.type === "queue.look") this.tell({ type: "queue.tickets", audience: frame.audience, language: frame.language, tickets: tickets() });
    }
    watch() {
      let count = 0;
      const next = () => {
        this.tell(stats(count % 5 === 0)); // as the server does: signs of life every five seconds, the lanes each
        if (count % 5 === 0) this.tell({ type: "talks", talks: talks.map(talkRow) });
        if (count % 60 === 0) this.tell({ type: "board.curves", curves: lanes().map((lane) => ({ ...lane, svg: "<svg xmlns='http://www.w3.org/2000/svg'/>", waiting_now: lane.waiting, waiting_most: lane.waiting })) });
        if (count === 0) this.tell({ type: "alarms", alarms: [], thresholds: [], may_set: true });
        count += 1;
        waiting += 1;
      };
      next();
      setInterval(next, EVERY_MS);
    }
  };
};

function lanes() {
  const today = { arrived: 12_000, answered: 900, left: 400, turned_away: 30 };
  return ["youth", "general"].map((audience) => ({
    audience, language: "ja", waiting, oldest_wait_s: 3600, accepting: true, closes_at: at(-3600),
    expected: { low_s: 3600, high_s: 7200, by_close: true }, today,
  }));
}

function stats(withPeople) {
  const frame = { type: "queue.stats", lanes: lanes(), counselors: { available: 0, busy: people.length, away: 0 }, free_slots: 0 };
  return withPeople ? { ...frame, people: people.map((one, index) => ({ ...one, seen_at: at(turn(index, 30)) })) } : frame;
}

/** Some words are said between two lists. */
function talkRow(talk) {
  if (Math.random() < 0.05) talk.saidS = -performance.now() / 1000;
  const { id, index, openedS, saidS } = talk;
  const silentS = Math.floor(saidS + performance.now() / 1000);
  return {
    conversation: id, counselor: people[index].id, name: people[index].name, organization: people[index].organization,
    audience: "youth", language: "ja", urgency: index % 40 ? 0 : 3, opened_at: at(openedS), silent_s: silentS, reach: "own",
    said_at: at(silentS), said_by: index % 2 ? "visitor" : "counselor",
  };
}

function tickets() {
  return Array.from({ length: 50 }, (_, index) => ({
    ticket: idOf(5000 + index), position: index + 1, opened_at: at(3600 - index), urgency: index % 3, precedence: 0, check_words: [], online: true,
  }));
}
