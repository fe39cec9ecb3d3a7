/** Help outside on record: whom, why, what was told, who answered, what follows, until it is closed. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { live } from "./vendor/lit-html-3.3.3/directives/live.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { isAsking } from "./desk-beside.js";
import { troubleView } from "./desk-notes.js";
import { servicesWith } from "./desk-select.js";
import { clock } from "./format.js";
import { words } from "./words.js";

const w = words.desk;

export function referralsView(state, talk, ui, act) {
  const { referrals } = talk;
  return html`<section class="referrals"><h3>${w.referralTitle}</h3><p class="faint">${w.referralHint}</p>
    <ul>${repeat(referrals, (one) => one.id, (one) => referralView(state, talk, one, act))}</ul>
    ${talk.ended
      ? nothing
      : ui.isReferring
        ? formView(state, talk, ui, act)
        : html`<button type="button" class="quiet" @click=${() => act.startReferral(talk.id)}>${w.referralNew}</button>`}
  </section>`;
}

function referralView(state, talk, one, act) {
  const draft = state.drafts[talk.id]?.[`follow ${one.id}`] ?? {};
  const change = (part) => act.draft(talk.id, { [`follow ${one.id}`]: { ...draft, ...part } });
  return html`<li class="referral" data-closed=${Boolean(one.closedAt)}>
    ${one.isDrill ? html`<p class="drill">${w.drillMark}</p>` : nothing}
    <h4><bdi>${one.service}</bdi> <span class="tag">${w.kinds[one.kind] ?? one.kind}</span></h4>
    <p class="faint">${w.referralOpened(clock(one.openedAt))}${one.calledAt ? html`・${w.referralCalled(clock(one.calledAt))}` : nothing}${
      one.closedAt ? html`・${w.referralClosed(clock(one.closedAt))}` : nothing}</p>
    ${one.closedAt || talk.ended
      ? nothing
      : html`<form @submit=${(event) => act.followReferral(event, talk.id, one.id)}>
          <label>${w.referralAnswered}<input maxlength="200" autocomplete="off" .value=${live(draft.answered ?? "")} @input=${(event) => change({ answered: event.target.value })}></label>
          <label>${w.referralFollows}<textarea class="private" rows="2" maxlength="1000" .value=${live(draft.follows ?? "")} @input=${(event) => change({ follows: event.target.value })}></textarea></label>
          <label class="switch"><input type="checkbox" .checked=${live(draft.isDone ?? false)} @change=${(event) => change({ isDone: event.target.checked })}>${w.referralDone}</label>
          ${troubleView(state, `follow ${one.id}`, talk.id)}
          <button type="submit" class="quiet" ?disabled=${!(draft.answered?.trim() || draft.follows?.trim() || draft.isDone)}>${w.referralSave}</button>
        </form>`}
  </li>`;
}

function formView(state, talk, ui, act) {
  const { id, call } = talk;
  const { kind = "", service = "", ground = call?.ground ?? "", facts = "" } = state.drafts[id] ?? {};
  const isAsked = isAsking(state, "referral", id);
  const isReady = kind && service.trim() && ground && facts.trim() && !isAsked && state.link === "open";
  const radio = (value) => html`<label class="switch"><input type="radio" name="ground" value=${value}
    .checked=${live(ground === value)} @change=${() => act.draft(id, { ground: value })}>${w.grounds[value]}</label>`;
  return html`<form class="referral-form" @submit=${(event) => act.openReferral(event, id)}>
    ${call?.isDrill ? html`<p class="drill">${w.drillMark}</p>` : nothing}
    <label for="kind">${w.referralKind}</label>
    <select id="kind" .value=${live(kind)} @change=${(event) => act.chooseKind(id, event.target.value)}>
      <option value="">${w.choose}</option>
      ${Object.entries(w.kinds).map(([code, text]) => html`<option value=${code} ?selected=${code === kind}>${text}</option>`)}
    </select>
    ${kind ? directoryView(state, id, ui, act) : nothing}
    <label for="service">${w.referralService}</label>
    <input id="service" maxlength="200" autocomplete="off" .value=${live(service)} @input=${(event) => act.draft(id, { service: event.target.value })}>
    <fieldset><legend>${w.referralGround}</legend>${radio("consent")}${radio("danger_to_life")}</fieldset>
    <label for="facts">${w.referralFacts}</label>
    <textarea id="facts" class="private" rows="3" maxlength="2000" autocomplete="off"
      .value=${live(facts)} @input=${(event) => act.draft(id, { facts: event.target.value })}></textarea>
    ${troubleView(state, "referral", id)}
    <button type="submit" ?disabled=${!isReady}>${isAsked ? w.referralOpening : w.referralOpen}</button>
  </form>`;
}

function directoryView(state, id, ui, act) {
  if (!state.directory) return nothing;
  const found = servicesWith(state.directory.services, ui.directorySearch);
  return html`<label for="directory">${w.directorySearch}</label>
    <input id="directory" type="search" autocomplete="off" .value=${live(ui.directorySearch)} @input=${(event) => act.searchDirectory(event.target.value)}>
    ${found.length
      ? html`<ul class="directory">${found.map((one) => html`<li>
          <button type="button" class="quiet" @click=${() => act.draft(id, { service: one.name })}>
            <b>${one.name}</b> <span>${one.area}${one.phone ? `・${one.phone}` : ""}</span>
            <small>${w.directoryHours(one.hours, one.new_year_hours)}</small></button></li>`)}</ul>`
      : html`<p class="faint">${w.directoryNone}</p>`}`;
}
