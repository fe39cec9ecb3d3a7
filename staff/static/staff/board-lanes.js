/** The lanes as rows, and who stands in one of them. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { expectedWords, laneName, lookId, oldestWaitS } from "./board-select.js";
import { isLookedAt, laneKey } from "./board-state.js";
import { clock, span, ticking } from "./format.js";
import { BOOSTS, URGENCIES, words } from "./words.js";

const say = words.board.lanes;
const DAY_MS = 86_400_000;

export function lanesView(state, ui, act) {
  return html`<section class="lanes-part" aria-labelledby="lanes-head">
    <h2 id="lanes-head">${say.head}</h2>
    <ul class="lanes">${repeat(state.stats.lanes, laneKey, (lane) => laneView(state, lane, act))}</ul>
  </section>`;
}

function laneView(state, lane, act) {
  const name = laneName(lane, state.stats.lanes);
  const isShut = lane.closes_at === undefined || lane.closes_at === null;
  return html`<li class="lane" data-lane=${laneKey(lane)} data-waiting=${lane.waiting ? "yes" : "no"} data-state=${isShut ? "shut" : lane.accepting ? "open" : "stopped"}>
    <h3 class="lane-name">${name}<small>${isShut ? say.shut : lane.accepting ? untilWords(lane, state.now) : nothing}</small>
      ${!isShut && !lane.accepting ? html`<span class="tag tag-stopped">${say.stopped}</span>` : nothing}</h3>
    <dl class="lane-facts">
      <div class="lane-waiting"><dt>${say.waiting}</dt><dd><b>${lane.waiting}</b>${unit(lane.waiting)}</dd></div>
      <div class="lane-oldest"><dt>${say.oldest}</dt><dd>${lane.waiting ? ticking(oldestWaitS(state, lane)) : say.none}</dd></div>
      <div class="lane-expected"><dt>${say.expected}</dt><dd data-known=${lane.expected ? "yes" : "no"}>${isShut ? "—" : expectedWords(lane.expected)}
        ${lane.expected && !lane.expected.by_close && !isShut ? html`<small>${say.notByClose}</small>` : nothing}</dd></div>
      <div class="lane-today"><dt>${say.today}</dt><dd>${todayView(lane.today)}</dd></div>
    </dl>
    ${curveView(state.curves[laneKey(lane)], name)}
    <div class="lane-acts">${actsView(state, lane, act)}</div>
  </li>`;
}

/** 「人」 is a word of its own beside the big figure. */
function unit(count) {
  return html`<span class="unit">${say.people(count).replace(String(count), "").trim()}</span>`;
}

function untilWords({ closes_at }, now) {
  const closesAt = Date.parse(closes_at);
  return closesAt - now < DAY_MS ? say.opensUntil(clock(closesAt)) : nothing;
}

function todayView(today) {
  if (!today) return "—";
  const facts = [["arrived", today.arrived], ["answered", today.answered], ["left", today.left], ["turnedAway", today.turned_away]];
  return html`<ul class="today">${facts.map(([name, count]) => html`<li>${say[name]} <b>${count}</b></li>`)}</ul>`;
}

/** The drawing is the server's: shown as a picture, it can run no script and change nothing here. */
function curveView(curve, name) {
  if (!curve) return html`<p class="lane-curve" aria-hidden="true"></p>`;
  return html`<p class="lane-curve"><img src=${`data:image/svg+xml,${encodeURIComponent(curve.svg)}`} width="240" height="64"
    alt=${say.curveWords(name, curve.waiting_now, curve.waiting_most)}></p>`;
}

function actsView(state, lane, act) {
  const isLooked = isLookedAt(state, lane);
  const isToday = lane.closes_at && Date.parse(lane.closes_at) - state.now < DAY_MS;
  const mayLook = state.me.role === "supervisor"; // not an administrator
  return html`${mayLook ? html`<button type="button" class="quiet" id=${lookId(lane)} aria-expanded=${isLooked} @click=${() => act.look(isLooked ? null : lane)}>${say.look}</button>` : nothing}
    ${state.maySet
      ? html`<button type="button" class="quiet" @click=${() => act.wish({ kind: lane.accepting ? "laneStop" : "laneOpen", target: lane })}>${lane.accepting ? say.stop : say.open}</button>`
      : nothing}
    ${state.maySet && isToday
      ? html`<button type="button" class="quiet" @click=${() => act.wish({ kind: "window", target: { audience: lane.audience, closesAt: Date.parse(lane.closes_at) } })}>${say.window}</button>`
      : nothing}`;
}

// --- who stands there ---

export function lookView(state, act) {
  const { tickets } = state.look;
  const { look } = words.board;
  return html`<section class="look" aria-labelledby="look-head" @keydown=${(event) => event.key === "Escape" && act.look(null)}>
    <h2 id="look-head">${look.head(laneName(state.look, state.stats.lanes))}
      <button type="button" class="quiet" @click=${() => act.look(null)}>${say.hide}</button></h2>
    ${tickets === null
      ? html`<p class="faint">${look.loading}</p>`
      : tickets.length
        ? html`<ol>${repeat(tickets, (one) => one.ticket, (one) => visitorView(state, one, act))}</ol>`
        : html`<p class="faint">${look.nobody}</p>`}
  </section>`;
}

function visitorView(state, one, act) {
  const { look } = words.board;
  const waitedS = (state.now - Date.parse(one.opened_at)) / 1000;
  const wish = (kind) => () => act.wish({ kind, target: one });
  return html`<li data-ticket=${one.ticket}>
    <p><b>${look.place(one.position)}</b> <span>${look.waited(span(waitedS))}</span>
      <span class="faint">${look.feeling(URGENCIES[one.urgency])}</span>
      ${one.check_words.length ? html`<span class="tag tag-check">${look.check(one.check_words.join(look.between))}</span>` : nothing}
      ${one.precedence ? html`<span class="tag">${BOOSTS[one.precedence]}</span>` : nothing}
      ${one.online ? nothing : html`<span class="faint">${look.away}</span>`}</p>
    <p class="acts">
      <button type="button" class="quiet" @click=${wish("boost")}>${look.boost}</button>
      <button type="button" class="quiet" @click=${wish("assign")}>${look.assign}</button>
      <button type="button" class="quiet" @click=${wish("block")}>${look.block}</button>
    </p>
  </li>`;
}
