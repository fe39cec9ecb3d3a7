/** The desk around the talks: the bar on top, the banners, what fills the middle. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { live } from "./vendor/lit-html-3.3.3/directives/live.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { listView } from "./desk-list.js";
import { offersView } from "./desk-handoff.js";
import { panelView } from "./desk-panel.js";
import { closingWarning, columns, fourNumbers, takesTalks } from "./desk-select.js";
import { settingsView } from "./desk-settings.js";
import { talkView } from "./desk-talk.js";
import { clock, countdown, span } from "./format.js";
import { errorWords, linkWords, words } from "./words.js";

const w = words.desk;

/** The whole desk. `ui`: what belongs to this window alone (room for columns, the open panel, the settings). */
export function deskView(state, ui, act) {
  return html`
    ${barView(state, ui, act)} ${bannersView(state, ui, act)}
    ${state.isReady ? workView(state, ui, act) : skeletonView(state)}
  `;
}

function barView(state, ui, act) {
  return html`<section class="bar" aria-label=${w.bar}>
    ${takesTalks(state) ? availabilityView(state, act) : html`<div class="availability"></div>`}
    ${state.stats ? numbersView(fourNumbers(state.stats, state.now)) : nothing}
    ${state.isReady ? closingClockView(state) : nothing}
    ${settingsView(state, ui, act)}
  </section>`;
}

function availabilityView(state, act) {
  const { state: now, capacity, backAt } = state.availability;
  const isOff = state.link !== "open";
  const isPausing = now === "away" && backAt > state.now;
  const choice = (name, isOn, wanted, text) => html`<button
    type="button" class="choice choice-${name}" aria-pressed=${isOn} ?disabled=${isOff} @click=${() => act.setAvailability(wanted)}
  ><span class="dot" aria-hidden="true"></span>${text}</button>`;
  return html`<div class="availability" role="group" aria-label=${w.takingIn}>
    <div class="choices">
      ${choice("available", now === "available", { state: "available" }, isPausing ? w.backAtOnce : w.available)}
      ${choice("pause", isPausing, { state: "away", back_in_s: 300 }, isPausing ? pauseView((backAt - state.now) / 1000) : w.pause)}
      ${choice("away", now === "away" && !isPausing, { state: "away" }, w.away)}
    </div>
    <label class="capacity">${w.atOnce}
      <select
        name="capacity" .value=${live(String(capacity))} ?disabled=${isOff}
        @change=${(event) => act.setCapacity(Number(event.target.value))}
      >${[1, 2, 3, 4, 5].map((count) => html`<option value=${count} ?selected=${count === capacity}>${w.people(count)}</option>`)}</select>
    </label>
  </div>`;
}

function pauseView(leftS) {
  return html`<span aria-hidden="true">${w.pausing(countdown(leftS))}</span><span class="unseen">${w.pausingFor(span(leftS))}</span>`;
}

function numbersView({ waiting, oldestS, free, available }) {
  return html`<dl class="numbers">
    <div><dt>${w.waiting}</dt><dd data-number="waiting">${w.people(waiting)}</dd></div>
    <div><dt>${w.oldest}</dt><dd data-number="oldest">${waiting ? span(oldestS) : w.nobodyWaits}</dd></div>
    <div><dt>${w.free}</dt><dd data-number="free">${w.freeCount(free)}</dd></div>
    <div><dt>${w.availableCount}</dt><dd data-number="available">${w.people(available)}</dd></div>
  </dl>`;
}

function closingClockView({ windowClosesAt, now }) {
  if (!windowClosesAt) return html`<p class="closing-clock"><span>${w.window}</span><b>${w.outsideWindow}</b></p>`;
  const left = (windowClosesAt - now) / 1000;
  return html`<p class="closing-clock"><span>${w.windowUntil(clock(windowClosesAt))}</span>
    <b>${left > 0 ? w.left(span(left)) : w.windowOver}</b></p>`;
}

function bannersView(state, ui, act) {
  const link = linkWords(state.link, state.code);
  return html`
    ${link
      ? html`<div class="banner banner-${state.link}" role="alert"><p>${link}${state.link === "lost" ? w.kept : ""}</p>
          ${state.link === "lost"
            ? html`<button type="button" @click=${act.retryNow}>${words.link.retryNow}</button>`
            : html`<a class="button" href=${state.code === 4403 ? "/staff/" : ui.loginUrl}>
                ${state.code === 4403 ? words.link.toOwnPage : words.link.toSignIn}</a>`}
        </div>`
      : nothing}
    ${closingBannerView(closingWarning(state), ui, act)}
    ${state.notice
      ? html`<div class="banner banner-notice" role="alert"><p>${errorWords(state.notice.code, state.notice.retryAfterS)}</p>
          <button type="button" class="quiet" @click=${act.noticed}>${w.dismiss}</button>
        </div>`
      : nothing}
  `;
}

function closingBannerView(warning, ui, act) {
  if (!warning || ui.dismissedWarning === `${warning.kind} ${warning.step}`) return nothing;
  return html`<div class="banner banner-closing" data-step=${warning.step ?? "over"}><p>${closingWords(warning)}</p>
    <button type="button" class="quiet" @click=${() => act.dismissWarning(warning)}>${w.dismiss}</button></div>`;
}

/** Say how much time is left, and until when one can go on. */
export function closingWords({ kind, step, left, closesAt, endsAt }) {
  if (kind === "entry") return w.entryCloses(left, clock(closesAt), clock(endsAt));
  return step === null ? w.talksEnd(left, clock(endsAt)) : w.talksEndSoon(left, clock(endsAt));
}

function skeletonView(state) {
  if (state.link === "ended") return nothing;
  return html`<div class="skeleton" aria-busy="true"><p>${w.loading}</p>
    <div class="skeleton-parts" aria-hidden="true"><i></i><i></i><i></i></div></div>`;
}

function workView(state, ui, act) {
  const talk = state.talks[state.focus];
  const shown = columns(state, ui.room);
  return html`${offersView(state, act)}<div class="desk" data-about=${ui.isPanelOpen && talk ? "open" : "closed"}>
    ${listView(state, act)}
    <div class="talks" data-count=${shown.length}>
      ${shown.length ? repeat(shown, (one) => one.id, (one) => talkView(state, one, ui, act)) : emptyView(state)}
    </div>
    <aside class="about" aria-label=${w.panel}>${talk ? panelView(state, talk, ui, act) : nothing}</aside>
  </div>`;
}

function emptyView({ availability, windowClosesAt, now }) {
  const isAway = availability?.state === "away";
  const [title, hint] =
    isAway && availability.backAt > now ? [w.pausingTitle, w.pausingHint(clock(availability.backAt))]
    : isAway ? [w.awayTitle, w.awayHint]
    : !windowClosesAt || windowClosesAt <= now ? [w.outsideTitle, w.outsideHint]
    : [w.emptyTitle, w.emptyHint];
  return html`<div class="empty"><h2>${title}</h2><p>${hint}</p></div>`;
}
