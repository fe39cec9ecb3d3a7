/** What a counselor sets for this desk: time after a talk, sound, keys. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { live } from "./vendor/lit-html-3.3.3/directives/live.js";
import { takesTalks } from "./desk-select.js";
import { words } from "./words.js";

const w = words.desk;
const WRAP_UPS_MIN = [0, 3, 5, 10];

export function settingsView(state, ui, act) {
  return html`<div class="settings">
    <button type="button" class="quiet" aria-expanded=${ui.areSettingsOpen} aria-controls="settings" @click=${act.toggleSettings}>
      ${w.settings}</button>
    ${ui.areSettingsOpen ? openView(state, ui, act) : html`<div id="settings" hidden></div>`}
  </div>`;
}

function openView(state, ui, act) {
  const wrapUpS = state.availability?.wrapUpS ?? 0;
  return html`<div id="settings" class="settings-sheet" role="group" aria-label=${w.settings}>
    ${takesTalks(state)
      ? html`<label>${w.wrapUp}
          <select name="wrap-up" .value=${live(String(wrapUpS))} ?disabled=${state.link !== "open"}
            @change=${(event) => act.setWrapUp(Number(event.target.value))}>
            ${WRAP_UPS_MIN.map((count) => html`<option value=${count * 60} ?selected=${count * 60 === wrapUpS}>${w.wrapUpChoice(count)}</option>`)}
          </select></label>
          <p class="faint">${w.wrapUpHint}</p>`
      : nothing}
    <label class="switch"><input type="checkbox" name="sound" .checked=${live(ui.isLoud)} @change=${act.toggleSound}>${w.sound}</label>
    <label class="switch"><input type="checkbox" name="keys" .checked=${live(ui.hasKeys)} @change=${act.toggleKeys}>${w.keys}</label>
    <dl class="keys">${w.keysHelp.map(([key, does]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${does}</dd></div>`)}</dl>
  </div>`;
}
