/** Notes, on yellow and in a box of their own; and the ready sentences. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { live } from "./vendor/lit-html-3.3.3/directives/live.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { isAsking, whispersOf } from "./desk-beside.js";
import { fitting } from "./desk-select.js";
import { clock } from "./format.js";
import { errorWords, words } from "./words.js";

const w = words.desk;

/** Why an ask of this form was refused, where it was. */
export function troubleView(state, about, id) {
  const trouble = state.troubles[`${about} ${id}`];
  return trouble ? html`<p class="wrong" role="alert">${errorWords(trouble.code, trouble.retryAfterS)}</p>` : nothing;
}

export function notesView(state, talk, ui, act) {
  const { id } = talk;
  const memo = state.drafts[id]?.memo ?? "";
  const isKeeping = isAsking(state, "note", id);
  const whispers = whispersOf(talk.notes);
  const notes = talk.notes.filter((one) => one.kind === "note").reverse(); // the newest first, under the box
  return html`
    <h3>${w.notesTitle}</h3><p class="faint">${w.notesHidden}</p>
    ${talk.ended ? nothing : noteFormView(state, id, memo, isKeeping, act)}
    ${notes.length ? nothing : html`<p class="faint">${w.notesNone}</p>`}
    <ol>${repeat(notes, (one) => one.id, (one) => html`<li class="note-card">${cardView(one)}</li>`)}</ol>
    ${whispers.length
      ? html`<h3>${w.whispersTitle}</h3>
          <ol>${repeat(whispers, (one) => one.id, (one) => html`<li class="whisper">${cardView(one)}</li>`)}</ol>`
      : nothing}
  `;
}

function noteFormView(state, id, memo, isKeeping, act) {
  return html`<form class="note-form" @submit=${(event) => act.keepNote(event, id)}>
    <label for="memo">${w.noteBox}</label>
    <textarea id="memo" class="private" rows="3" maxlength="2000" autocomplete="off" ?readonly=${isKeeping}
      .value=${live(memo)} @input=${(event) => act.draft(id, { memo: event.target.value })}></textarea>
    ${troubleView(state, "note", id)}
    <button type="submit" class="keep" ?disabled=${!memo.trim() || isKeeping}>${isKeeping ? w.noteKeeping : w.noteKeep}</button>
  </form>`;
}

function cardView({ author, at, body }) {
  return html`<p class="card-head"><b><bdi>${author}</bdi></b> <time>${clock(at)}</time></p><p class="card-body" dir="auto">${body}</p>`;
}

export function readyView(state, talk, ui, act) {
  if (!ui.ready.length) return html`<p class="faint">${w.readyEmpty}</p>`;
  const found = fitting(ui.ready, talk.visitor.language, ui.readySearch);
  return html`
    <label for="ready-search">${w.readySearch}</label>
    <input id="ready-search" type="search" autocomplete="off" .value=${live(ui.readySearch)} @input=${(event) => act.searchReady(event.target.value)}>
    <p class="faint">${w.readyInto}</p>
    ${found.length ? nothing : html`<p class="faint">${w.readyNothing}</p>`}
    ${grouped(found).map(([title, bodies]) => html`<h3>${title}</h3>
      <ul class="ready">${bodies.map((body) => html`<li>
        <button type="button" class="quiet" ?disabled=${Boolean(talk.ended)} @click=${() => act.insert(talk.id, body)}><span dir="auto">${body}</span></button>
      </li>`)}</ul>`)}
  `;
}

function grouped(found) {
  const groups = new Map();
  for (const { title, body } of found) groups.set(title, [...(groups.get(title) ?? []), body]);
  return [...groups];
}
