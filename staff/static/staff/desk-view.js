/** The desk around the talks: the bar on top, the banners, the list. Only templates; what happens is in desk.js. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { live } from "./vendor/lit-html-3.3.3/directives/live.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { aboutView } from "./desk-about.js";
import { awaitingSince, columns, fourNumbers, isTyping, lastLineAt, listed, unread } from "./desk-select.js";
import { talkView } from "./desk-talk.js";
import { clock, span } from "./format.js";
import { audienceName, callName, errorWords, linkWords } from "./words.js";

/** The whole desk. `ui`: what belongs to this window alone (room for columns, the open panel, the sound). */
export function deskView(state, ui, act) {
  return html`
    ${barView(state, ui, act)} ${bannersView(state, ui, act)}
    ${state.isReady ? workView(state, ui, act) : skeletonView(state)}
  `;
}

function barView(state, ui, act) {
  return html`<section class="bar" aria-label="受付のようす">
    ${state.availability ? availabilityView(state, act) : html`<div class="availability"></div>`}
    ${state.stats ? numbersView(fourNumbers(state.stats, state.now)) : nothing}
    ${state.isReady ? closingClockView(state) : nothing}
    <button type="button" class="quiet" role="switch" aria-checked=${ui.isLoud} @click=${act.toggleSound}>
      ${ui.isLoud ? "音：あり" : "音：なし"}
    </button>
  </section>`;
}

function availabilityView(state, act) {
  const { state: now, capacity } = state.availability;
  const isOff = state.link !== "open";
  const choice = (value, words) => html`<button
    type="button" class="choice choice-${value}" aria-pressed=${now === value} ?disabled=${isOff}
    @click=${() => act.setAvailability({ state: value, capacity })}
  ><span class="dot" aria-hidden="true"></span>${words}</button>`;
  return html`<div class="availability" role="group" aria-label="受け入れ">
    <div class="choices">${choice("available", "対応できます")}${choice("away", "離席中")}</div>
    <label class="capacity">同時に
      <select
        name="capacity" .value=${live(String(capacity))} ?disabled=${isOff}
        @change=${(event) => act.setAvailability({ state: now, capacity: Number(event.target.value) })}
      >${[1, 2, 3, 4, 5].map((count) => html`<option value=${count} ?selected=${count === capacity}>${count} 人</option>`)}</select>
    </label>
  </div>`;
}

function numbersView({ waiting, oldestS, free, available }) {
  return html`<dl class="numbers">
    <div><dt>待っている人</dt><dd data-number="waiting">${waiting} 人</dd></div>
    <div><dt>いちばん長い待ち</dt><dd data-number="oldest">${waiting ? span(oldestS) : "なし"}</dd></div>
    <div><dt>空き</dt><dd data-number="free">${free} 人分</dd></div>
    <div><dt>手があいている相談員</dt><dd data-number="available">${available} 人</dd></div>
  </dl>`;
}

function closingClockView({ windowClosesAt, now }) {
  if (!windowClosesAt) return html`<p class="closing-clock"><span>受付時間</span><b>いまは時間外</b></p>`;
  const left = (windowClosesAt - now) / 1000;
  const words = left > 0 ? `あと ${span(left)}` : "終わりました";
  return html`<p class="closing-clock"><span>受付は ${clock(windowClosesAt)} まで</span><b>${words}</b></p>`;
}

function bannersView(state, ui, act) {
  const link = linkWords(state.link, state.code);
  return html`
    ${link
      ? html`<div class="banner banner-${state.link}" role="alert"><p>${link}${state.link === "lost" ? "書いたものはこの画面に残っています。" : ""}</p>
          ${state.link === "lost"
            ? html`<button type="button" @click=${act.retryNow}>いますぐつなぐ</button>`
            : html`<a class="button" href=${state.code === 4403 ? "/staff/" : ui.loginUrl}>
                ${state.code === 4403 ? "自分のページへ" : "サインインへ"}</a>`}
        </div>`
      : nothing}
    ${state.closing && state.closing.endsAt > state.now
      ? html`<div class="banner banner-closing"><p>
          受付は ${clock(state.closing.closesAt)} に終わります。つづいている相談は ${clock(state.closing.endsAt)} まで話せます。
        </p></div>`
      : nothing}
    ${state.notice
      ? html`<div class="banner banner-notice" role="alert"><p>${errorWords(state.notice.code, state.notice.retryAfterS)}</p>
          <button type="button" class="quiet" @click=${act.noticed}>閉じる</button>
        </div>`
      : nothing}
  `;
}

