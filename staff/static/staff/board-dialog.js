/** The small dialog before an act: what will happen, who will see it, and why. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { actErrorWords, dialogFor } from "./board-acts.js";
import { words } from "./words.js";

const say = words.board.dialog;

export function dialogView(state, ui, act) {
  const shown = dialogFor(ui.wish, state);
  const sent = state.acts[ui.wish.id];
  const isSending = sent?.state === "sent";
  const isOff = state.link !== "open" || isSending || Boolean(shown.trouble);
  return html`<dialog class="act" aria-labelledby="act-head" @cancel=${(event) => act.cancel(event)} @click=${(event) => act.outside(event)}>
    <form method="dialog" novalidate @submit=${(event) => act.confirm(event, shown)}>
      <h2 id="act-head">${shown.title}</h2>
      ${shown.fields.map((field) => fieldView(field, act))}
      <dl><dt>${say.happens}</dt><dd>${shown.happens}</dd><dt>${say.seenBy}</dt><dd>${shown.seenBy}</dd></dl>
      <label>${shown.reason === "needed" ? say.reason : say.maybeReason}
        <textarea name="reason" rows="2" maxlength="200" ?required=${shown.reason === "needed"} aria-describedby="act-trouble"></textarea></label>
      <p class="wrong" id="act-trouble" role="alert">${troubleWords(shown, sent, state, ui)}</p>
      ${sent?.code === "show_again" ? html`<p>${showAgainView()}</p>` : nothing}
      <p class="faint">${isSending ? say.sending : say.onRecord}</p>
      <p class="acts"><button type="submit" ?disabled=${isOff}>${shown.submit}</button>
        <button type="button" class="quiet" @click=${(event) => act.cancel(event)}>${say.cancel}</button></p>
    </form>
  </dialog>`;
}

/** The way to show who one is: in a tab of its own, so that what was typed here stays. */
export function showAgainView() {
  return html`<a href="/staff/again/?next=/staff/board/" target="_blank" rel="noopener">${words.board.errors.showAgainLink}</a>`;
}

function troubleWords(shown, sent, state, ui) {
  if (state.link !== "open") return say.offline;
  if (shown.trouble) return shown.trouble;
  if (ui.isReasonMissing) return say.reasonNeeded;
  return sent?.state === "error" ? actErrorWords(sent.code) : nothing;
}

function fieldView({ name, type, label, value, options }, act) {
  if (type === "choice") {
    return html`<fieldset><legend>${label}</legend>${options.map(
      ([one, what]) => html`<label class="choice"><input type="radio" name=${name} value=${one} .checked=${one === value} @change=${() => act.chooseMode(one)}> <span>${what}</span></label>`,
    )}</fieldset>`;
  }
  if (type === "select") {
    return options.length
      ? html`<label>${label}<select name=${name}>${options.map(([one, what]) => html`<option value=${one} ?selected=${one === value}>${what}</option>`)}</select></label>`
      : nothing;
  }
  return html`<label>${label}<input name=${name} type=${type} value=${value} required></label>`;
}
