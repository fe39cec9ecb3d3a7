/** What is known about the talk in focus, and how it is closed. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { live } from "./vendor/lit-html-3.3.3/directives/live.js";
import { clock, span } from "./format.js";
import { OUTCOMES, URGENCIES, audienceName, callName, languageName, politeName } from "./words.js";

export function aboutView(state, talk, act) {
  const { visitor } = talk;
  return html`
    <div class="about-head">
      <h2><bdi>${callName(visitor)}</bdi></h2>
      <button type="button" class="quiet about-close" @click=${() => act.toggleAbout(talk.id)}>相談に戻る</button>
    </div>
    <dl class="facts">
      ${fact("対象", audienceName(visitor.audience))} ${fact("ことば", languageName(visitor.language))}
      ${visitor.topic ? fact("テーマ", visitor.topic) : nothing}
      ${fact("消えたい気持ち", URGENCIES[visitor.urgency] ?? URGENCIES[0], visitor.urgency)}
      ${visitor.check_words?.length ? fact("確認", `「${visitor.check_words.join("」「")}」がことばの中にあります`) : nothing}
      ${talk.waitedS === null ? nothing : fact("待った時間", span(talk.waitedS))}
      ${fact("つながった時刻", clock(talk.openedAt))}
      ${talk.ended ? nothing : fact("接続", visitor.online ? "つながっています" : "画面を離れています")}
    </dl>
    <h3>はじめのことば</h3>
    ${visitor.note
      ? html`<blockquote dir="auto">${visitor.note}</blockquote>`
      : html`<p class="faint">書かれていません。</p>`}
    ${talk.ended ? nothing : closingView(state, talk, act)}
  `;
}

function fact(name, words, step = 0) {
  return html`<div data-step=${step}><dt>${name}</dt><dd><bdi>${words}</bdi></dd></div>`;
}

function closingView(state, talk, act) {
  const draft = state.drafts[talk.id] ?? {};
  const outcome = draft.outcome ?? "";
  return html`<form class="closing" @submit=${(event) => act.close(event, talk.id)}>
    <h3>相談を終える</h3>
    <label for="outcome">どうなりましたか</label>
    <select id="outcome" name="outcome" required .value=${live(outcome)} @change=${(event) => act.draft(talk.id, { outcome: event.target.value })}>
      <option value="" ?selected=${!outcome}>選んでください</option>
      ${OUTCOMES.map(([code, words]) => html`<option value=${code} ?selected=${code === outcome}>${words}</option>`)}
    </select>
    <label for="note">メモ（相談者には見えません）</label>
    <textarea id="note" name="note" class="private" rows="3" maxlength="2000" autocomplete="off"
      .value=${live(draft.note ?? "")} @input=${(event) => act.draft(talk.id, { note: event.target.value })}></textarea>
    <button type="submit" ?disabled=${talk.isClosing || state.link !== "open"}>
      ${talk.isClosing ? "終えています…" : `${politeName(talk.visitor)}との相談を終える`}
    </button>
  </form>`;
}
