/** One talk as a column: header, what a supervisor whispers, lines, composer. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { guard } from "./vendor/lit-html-3.3.3/directives/guard.js";
import { composerView } from "./desk-composer.js";
import { linesView } from "./desk-lines.js";
import { canRecord, firstShown, isTyping, pendingOf, unread, unseenWhisper } from "./desk-select.js";
import { clock } from "./format.js";
import { CLOSED, audienceName, callName, politeName, words } from "./words.js";

const w = words.desk;

export function talkView(state, talk, ui, act) {
  const isFocused = talk.id === state.focus;
  return html`<section
    class="talk" data-talk=${talk.id} data-focus=${isFocused} data-ended=${talk.ended ? "yes" : "no"}
    aria-labelledby="name-${talk.id}" @focusin=${() => act.focus(talk.id)} @pointerdown=${() => act.focus(talk.id)}
  >
    ${headView(talk, ui, act)} ${besideView(talk, act)} ${logView(state, talk, ui, act)}
    <p class="typing">${isTyping(state, talk) ? w.isWriting(politeName(talk.visitor)) : nothing}</p>
    ${ui.below.has(talk.id)
      ? html`<button type="button" class="to-newest" @click=${() => act.toNewest(talk.id)}>${unread(talk) ? w.newWords : w.bottom}</button>`
      : nothing}
    ${talk.ended ? endedView(state, talk, act) : composerView(state, talk, ui, act)}
  </section>`;
}

function headView(talk, ui, act) {
  const { visitor, call } = talk;
  const isCalled = call && !call.decision;
  return html`<header>
    <h2 id="name-${talk.id}"><bdi>${callName(visitor)}</bdi></h2>
    <span class="tag">${audienceName(visitor.audience)}</span>
    ${visitor.urgency >= 2 ? html`<span class="tag tag-urgent">${w.tagUrgent}</span>` : nothing}
    ${isCalled ? html`<span class="tag tag-call">${call.isDrill ? w.tagCallDrill : w.tagCall}</span>` : nothing}
    ${onlineView(talk)}
    ${talk.ended || isCalled
      ? nothing
      : html`<button type="button" class="alarm about-switch" @click=${() => act.callHelp(talk.id, false)}>${w.tagCall}</button>`}
    <button type="button" class="quiet about-switch" aria-expanded=${ui.isPanelOpen} @click=${() => act.togglePanel(talk.id)}>
      ${ui.isPanelOpen ? w.closePanel : w.openPanel}
    </button>
  </header>`;
}

function onlineView(talk) {
  if (talk.ended) return html`<span class="online" data-online="ended">${w.over}</span>`;
  return talk.visitor.online
    ? html`<span class="online" data-online="yes">${w.here}</span>`
    : html`<span class="online" data-online="no">${w.awayFromScreen}</span>`;
}

/** What only the staff see, above the talk and never in it: who has come to help, and the newest whisper. */
function besideView(talk, act) {
  const whisper = unseenWhisper(talk);
  if (!whisper && !talk.helpers.length) return nothing;
  return html`<div class="beside">
    ${talk.helpers.map(({ name, mode }) => html`<p class="helper">${mode === "open" ? w.helperOpen(name) : w.helperWhispers(name)}</p>`)}
    ${whisper
      ? html`<div class="whisper"><p class="whisper-from"><b>${w.whisperFrom(whisper.author)}</b>
          <span>${w.whisperHidden}・${clock(whisper.at)}</span></p>
          <p class="whisper-body" dir="auto">${whisper.body}</p>
          <button type="button" class="quiet" @click=${() => act.whisperSeen(talk.id)}>${w.whisperSeen}</button></div>`
      : nothing}
  </div>`;
}

function logView(state, talk, ui, act) {
  const from = firstShown(talk, ui.from.get(talk.id));
  return html`<div class="log" role="log" aria-label=${w.talkWith(politeName(talk.visitor))}
    aria-live=${talk.id === state.focus ? "polite" : "off"} tabindex="0" @scroll=${(event) => act.scrolled(talk.id, event.currentTarget)}>
    ${guard([talk.lines, from, talk.read.visitor, state.pending, state.link],
      () => linesView(talk, from, pendingOf(state, talk.id), state.link === "open", act))}
  </div>`;
}

function endedView(state, talk, act) {
  const unsent = (state.drafts[talk.id]?.text ?? "").trim();
  return html`<div class="ended"><p>${CLOSED[talk.ended] ?? w.over}</p>
    ${unsent ? html`<p class="faint">${w.unsent}</p><blockquote dir="auto">${unsent}</blockquote>` : nothing}
    ${canRecord(talk) ? html`<button type="button" class="quiet" @click=${() => act.openTab(talk.id, "end")}>${w.recordOpen}</button>` : nothing}
    <button type="button" @click=${() => act.dismiss(talk.id)}>${w.putAway}</button></div>`;
}
