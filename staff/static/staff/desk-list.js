/** The list of the own talks: who waits longest for an answer stands first. Only templates. */

import { html, nothing, svg } from "./vendor/lit-html-3.3.3/lit-html.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { ageStep, awaitingSince, isTyping, lastLineAt, listed, unread, unseenWhisper } from "./desk-select.js";
import { span } from "./format.js";
import { audienceName, callName, languageName, words } from "./words.js";

const w = words.desk;

export function listView(state, act) {
  return html`<nav class="talk-list" aria-label=${w.ownTalks}>
    <h2>${w.ownTalks} <span>${state.order.filter((id) => !state.talks[id].ended).length}</span></h2>
    <ul>${repeat(listed(state), (one) => one.id, (one) => rowView(state, one, act))}</ul>
  </nav>`;
}

function rowView(state, talk, act) {
  const count = unread(talk);
  const step = ageStep(state, talk);
  return html`<li>
    <button
      type="button" class="row" data-talk=${talk.id} data-age=${step} data-call=${Boolean(talk.call && !talk.call.decision)}
      aria-current=${talk.id === state.focus ? "true" : "false"} @click=${() => act.open(talk.id)}
    >
      <span class="row-name"><bdi>${callName(talk.visitor)}</bdi></span>
      ${count ? html`<span class="count">${count}<span class="unseen"> ${w.unreadCount(count)}</span></span>` : nothing}
      <span class="row-tags"><span class="row-audience">${audienceName(talk.visitor.audience)}</span>${tagsView(state, talk)}</span>
      <span class="row-age" data-late=${step >= 2 && !isTyping(state, talk)}>
        ${step ? barsView(step) : nothing}<span>${rowWords(state, talk)}</span></span>
      ${talk.ended || talk.visitor.online ? nothing : html`<span class="row-online">${w.awayFromScreen}</span>`}
    </button>
  </li>`;
}

/** One to three bars that grow: the age's shape beside its words. */
function barsView(step) {
  const bar = (at) => svg`<rect x=${at * 6} y=${10 - at * 4} width="4" height=${6 + at * 4} rx="1" class=${at < step ? "on" : "off"} />`;
  return html`<svg class="age" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${[0, 1, 2].map(bar)}</svg>`;
}

function tagsView(state, talk) {
  const { visitor, call } = talk;
  const tags = [
    talk.isNew && ["new", w.tagNew],
    call && !call.decision && ["call", call.isDrill ? w.tagCallDrill : w.tagCall],
    visitor.urgency >= 2 && ["urgent", w.tagUrgent],
    visitor.check_words?.length && ["check", w.tagCheck],
    visitor.language !== "ja" && ["language", languageName(visitor.language)],
    unseenWhisper(talk) && ["whisper", w.tagWhisper],
    talk.offer?.state === "offered" && ["offered", w.tagOffered],
    state.drafts[talk.id]?.text && !talk.ended && talk.id !== state.focus && ["draft", w.tagDraft],
  ].filter(Boolean);
  return tags.map(([kind, text]) => html`<span class="tag tag-${kind}">${text}</span>`);
}

function rowWords(state, talk) {
  if (talk.ended) return w.over;
  if (isTyping(state, talk)) return w.writing;
  const since = (at) => span((state.now - at) / 1000);
  const awaiting = awaitingSince(talk);
  const last = lastLineAt(talk);
  if (last === null && awaiting !== null) return w.noWordYet(since(awaiting));
  if (awaiting !== null) return w.awaitsAnswer(since(awaiting));
  return last === null ? w.theirTurn : w.theirTurnSince(since(last));
}
