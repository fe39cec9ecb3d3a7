/** Danger to life: the call, the second person, the questions with a running clock, the decision. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { isAsking } from "./desk-beside.js";
import { troubleView } from "./desk-notes.js";
import { referralsView } from "./desk-referral.js";
import { clock, ticking } from "./format.js";
import { words } from "./words.js";

const w = words.desk;

export function helpView(state, talk, ui, act) {
  const { call } = talk;
  return html`
    ${call ? calledView(state, talk, act) : callView(state, talk, act)}
    ${sayingsView()}
    ${call?.decision || !call ? nothing : checksView(state, talk, act)}
    ${referralsView(state, talk, ui, act)}
  `;
}

function callView(state, talk, act) {
  if (talk.ended) return nothing;
  const isAsked = isAsking(state, "call", talk.id);
  return html`<section class="help"><h3>${w.helpTitle}</h3><p>${w.helpHint}</p>
    <button type="button" class="alarm" ?disabled=${isAsked} @click=${() => act.callHelp(talk.id, false)}>${isAsked ? w.helpCalling : w.helpCall}</button>
    <button type="button" class="quiet" ?disabled=${isAsked} @click=${() => act.callHelp(talk.id, true)}>${w.helpDrill}</button>
    ${isAsked && state.link !== "open" ? html`<p class="wrong" role="alert">${w.helpOffline}</p>` : nothing}
    ${troubleView(state, "call", talk.id)}
  </section>`;
}

function calledView(state, { call }, act) {
  return html`<section class="help" data-drill=${call.isDrill} data-call=${call.decision ? "decided" : "open"}>
    ${call.isDrill ? html`<p class="drill">${w.drillMark}</p>` : nothing}
    <h3>${w.helpCalled(clock(call.at))}</h3>
    ${call.decision
      ? html`<h4>${w.decisionTitle}</h4><p><b>${w.decisions[call.decision] ?? call.decision}</b></p>
          ${call.ground ? html`<p>${w.groundOf(w.grounds[call.ground] ?? call.ground)}</p>` : nothing}`
      : html`<p class="help-clock"><span>${w.helpClock}</span> <b>${ticking((state.now - call.at) / 1000)}</b></p>
          <p class="help-second" data-second=${call.second ? "here" : call.nobodyHere ? "nobody" : "coming"}>
            ${call.second ? w.helpCame(call.second, clock(call.cameAt)) : call.nobodyHere ? w.helpNobody : w.helpComing}</p>
          ${call.second ? html`<p class="faint">${w.undecided}</p>` : nothing}`}
  </section>`;
}

function sayingsView() {
  return html`<details class="sayings"><summary>${w.helpSay}</summary>
    <ul>${w.helpSayings.map((text) => html`<li>${text}</li>`)}</ul></details>`;
}

function checksView(state, talk, act) {
  const { call } = talk;
  return html`<section class="checks"><h3>${w.checksTitle}</h3>
    <ol>${Object.entries(w.checks).map(([step, [name, question]]) => {
      const askedAt = call.checks[step];
      return html`<li data-check=${step} data-asked=${Boolean(askedAt)}>
        <h4>${name}</h4><p>${question}</p>
        <div class="check-acts">
          <button type="button" class="quiet" @click=${() => act.insert(talk.id, question)}>${w.checkInto}</button>
          ${askedAt
            ? html`<span class="asked">✓ ${w.checkAskedAt(clock(Date.parse(askedAt)))}</span>`
            : html`<button type="button" class="quiet" @click=${() => act.check(talk.id, call.id, step)}>${w.checkAsked}</button>`}
        </div></li>`;
    })}</ol>
    ${troubleView(state, "check", talk.id)}
  </section>`;
}
