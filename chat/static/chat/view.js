/** The talk on the screen. Words are set as text, never as markup; what did not change is not touched. */
import { plain, say } from "./page.js";
import { ahead, hasTalked, isFarBack, layout, minutes, readingOfMinutes, readingOfPeople, slotsOfDay } from "./state.js";

const ZONE = "Asia/Tokyo";
const clock = new Intl.DateTimeFormat(document.documentElement.lang || "ja", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: ZONE });
const date = new Intl.DateTimeFormat(document.documentElement.lang || "ja", { month: "long", day: "numeric", weekday: "short", timeZone: ZONE });
const dayOf = (/** @type {string} */ at) => date.format(new Date(at));
function dayWords(/** @type {string} */ at) {
  const parts = Object.fromEntries(date.formatToParts(new Date(at)).map((part) => [part.type, part.value]));
  if (document.documentElement.lang !== "ja") return date.format(new Date(at));
  return say("day", slotsOfDay(Number.parseInt(parts.month, 10), Number(parts.day), parts.weekday));
}
const timeOf = (/** @type {string} */ at) => clock.format(new Date(at));
const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * @param {{onAgain: (id: string) => void}} handlers
 */
export function createView({ onAgain }) {
  const talk = byId("talk");
  const log = byId("log");
  const bottom = byId("bottom");
  const jump = byId("jump");
  const status = byId("status");
  /** @type {Map<string, HTMLElement>} */
  const shown = new Map();
  /** @type {Map<string, string>} */
  const looks = new Map();
  let isAtBottom = true;
  let saidPlace = "";

  new IntersectionObserver(
    (entries) => {
      isAtBottom = entries[entries.length - 1].isIntersecting;
      if (isAtBottom) jump.hidden = true;
    },
    { rootMargin: "0px 0px 80px 0px", root: byId("scroller") },
  ).observe(bottom);

  const toBottom = () => bottom.scrollIntoView({ block: "end" });
  // the keyboard, a notice or a growing draft takes room: whoever read the newest words goes on reading them
  new ResizeObserver(() => {
    if (isAtBottom && talk.dataset.phase === "paired") toBottom();
  }).observe(byId("scroller"));
  jump.addEventListener("click", () => {
    jump.hidden = true;
    toBottom();
  });

  /** Put words in a place, unless they stand there already. */
  function put(/** @type {HTMLElement} */ place, /** @type {string} */ word, /** @type {Record<string, string|number>} */ slots = {}) {
    const look = word && `${word} ${JSON.stringify(slots)}`;
    if (place.dataset.look === look) return;
    place.dataset.look = look;
    if (word) place.replaceChildren(say(word, slots));
    else place.replaceChildren();
  }

  function announce(/** @type {string} */ word, /** @type {Record<string, string|number>} */ slots = {}) {
    status.textContent = plain(word, slots);
  }

  /** @param {import("./state.js").State} state */
  function showPlace(state) {
    const n = ahead(state);
    const before = n === null ? "place.soon" : n === 0 ? "place.next" : isFarBack(state) ? "place.about" : "place.ahead";
    put(byId("place"), before, n === null ? {} : { n, reading: readingOfPeople(n) });
    let range = n === null ? "" : "range.none";
    /** @type {Record<string, string|number>} */
    let slots = {};
    if (state.estimate !== null) {
      const { low, high } = minutes(state.estimate);
      range = low < 1 || low === high ? "range.within" : "range.between";
      slots = { low, high, reading: readingOfMinutes(high) };
    }
    put(byId("range"), range, slots);
    byId("not-by-close").hidden = state.estimate?.by_close !== false;
    if (saidPlace !== before + n && (n === null || n < 4 || saidPlace === "")) {
      saidPlace = before + n;
      announce(before, { n: n ?? "" });
    }
  }

  /** @param {import("./state.js").State} state */
  function showLine(state) {
    put(byId("counselor"), state.counselor ? "counselor" : "", { name: state.counselor });
    const isAway = state.line === "open" && !state.isCounselorHere;
    put(byId("line"), isAway ? "line.away" : `line.${state.line === "ended" ? "lost" : state.line}`);
    byId("typing").hidden = !(state.phase === "paired" && state.isCounselorTyping);
  }

  /** @param {import("./state.js").State} state @param {boolean} isCutOff */
  function showStrip(state, isCutOff) {
    const isLive = state.phase === "waiting" || state.phase === "paired";
    const strip = byId("strip");
    strip.hidden = !isLive || !(isCutOff || state.closing);
    if (strip.hidden) return;
    if (isCutOff || state.closing === null) return put(strip, "strip.lost");
    const slots = { closes: timeOf(state.closing.closes_at), ends: timeOf(state.closing.ends_at) };
    put(strip, state.phase === "paired" ? "strip.closing" : "strip.closing-waiting", slots);
  }

  /** @param {import("./state.js").State} state */
  function endWord(state) {
    if (state.reason === "visitor" && !hasTalked(state)) return "end.left";
    const known = ["counselor", "visitor", "window", "campaign", "idle", "expired"];
    return state.reason && known.includes(state.reason) ? `end.${state.reason}` : "end.unknown";
  }

  function make(/** @type {string} */ name, /** @type {string} */ className, /** @type {string} */ text = "") {
    const node = document.createElement(name);
    node.className = className;
    if (text) node.textContent = text;
    return node;
  }

  /** @param {import("./state.js").Item} item */
  function build(item) {
    if (item.kind === "day") {
      const line = make("p", "day");
      line.append(dayWords(item.at));
      return line;
    }
    if (item.kind === "notice") return make("p", "notice", item.body);
    const bubble = make("div", "bubble");
    const from = make("span", "unseen");
    from.append(say(item.isOwn ? "from.visitor" : "from.counselor"));
    bubble.append(from, make("div", "words", item.body), make("div", "meta"));
    return bubble;
  }

  /** @param {HTMLElement} node @param {import("./state.js").Item} item */
  function dress(node, item) {
    if (item.kind !== "bubble") return;
    const isPending = item.mark === "sending" || item.mark === "failed";
    node.className = ["bubble", item.isOwn && "own", item.isFirst && "first", isPending && "pending"].filter(Boolean).join(" ");
    const meta = /** @type {HTMLElement} */ (node.lastElementChild);
    /** @type {Node[]} */
    const parts = [];
    if (item.isLast && item.at) {
      const time = document.createElement("time");
      time.dateTime = item.at;
      time.textContent = timeOf(item.at);
      parts.push(time);
    }
    if (item.mark === "failed" && item.code !== "body_too_long") parts.push(againButton(item.id));
    else if (item.mark) {
      const mark = document.createElement("span");
      mark.append(say(item.mark === "failed" ? "failed.too-long" : item.mark));
      parts.push(mark);
    }
    meta.replaceChildren(...parts);
  }

  function againButton(/** @type {string} */ id) {
    const button = /** @type {HTMLButtonElement} */ (make("button", "again"));
    button.type = "button";
    button.append(say("failed"));
    button.addEventListener("click", () => onAgain(id));
    return button;
  }

  /** Bring the log into line with the items, touching only what is new or has changed. */
  function showLog(/** @type {import("./state.js").Item[]} */ items) {
    const keys = new Set(items.map((item) => item.key));
    for (const [key, node] of shown) {
      if (keys.has(key)) continue;
      node.remove();
      shown.delete(key);
      looks.delete(key);
    }
    /** @type {Element|null} */
    let place = log.firstElementChild;
    let isNew = false;
    for (const item of items) {
      let node = shown.get(item.key);
      if (!node) {
        node = build(item);
        shown.set(item.key, node);
        isNew = true;
      }
      const look = JSON.stringify(item);
      if (looks.get(item.key) !== look) dress(node, item);
      looks.set(item.key, look);
      if (node === place) place = place.nextElementSibling;
      else log.insertBefore(node, place);
    }
    return isNew;
  }

  /**
   * Turn the cards over to what is open now: this page may have been open for hours.
   * @param {{channel: string, audience: string, is_open: boolean, accepting: boolean, next_opens_at: string|null}[]} services
   */
  function showServices(services) {
    const now = new Map(services.map((service) => [`${service.channel}:${service.audience}`, service]));
    for (const section of document.querySelectorAll("[data-cards]")) {
      const cards = /** @type {HTMLElement[]} */ ([...section.querySelectorAll("[data-service]")]);
      for (const card of cards) {
        const service = now.get(card.dataset.service ?? "");
        const isOpen = Boolean(service?.is_open && service.accepting);
        card.hidden = isOpen !== (/** @type {HTMLElement} */ (section).dataset.cards === "open");
        const next = card.querySelector("[data-next]");
        if (next && service?.next_opens_at) next.replaceChildren(dayWords(service.next_opens_at), ` ${timeOf(service.next_opens_at)}`);
      }
      /** @type {HTMLElement} */ (section).hidden = cards.every((card) => card.hidden);
    }
  }

  return {
    showServices,
    /** Show the state. @param {import("./state.js").State} state
     * @param {readonly import("./outbox.js").Entry[]} unsent @param {boolean} isCutOff the line has been away for a while */
    render(state, unsent, isCutOff) {
      const phaseBefore = talk.dataset.phase;
      talk.dataset.phase = state.phase;
      talk.dataset.line = state.line;
      talk.dataset.talked = String(hasTalked(state));
      const isBusy = state.lastSeq < state.headSeq;
      log.setAttribute("aria-busy", String(isBusy)); // a replay is not read aloud line by line
      if (state.phase === "waiting") showPlace(state);
      if (state.phase === "closed") put(byId("end-words"), endWord(state));
      showLine(state);
      showStrip(state, isCutOff);
      const wasAtBottom = isAtBottom;
      const isNew = showLog(layout(state, unsent, dayOf));
      if (state.phase !== phaseBefore && state.phase === "closed") byId("end-title").scrollIntoView({ block: "center" });
      else if (state.phase === "paired" && (wasAtBottom || isBusy || phaseBefore !== "paired")) toBottom();
      else if (isNew) jump.hidden = state.phase !== "paired";
    },
    announce,
    toBottom,
    isAtBottom: () => isAtBottom,
  };
}
