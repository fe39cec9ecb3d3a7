/** One talk as a column: header, lines, composer. Only templates. */

import { html, nothing, svg } from "./vendor/lit-html-3.3.3/lit-html.js";
import { guard } from "./vendor/lit-html-3.3.3/directives/guard.js";
import { live } from "./vendor/lit-html-3.3.3/directives/live.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { isTyping, pendingOf, unread } from "./desk-select.js";
import { groups } from "./format.js";
import { CLOSED, audienceName, callName, errorWords, politeName } from "./words.js";

const MAX_CHARS = 2000;
const arrow = svg`<path d="M4 12h14M12 5l7 7-7 7" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/>`;

export function talkView(state, talk, ui, act) {
  const isFocused = talk.id === state.focus;
  return html`<section
    class="talk" data-talk=${talk.id} data-focus=${isFocused} data-ended=${talk.ended ? "yes" : "no"}
    aria-labelledby="name-${talk.id}" @focusin=${() => act.focus(talk.id)} @pointerdown=${() => act.focus(talk.id)}
  >
    <header>
      <h2 id="name-${talk.id}"><bdi>${callName(talk.visitor)}</bdi></h2>
      <span class="tag">${audienceName(talk.visitor.audience)}</span>
      ${talk.visitor.urgency >= 2 ? html`<span class="tag tag-urgent">急ぎ</span>` : nothing}
      ${onlineView(talk)}
      <button type="button" class="quiet about-switch" aria-expanded=${ui.isAboutOpen} @click=${() => act.toggleAbout(talk.id)}>
        ${ui.isAboutOpen ? "相談に戻る" : "くわしく・終える"}
      </button>
    </header>
    <div class="log" role="log" aria-label="${politeName(talk.visitor)}との相談" aria-live=${isFocused ? "polite" : "off"}
      tabindex="0" @scroll=${(event) => act.scrolled(talk.id, event.currentTarget)}>
      ${guard([talk.lines, talk.read.visitor, talk.visitor.note, talk.visitor.topic, state.pending, state.link],
        () => linesView(talk, pendingOf(state, talk.id), state.link === "open", act))}
    </div>
    <p class="typing">${isTyping(state, talk) ? `${politeName(talk.visitor)}が書いています…` : nothing}</p>
    ${ui.below.has(talk.id)
      ? html`<button type="button" class="to-newest" @click=${() => act.toNewest(talk.id)}>
          ${unread(talk) ? "新しい言葉" : "いちばん下"} ↓</button>`
      : nothing}
    ${talk.ended ? endedView(talk, act) : composerView(state, talk, ui, act)}
  </section>`;
}

function onlineView(talk) {
  if (talk.ended) return html`<span class="online" data-online="ended">終わりました</span>`;
  return talk.visitor.online
    ? html`<span class="online" data-online="yes">つながっています</span>`
    : html`<span class="online" data-online="no">画面を離れています</span>`;
}

function linesView(talk, pending, isOpen, act) {
  const ownLast = talk.lines.findLast((line) => line.sender === "counselor");
  return html`
    ${talk.lines.length ? nothing : html`<p class="notice-line">つながりました。あいさつから始めてみてください。</p>`}
    ${repeat(groups(talk.lines), ({ message }) => message.seq, (group) => lineView(talk, group, ownLast, pending.length))}
    ${repeat(pending, (entry) => entry.id, (entry) => pendingView(entry, isOpen, act))}
  `;
}

function lineView(talk, { message, day, time }, ownLast, pendingCount) {
  const isOwn = message.sender === "counselor";
  const mark = isOwn && message === ownLast && !pendingCount ? (talk.read.visitor >= message.seq ? "既読" : "届きました") : "";
  return html`
    ${day ? html`<p class="day">${day}</p>` : nothing}
    <div class="line" data-sender=${message.sender}>
      <span class="unseen">${{ visitor: "相談者：", counselor: "あなた：" }[message.sender] ?? "お知らせ："}</span>
      <p class="bubble" dir="auto">${message.body}</p>
      ${time || mark ? html`<p class="under"><span>${time}</span><span class="mark">${mark}</span></p>` : nothing}
    </div>
  `;
}

function pendingView(entry, isOpen, act) {
  const isFailed = entry.state === "failed";
  return html`<div class="line" data-sender="counselor" data-state=${entry.state}>
    <span class="unseen">あなた：</span>
    <p class="bubble" dir="auto">${entry.body}</p>
    <p class="under">${isFailed
      ? html`<span class="mark">${errorWords(entry.code)}</span>
          <button type="button" class="again" @click=${() => act.sendAgain(entry.id)}>送れませんでした・もう一度</button>`
      : html`<span class="mark">${isOpen ? "送信中" : "つながりしだい送ります"}</span>`}</p>
  </div>`;
}

function composerView(state, talk, ui, act) {
  const text = state.drafts[talk.id]?.text ?? "";
  const length = [...text].length;
  return html`<form class="composer" @submit=${(event) => act.submit(event, talk.id)}>
    <label class="unseen" for="text-${talk.id}">${politeName(talk.visitor)}への言葉</label>
    <textarea
      id="text-${talk.id}" rows="1" enterkeyhint="send" placeholder="Enter で送信・Shift+Enter で改行" autocomplete="off"
      .value=${live(text)} @input=${(event) => act.typed(talk.id, event.target)} @keydown=${(event) => act.key(event, talk.id)}
    ></textarea>
    <button type="submit" class="send" aria-label="送る" ?disabled=${!text.trim() || length > MAX_CHARS}>
      <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">${arrow}</svg>
    </button>
    ${length > MAX_CHARS - 200
      ? html`<p class="length" data-over=${length > MAX_CHARS}>${length} / ${MAX_CHARS} 文字</p>`
      : nothing}
  </form>`;
}

function endedView(talk, act) {
  return html`<div class="ended"><p>${CLOSED[talk.ended] ?? "この相談は終わりました。"}</p>
    <button type="button" @click=${() => act.dismiss(talk.id)}>片づける</button></div>`;
}
