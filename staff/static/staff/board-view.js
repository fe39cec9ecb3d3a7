/** The board: what must be seen to, one sentence, the lanes, the talks, the counselors. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { alarmsView } from "./board-alarms.js";
import { dialogView } from "./board-dialog.js";
import { emergenciesView, referralsView } from "./board-emergency.js";
import { lanesView, lookView } from "./board-lanes.js";
import { peopleView } from "./board-people.js";
import { sentence } from "./board-select.js";
import { joinedView, talksView } from "./board-talks.js";
import { clock, span, ticking } from "./format.js";
import { linkWords, words } from "./words.js";

const say = words.board;

export function boardView(state, ui, act) {
  return html`
    ${bannerView(state, ui, act)}
    ${state.stats ? wholeView(state, ui, act) : waitingView(state)}
    ${ui.wish ? dialogView(state, ui, act) : nothing}
  `;
}

function bannerView(state, ui, act) {
  const link = linkWords(state.link, state.code);
  if (!link) return nothing;
  const stale = state.stats ? say.stale(ticking((state.now - state.stats.at) / 1000)) : "";
  const isForeign = state.code === 4403;
  return html`<div class="banner banner-${state.link}" role="alert"><p>${link} ${stale}</p>
    ${state.link === "lost"
      ? html`<button type="button" @click=${act.retryNow}>${words.link.retryNow}</button>`
      : html`<a class="button" href=${isForeign ? "/staff/" : ui.loginUrl}>${isForeign ? words.link.toOwnPage : words.link.toSignIn}</a>`}
  </div>`;
}

function waitingView({ link }) {
  if (link === "ended") return nothing;
  return html`<div class="skeleton" aria-busy="true"><p>${say.loading}</p>
    <div class="skeleton-parts" aria-hidden="true"><i></i><i></i><i></i></div></div>`;
}

function wholeView(state, ui, act) {
  return html`<div class="board" data-link=${state.link}>
    <div class="board-top">
      <p class="sentence" id="sentence">${sentence(state).map((part) => html`<span>${part}</span>`)}</p>
      <p class="board-closing">${state.windowClosesAt ? closingWords(state) : nothing}
        <button type="button" class="quiet board-sound" @click=${act.toggleSound}>${ui.isLoud ? say.soundOn : say.soundOff}</button>
      </p>
      ${noticeView(state, act)}
    </div>
    ${emergenciesView(state, ui, act)}
    <div class="board-columns">
      <div class="board-main">
        ${lanesView(state, ui, act)}
        ${state.look ? lookView(state, act) : nothing}
        ${Object.values(state.joined).map((talk) => joinedView(state, ui, act, talk))}
        ${talksView(state, ui, act)}
        ${peopleView(state, ui, act)}
      </div>
      <div class="board-side">
        ${alarmsView(state, ui, act)}
        ${state.talks ? referralsView(state, ui, act) : nothing}
      </div>
    </div>
  </div>`;
}

function noticeView({ notice }, act) {
  if (!notice) return nothing;
  return html`<p class="note board-notice"><span>${notice}</span>
    ${notice === say.dialog.take.toDesk ? html`<a class="button" href="/staff/desk/">${notice}</a>` : nothing}
    <button type="button" class="quiet" @click=${act.noticed}>${say.joined.putAway}</button></p>`;
}

function closingWords({ windowClosesAt, now }) {
  const left = (windowClosesAt - now) / 1000;
  return left > 0 ? say.closing(clock(windowClosesAt), span(left)) : say.closed(clock(windowClosesAt));
}
