/** The box that writes to the visitor, with the ready sentences that `/` finds. Only templates. */

import { html, nothing, svg } from "./vendor/lit-html-3.3.3/lit-html.js";
import { live } from "./vendor/lit-html-3.3.3/directives/live.js";
import { matches } from "./desk-slash.js";
import { politeName, words } from "./words.js";

const w = words.desk;
const MAX_CHARS = 2000;
const arrow = svg`<path d="M4 12h14M12 5l7 7-7 7" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/>`;

export function composerView(state, talk, ui, act) {
  const { id } = talk;
  const text = state.drafts[id]?.text ?? "";
  const length = [...text].length;
  const found = matches(state, ui, talk);
  return html`<form class="composer" @submit=${(event) => act.submit(event, id)}>
    ${found ? slashView(found, ui.slash.at, id, act) : nothing}
    <label class="unseen" for="text-${id}">${w.wordsTo(politeName(talk.visitor))}</label>
    <textarea
      id="text-${id}" rows="1" enterkeyhint="send" placeholder=${w.placeholder} autocomplete="off"
      aria-controls=${found ? `ready-${id}` : nothing} aria-activedescendant=${found?.length ? `ready-${id}-${ui.slash.at}` : nothing}
      .value=${live(text)} @input=${(event) => act.typed(id, event.target)} @keydown=${(event) => act.key(event, id)}
    ></textarea>
    <button type="submit" class="send" aria-label=${w.send} ?disabled=${!text.trim() || length > MAX_CHARS || found !== null}>
      <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">${arrow}</svg>
    </button>
    <div class="quick">
      <button type="button" class="quiet" title=${w.momentHint} ?disabled=${ui.moments.has(id)} @click=${() => act.moment(id)}>${w.moment}</button>
      <button type="button" class="quiet" @click=${() => act.openTab(id, "ready")}>${w.ready}</button>
      ${length > MAX_CHARS - 200
        ? html`<p class="length" data-over=${length > MAX_CHARS}>${w.length(length, MAX_CHARS)}</p>`
        : nothing}
    </div>
  </form>`;
}

function slashView(found, at, id, act) {
  if (!found.length) return html`<p class="slash" id="ready-${id}">${w.readyNone}</p>`;
  return html`<div class="slash"><ul id="ready-${id}" role="listbox" aria-label=${w.readyMatches}>
    ${found.map(({ title, body }, index) => html`<li
      id="ready-${id}-${index}" role="option" aria-selected=${index === at}
      @pointerdown=${(event) => act.putReady(event, id, body)}
    ><span class="slash-title">${title}</span> <span dir="auto">${body}</span></li>`)}
  </ul><p class="faint">${w.readyHint}</p></div>`;
}