function skeletonView(state) {
  if (state.link === "ended") return nothing;
  return html`<div class="skeleton" aria-busy="true"><p>デスクを用意しています…</p>
    <div class="skeleton-parts" aria-hidden="true"><i></i><i></i><i></i></div></div>`;
}

function workView(state, ui, act) {
  const talk = state.talks[state.focus];
  const shown = columns(state, ui.room);
  return html`<div class="desk" data-about=${ui.isAboutOpen && talk ? "open" : "closed"}>
    <nav class="talk-list" aria-label="担当している相談">
      <h2>担当している相談 <span>${state.order.filter((id) => !state.talks[id].ended).length}</span></h2>
      <ul>${repeat(listed(state), (one) => one.id, (one) => rowView(state, one, act))}</ul>
    </nav>
    <div class="talks" data-count=${shown.length}>
      ${shown.length
        ? repeat(shown, (one) => one.id, (one) => talkView(state, one, ui, act))
        : emptyView(state)}
    </div>
    <aside class="about" aria-label="この相談について">${talk ? aboutView(state, talk, act) : nothing}</aside>
  </div>`;
}

function emptyView(state) {
  const isAway = state.availability?.state === "away";
  return html`<div class="empty">
    <h2>${isAway ? "いまは離席中です" : "いま担当している相談はありません"}</h2>
    <p>${isAway
      ? "「対応できます」にすると、順番の方とつながります。"
      : "つながると、ここに相談が出て、音とタイトルでもお知らせします。"}</p>
  </div>`;
}

function rowView(state, talk, act) {
  const count = unread(talk);
  return html`<li>
    <button
      type="button" class="row" data-talk=${talk.id} data-age=${ageStep(state, talk)}
      aria-current=${talk.id === state.focus ? "true" : "false"} @click=${() => act.open(talk.id)}
    >
      <span class="row-name"><bdi>${callName(talk.visitor)}</bdi></span>
      <span class="row-tags"><span class="row-audience">${audienceName(talk.visitor.audience)}</span>
        ${talk.isNew ? html`<span class="tag tag-new">新しい相談</span>` : nothing}
        ${talk.visitor.urgency >= 2 ? html`<span class="tag tag-urgent">急ぎ</span>` : nothing}
        ${talk.visitor.check_words?.length ? html`<span class="tag tag-check">確認</span>` : nothing}</span>
      ${count ? html`<span class="count">${count}<span class="unseen"> 件の未読</span></span>` : nothing}
      <span class="row-age" data-late=${ageStep(state, talk) >= 2 && !isTyping(state, talk)}>${rowWords(state, talk)}</span>
    </button>
  </li>`;
}

function rowWords(state, talk) {
  if (talk.ended) return "終わりました";
  if (isTyping(state, talk)) return "書いています…";
  const since = (at) => span((state.now - at) / 1000);
  const awaiting = awaitingSince(talk);
  const last = lastLineAt(talk);
  if (last === null && awaiting !== null) return `つながって ${since(awaiting)}・まだ言葉はありません`;
  if (awaiting !== null) return `返事を待って ${since(awaiting)}`;
  return last === null ? "相談者の番です" : `相談者の番です・最後の言葉から ${since(last)}`;
}

/** 0 to 3: how long the visitor has waited for our answer (under 1, 3, 5 minutes, more). */
function ageStep(state, talk) {
  const since = awaitingSince(talk);
  if (talk.ended || since === null) return 0;
  const minutes = (state.now - since) / 60_000;
  if (minutes < 1) return 0;
  if (minutes < 3) return 1;
  return minutes < 5 ? 2 : 3;
}
