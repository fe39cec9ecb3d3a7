/** Handing over: an offer of one's own, and those of others. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { live } from "./vendor/lit-html-3.3.3/directives/live.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { isAsking } from "./desk-beside.js";
import { troubleView } from "./desk-notes.js";
import { openOffers } from "./desk-select.js";
import { ticking } from "./format.js";
import { audienceName, languageName, words } from "./words.js";

const w = words.desk;
export const ANYBODY = "anybody";

/** What others would like to hand over, above the talks. */
export function offersView(state, act) {
  const offers = openOffers(state);
  if (!offers.length) return nothing;
  return html`<section class="offers" aria-label=${w.offers}>
    ${repeat(offers, (one) => one.id, (one) => html`<article class="offer" data-offer=${one.id}>
      <div><h2>${w.offerFrom(one.giver, one.isForMe)}</h2>
        <p class="offer-tags"><span class="tag">${audienceName(one.audience)}</span>
          ${one.language === "ja" ? nothing : html`<span class="tag">${languageName(one.language)}</span>`}
          ${one.urgency >= 2 ? html`<span class="tag tag-urgent">${w.tagUrgent}</span>` : nothing}
          <span class="faint">${w.offerLeft(ticking((one.expiresAt - state.now) / 1000))}</span></p></div>
      <p class="offer-summary" dir="auto">${one.summary || html`<span class="faint">${w.offerNoSummary}</span>`}</p>
      <div class="offer-acts">
        ${troubleView(state, "offer", one.id)}
        <button type="button" ?disabled=${isAsking(state, "offer", one.id)} @click=${() => act.acceptOffer(one.id)}>${w.accept}</button>
        <button type="button" class="quiet" @click=${() => act.declineOffer(one.id, one.isForMe)}>${w.decline}</button>
      </div>
    </article>`)}
  </section>`;
}

export function handoffView(state, talk, ui, act) {
  if (talk.ended) return html`<p class="faint">${w.over}</p>`;
  const { offer } = talk;
  if (offer?.state === "offered") {
    return html`<h3>${w.handoffTitle}</h3>
      <div class="waits"><p><b>${w.handoffWaits(offer.to)}</b></p>
        <p>${w.handoffKeep(ticking((offer.expiresAt - state.now) / 1000))}</p></div>
      ${troubleView(state, "cancel", talk.id)}
      <button type="button" class="quiet" @click=${() => act.cancelHandoff(talk.id, offer.handoff)}>${w.handoffCancel}</button>`;
  }
  if (offer && w.handoffEnded[offer.state]) {
    return html`<h3>${w.handoffTitle}</h3><p class="waits">${w.handoffEnded[offer.state]}</p>
      <button type="button" class="quiet" @click=${() => act.offerAgain(talk.id)}>${w.handoffAgain}</button>`;
  }
  return formView(state, talk, act);
}

function formView(state, talk, act) {
  const { id, choices } = talk;
  const { to = ANYBODY, summary = "" } = state.drafts[id] ?? {};
  const isAsked = isAsking(state, "handoff", id);
  const canOffer = choices?.length && summary.trim() && !isAsked && state.link === "open";
  return html`<form class="handoff" @submit=${(event) => act.offerHandoff(event, id)}>
    <h3>${w.handoffTitle}</h3><p class="faint">${w.handoffHint}</p>
    ${choices === null ? html`<p class="faint" aria-busy="true">${w.handoffLooking}</p>` : choicesView(id, choices, to, act)}
    <button type="button" class="quiet" @click=${() => act.lookForHandoff(id)}>${w.handoffLook}</button>
    <label for="summary">${w.handoffSummary}</label>
    <textarea id="summary" class="private" rows="4" maxlength="2000" autocomplete="off"
      .value=${live(summary)} @input=${(event) => act.draft(id, { summary: event.target.value })}></textarea>
    ${troubleView(state, "handoff", id)}
    <button type="submit" ?disabled=${!canOffer}>${isAsked ? w.handoffOffering : w.handoffOffer}</button>
  </form>`;
}

function choicesView(id, choices, to, act) {
  if (!choices.length) return html`<p class="waits">${w.handoffNobody}</p>`;
  const chosen = choices.some((one) => one.counselor === to) ? to : ANYBODY;
  const choice = (value, text) => html`<label class="switch"><input
    type="radio" name="to" value=${value} .checked=${live(value === chosen)} @change=${() => act.draft(id, { to: value })}><span>${text}</span></label>`;
  return html`<fieldset><legend>${w.handoffTo}</legend>
    ${choice(ANYBODY, w.handoffAnybody)}
    ${choices.map((one) => choice(one.counselor, w.handoffPerson(one.name, one.organization, one.free)))}
  </fieldset>`;
}
