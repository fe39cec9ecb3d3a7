/** A call for help from a desk, its checklist and decision; and the referrals that are open. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { actErrorWords } from "./board-acts.js";
import { showAgainView } from "./board-dialog.js";
import { sortedEmergencies } from "./board-select.js";
import { clock, ticking } from "./format.js";
import { words } from "./words.js";

const say = words.board.emergency;
const { referrals: sayReferral } = words.board;

export function emergenciesView(state, ui, act) {
  return repeat(sortedEmergencies(state), (one) => one.emergency, (one) => callView(state, ui, act, one));
}

function callView(state, ui, act, call) {
  const { emergency: id, called_by: name, second, drill } = call;
  const calledAt = Date.parse(call.called_at);
  const isJoined = call.conversation in state.joined && !state.joined[call.conversation].ended;
  return html`<section class="call" data-emergency=${id} data-second=${second ? "yes" : "no"} aria-labelledby="call-${id}">
    <header>
      <h2 id="call-${id}"><span aria-hidden="true">！</span> ${say.head}${drill ? html` <span class="tag">${say.drill}</span>` : nothing}</h2>
      <p>${say.called(name, clock(calledAt))} <b class="call-clock">${say.running(ticking((state.now - calledAt) / 1000))}</b></p>
      <p>${second ? say.second(second) : say.nobodyYet}</p>
      ${errorView(state, `call-${id}`)}
      ${isJoined
        ? html`<a class="button" href="#joined-${call.conversation}">${say.open}</a>`
        : html`<p class="acts"><button type="button" ?disabled=${state.link !== "open"} @click=${() => act.come(call)}>${second ? say.open : say.come}</button>
            ${second ? nothing : html`<span class="faint">${say.comeWhy}</span>`}</p>`}
    </header>
    ${second ? html`${checklistView(call, state, act)} ${decisionView(state, ui, act, call)}` : nothing}
  </section>`;
}

function checklistView({ emergency: id, checks }, { link }, act) {
  return html`<div class="checklist"><h3>${say.checklist}</h3>
    <ol>${Object.entries(say.steps).map(
      ([step, [what, how]]) => html`<li data-step=${step} data-asked=${checks[step] ? "yes" : "no"}>
        <p><b>${what}</b><br>${how}</p>
        ${checks[step]
          ? html`<p class="faint">✓ ${say.askedAt(clock(Date.parse(checks[step])))}</p>`
          : html`<button type="button" class="quiet" ?disabled=${link !== "open"} @click=${() => act.check(id, step)}>${say.asked}<span class="unseen">：${what}</span></button>`}
      </li>`,
    )}</ol></div>`;
}

function decisionView(state, ui, act, { emergency: id }) {
  const draft = ui.decisions[id] ?? {};
  return html`<form class="decision" @submit=${(event) => act.decide(event, id)} @change=${(event) => act.draftDecision(id, event.currentTarget)}>
    <h3>${say.decideHead}</h3>
    <fieldset><legend class="unseen">${say.decideHead}</legend>
      ${Object.entries(say.decisions).map(
        ([value, [what, means]]) => html`<label class="choice"><input type="radio" name="decision" value=${value} required .checked=${draft.decision === value}> <span><b>${what}</b><br>${means}</span></label>`,
      )}
    </fieldset>
    ${draft.decision === "refer" ? groundView(draft.ground) : nothing}
    <label>${say.words}<textarea name="words" rows="2" maxlength="2000" required .value=${draft.words ?? ""}></textarea></label>
    ${errorView(state, `decide-${id}`)}
    <button type="submit" ?disabled=${state.link !== "open"}>${say.decide}</button>
  </form>`;
}

function groundView(chosen) {
  return html`<fieldset><legend>${say.ground}</legend>
    ${Object.entries(say.grounds).map(
      ([value, what]) => html`<label class="choice"><input type="radio" name="ground" value=${value} required .checked=${chosen === value}> <span>${what}</span></label>`,
    )}</fieldset>`;
}

function errorView({ acts }, id) {
  const failed = acts[id];
  if (failed?.state !== "error") return nothing;
  return html`<p class="wrong" role="alert">${actErrorWords(failed.code)} ${failed.code === "show_again" ? showAgainView() : nothing}</p>`;
}

// --- referrals ---

export function referralsView(state, ui, act) {
  return html`<section class="referrals" aria-labelledby="referrals-head">
    <h2 id="referrals-head">${sayReferral.head}</h2>
    ${ui.referral ? newView(state, ui, act) : nothing}
    ${state.referrals.length
      ? html`<ul>${repeat(state.referrals, (one) => one.referral, (one) => referralView(state, one, act))}</ul>`
      : html`<p class="faint">${sayReferral.none}</p>`}
  </section>`;
}

function referralView(state, one, act) {
  return html`<li class="referral" data-referral=${one.referral}>
    <p><b>${one.service}</b> <small>${sayReferral.kinds[one.kind]}</small> ${one.drill ? html`<span class="tag">${say.drill}</span>` : nothing}</p>
    <p class="faint">${sayReferral.opened(one.opened_by, clock(Date.parse(one.opened_at)))}</p>
    <p>${one.called_at ? sayReferral.calledAt(clock(Date.parse(one.called_at))) : sayReferral.notCalled}</p>
    <details><summary>${sayReferral.follow}</summary>
      <form @submit=${(event) => act.follow(event, one.referral)}>
        <label>${sayReferral.answeredBy}<input name="answered_by" maxlength="200" autocomplete="off"></label>
        <label>${sayReferral.follows}<textarea name="follows" rows="2" maxlength="2000"></textarea></label>
        <label class="choice"><input type="checkbox" name="closed"> <span>${sayReferral.close}</span></label>
        ${errorView(state, `follow-${one.referral}`)}
        <button type="submit" ?disabled=${state.link !== "open"}>${sayReferral.save}</button>
      </form></details>
  </li>`;
}

function newView(state, { referral }, act) {
  const { services } = state;
  const list = (services?.list ?? []).filter((one) => one.kind === referral.kind);
  return html`<form class="referral-new" @submit=${(event) => act.openReferral(event)}>
    <h3>${sayReferral.new}</h3>
    <label>${sayReferral.kind}<select name="kind" @change=${(event) => act.draftReferral({ kind: event.target.value })}>
      ${Object.entries(sayReferral.kinds).map(([value, label]) => html`<option value=${value} ?selected=${value === referral.kind}>${label}</option>`)}</select></label>
    ${list.length
      ? html`<ul class="services" aria-label=${sayReferral.directory}>${list.map(
          (one) => html`<li><button type="button" class="quiet" @click=${() => act.draftReferral({ service: one.name })}><b>${one.name}</b> <small>${one.area}</small></button>
            <p class="faint">${one.phone ? sayReferral.phone(one.phone) : sayReferral.noPhone}・${sayReferral.newYear(one.new_year_hours)}</p></li>`,
        )}</ul>`
      : nothing}
    <label>${sayReferral.service}<input name="service" required maxlength="200" autocomplete="off" .value=${referral.service} @input=${(event) => act.draftReferral({ service: event.target.value })}></label>
    <fieldset><legend>${say.ground}</legend>
      ${Object.entries(say.grounds).map(([value, what]) => html`<label class="choice"><input type="radio" name="ground" value=${value} required .checked=${referral.ground === value}> <span>${what}</span></label>`)}
    </fieldset>
    <label>${sayReferral.facts}<textarea name="facts" rows="3" required maxlength="2000"></textarea></label>
    ${errorView(state, "referral-new")}
    <p class="acts"><button type="submit" ?disabled=${state.link !== "open"}>${sayReferral.save}</button>
      <button type="button" class="quiet" @click=${() => act.refer(null)}>${words.board.dialog.cancel}</button></p>
  </form>`;
}
