/** The panel of the talk in focus: one thing at a time, and the call for help always at its foot. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { live } from "./vendor/lit-html-3.3.3/directives/live.js";
import { isAsking } from "./desk-beside.js";
import { handoffView } from "./desk-handoff.js";
import { helpView } from "./desk-help.js";
import { notesView, readyView, troubleView } from "./desk-notes.js";
import { canRecord, unseenWhisper } from "./desk-select.js";
import { clock, span } from "./format.js";
import { OUTCOMES, URGENCIES, audienceName, callName, languageName, politeName, words } from "./words.js";

const w = words.desk;
export const TABS = ["about", "note", "ready", "handoff", "help", "end"];
const VIEWS = { about: aboutView, note: notesView, ready: readyView, handoff: handoffView, help: helpView, end: endView };

export function panelView(state, talk, ui, act) {
  const { call } = talk;
  const isCalled = call && !call.decision;
  return html`
    <div class="about-head">
      <h2><bdi>${callName(talk.visitor)}</bdi></h2>
      <button type="button" class="quiet about-close" @click=${() => act.togglePanel(talk.id)}>${w.closePanel}</button>
    </div>
    <div class="tabs" role="tablist" aria-label=${w.panel} @keydown=${act.tabKey}>
      ${TABS.map((name) => html`<button
        type="button" role="tab" id="tab-${name}" data-tab=${name} aria-controls="panel" aria-selected=${ui.tab === name}
        tabindex=${ui.tab === name ? 0 : -1} @click=${() => act.openTab(talk.id, name)}
      >${w.tabs[name]}${mark(talk, name)}</button>`)}
    </div>
    <div class="panel" id="panel" role="tabpanel" aria-labelledby="tab-${ui.tab}" tabindex="-1" data-tab=${ui.tab}>
      ${VIEWS[ui.tab](state, talk, ui, act)}
    </div>
    ${talk.ended || ui.tab === "help"
      ? nothing
      : html`<div class="panel-foot"><button type="button" class="alarm" @click=${() => (isCalled ? act.openTab(talk.id, "help") : act.callHelp(talk.id, false))}>
          ${isCalled ? w.showCall : w.callHelp}</button></div>`}
  `;
}

/** A dot beside a tab where something waits, said in words too. */
function mark(talk, name) {
  const waits = {
    note: unseenWhisper(talk) ? w.tagWhisper : "",
    handoff: talk.offer?.state === "offered" ? w.tagOffered : "",
    help: talk.call && !talk.call.decision ? w.tagCall : "",
  }[name];
  return waits ? html`<i aria-hidden="true">●</i><span class="unseen"> (${waits})</span>` : nothing;
}

function aboutView(state, talk) {
  const { visitor } = talk;
  return html`
    <dl class="facts">
      ${fact(w.audience, audienceName(visitor.audience))} ${fact(w.language, languageName(visitor.language))}
      ${visitor.topic ? fact(w.topic, visitor.topic) : nothing}
      ${fact(w.wishToVanish, URGENCIES[visitor.urgency] ?? URGENCIES[0], visitor.urgency)}
      ${visitor.check_words?.length ? fact(w.check, w.checkWords(visitor.check_words)) : nothing}
      ${talk.waitedS === null ? nothing : fact(w.waited, span(talk.waitedS))}
      ${fact(w.openedAt, clock(talk.openedAt))}
      ${talk.ended ? nothing : fact(w.connection, visitor.online ? w.here : w.awayFromScreen)}
    </dl>
    <h3>${w.entryWords}</h3>
    ${visitor.note ? html`<blockquote dir="auto">${visitor.note}</blockquote>` : html`<p class="faint">${w.nothingWritten}</p>`}
  `;
}

function fact(name, text, step = 0) {
  return html`<div data-step=${step}><dt>${name}</dt><dd><bdi>${text}</bdi></dd></div>`;
}

function endView(state, talk, ui, act) {
  if (talk.ended) return recordView(state, talk, act);
  const isOff = talk.isClosing || state.link !== "open";
  return html`<form class="closing" @submit=${(event) => act.close(event, talk.id)}>
    <h3>${w.endTitle}</h3>
    ${talk.call && !talk.call.decision && !talk.call.isDrill ? html`<p class="wrong">${w.callIsOpen}</p>` : nothing}
    ${outcomeView(state, talk, act)}
    <button type="submit" name="how" value="end" ?disabled=${isOff}>
      ${talk.isClosing ? w.ending : w.endWith(politeName(talk.visitor))}</button>
    <button type="submit" name="how" value="next" class="quiet" ?disabled=${isOff}>${w.endAndNext}</button>
  </form>`;
}

/** What came of a talk that the visitor or the clock has ended: time enough to write it down. */
function recordView(state, talk, act) {
  if (!canRecord(talk)) return html`<p class="faint">${talk.isRecorded ? w.recorded : w.over}</p>`;
  const isAsked = isAsking(state, "record", talk.id);
  return html`<form class="closing" @submit=${(event) => act.record(event, talk.id)}>
    <h3>${w.recordTitle}</h3><p class="faint">${w.recordHint}</p>
    ${outcomeView(state, talk, act)} ${troubleView(state, "record", talk.id)}
    <button type="submit" ?disabled=${isAsked || state.link !== "open"}>${isAsked ? w.recordKeeping : w.recordKeep}</button>
  </form>`;
}

function outcomeView(state, talk, act) {
  const draft = state.drafts[talk.id] ?? {};
  const outcome = draft.outcome ?? "";
  return html`
    <label for="outcome">${w.outcome}</label>
    <select id="outcome" name="outcome" required .value=${live(outcome)} @change=${(event) => act.draft(talk.id, { outcome: event.target.value })}>
      <option value="" ?selected=${!outcome}>${w.choose}</option>
      ${OUTCOMES.map(([code, text]) => html`<option value=${code} ?selected=${code === outcome}>${text}</option>`)}
    </select>
    <label for="note">${w.closingNote}</label>
    <textarea id="note" name="note" class="private" rows="4" maxlength="2000" autocomplete="off"
      .value=${live(draft.note ?? "")} @input=${(event) => act.draft(talk.id, { note: event.target.value })}></textarea>
  `;
}
