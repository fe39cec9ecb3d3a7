/** The board: one sentence, the lanes, the counselors. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { byOrganization, isLookedAt, oldestWaitS, sentence } from "./board-state.js";
import { clock, span, ticking } from "./format.js";
import { BOOSTS, STATES, URGENCIES, audienceName, errorWords, languageName, linkWords } from "./words.js";

export function boardView(state, ui, act) {
  const link = linkWords(state.link, state.code);
  return html`
    ${link
      ? html`<div class="banner banner-${state.link}" role="alert"><p>${link}${staleWords(state)}</p>
          ${state.link === "lost"
            ? html`<button type="button" @click=${act.retryNow}>いますぐつなぐ</button>`
            : html`<a class="button" href=${state.code === 4403 ? "/staff/" : ui.loginUrl}>
                ${state.code === 4403 ? "自分のページへ" : "サインインへ"}</a>`}
        </div>`
      : nothing}
    ${state.stats ? numbersView(state, act) : waitingView(state)}
  `;
}

function staleWords({ stats, now }) {
  return stats ? `下の数字は ${ticking((now - stats.at) / 1000)}前のものです。` : "";
}

function waitingView({ link }) {
  if (link === "ended") return nothing;
  return html`<div class="skeleton" aria-busy="true"><p>列のようすを読んでいます…</p>
    <div class="skeleton-parts" aria-hidden="true"><i></i><i></i><i></i></div></div>`;
}

function numbersView(state, act) {
  const { counselors } = state.stats;
  return html`<div class="board" data-link=${state.link}>
    <p class="sentence" id="sentence">${sentence(state).split(/(?<=。)/u).map((part) => html`<span>${part}</span>`)}</p>
    ${state.windowClosesAt ? html`<p class="board-closing">${closingWords(state)}</p>` : nothing}
    <section aria-labelledby="lanes-head">
      <h2 id="lanes-head">受付列</h2>
      <table class="lanes">
        <thead><tr><th scope="col">列</th><th scope="col">待っている人</th><th scope="col">いちばん長い待ち</th><th scope="col"><span class="unseen">並んでいる方</span></th></tr></thead>
        <tbody>${repeat(state.stats.lanes, (lane) => `${lane.audience}:${lane.language}`, (lane) => laneView(state, lane, act))}</tbody>
      </table>
    </section>
    ${state.look ? lookView(state, act) : nothing}
    <section aria-labelledby="people-head">
      <h2 id="people-head">相談員</h2>
      <ul class="counts">
        ${countView("available", counselors.available)} ${countView("busy", counselors.busy)} ${countView("away", counselors.away)}
      </ul>
      ${state.stats.people.length ? nothing : html`<p class="faint">相談員はまだ登録されていません。</p>`}
      ${repeat(byOrganization(state.stats.people), (group) => group.name, organizationView)}
    </section>
  </div>`;
}

function closingWords({ windowClosesAt, now }) {
  const left = (windowClosesAt - now) / 1000;
  return left > 0 ? `受付は ${clock(windowClosesAt)} まで、あと ${span(left)}です。` : `受付は ${clock(windowClosesAt)} に終わりました。`;
}

function laneView(state, lane, act) {
  return html`<tr data-lane="${lane.audience}:${lane.language}" data-waiting=${lane.waiting ? "yes" : "no"}>
    <th scope="row">${audienceName(lane.audience)}<small>${languageName(lane.language)}</small></th>
    <td class="lane-waiting"><b>${lane.waiting}</b> 人</td>
    <td class="lane-oldest">${lane.waiting ? html`<span class="label" aria-hidden="true">いちばん長い待ち </span>` : nothing}${lane.waiting ? ticking(oldestWaitS(state, lane)) : "待っている方はいません"}</td>
    <td class="lane-look"><button type="button" class="quiet" aria-expanded=${isLookedAt(state, lane)}
      @click=${() => act.look(isLookedAt(state, lane) ? null : lane)}>並んでいる方を見る</button></td>
  </tr>`;
}

function lookView(state, act) {
  const { audience, tickets } = state.look;
  return html`<section class="look" aria-labelledby="look-head">
    <h2 id="look-head">${audienceName(audience)}の列に並んでいる方</h2>
    <p role="status">${state.notice === "done" ? "順番を変え、記録しました。" : state.notice ? errorWords(state.notice) : ""}</p>
    ${tickets === null
      ? html`<p class="faint">読んでいます…</p>`
      : tickets.length
        ? html`<ol>${repeat(tickets, (one) => one.ticket, (one) => waitingVisitorView(state, one, act))}</ol>`
        : html`<p class="faint">いま並んでいる方はいません。</p>`}
  </section>`;
}

function waitingVisitorView(state, one, act) {
  const waitedS = (state.now - Date.parse(one.opened_at)) / 1000;
  return html`<li data-ticket=${one.ticket}>
    <b>${one.position} 番目</b> <span>待って ${span(waitedS)}</span>
    <span class="faint">消えたい気持ち：${URGENCIES[one.urgency]}</span>
    ${one.check_words.length ? html`<span class="tag tag-check">確認 「${one.check_words.join("」「")}」</span>` : nothing}
    ${one.precedence ? html`<span class="tag">${BOOSTS[one.precedence]}</span>` : nothing}
    ${one.online ? nothing : html`<span class="faint">画面を離れています</span>`}
    <details><summary>順番を変える</summary>
      <form @submit=${(event) => act.boost(event, one.ticket)}>
        <label>どのくらい <select name="urgency">${BOOSTS.map((words, urgency) => html`<option value=${urgency} ?selected=${urgency === one.precedence}>${words}</option>`)}</select></label>
        <label>理由（記録に残ります） <input name="reason" required maxlength="200" autocomplete="off"></label>
        <button type="submit" ?disabled=${state.link !== "open"}>変える</button>
      </form>
    </details>
  </li>`;
}

function countView(name, count) {
  return html`<li data-state=${name}><span class="dot" aria-hidden="true"></span>${STATES[name]} <b>${count}</b> 人</li>`;
}

function organizationView({ name, here, members }) {
  return html`<div class="organization">
    <h3>${name || "所属なし"} <small>${members.length} 人のうち ${here} 人が受付中</small></h3>
    <ul class="people">${repeat(members, (one) => one.id, personView)}</ul>
  </div>`;
}

function personView({ id, name, state, load, capacity, online }) {
  const pips = Array.from({ length: Math.max(capacity, load) }, (_, index) => html`<i data-full=${index < load}></i>`);
  return html`<li class="person" data-person=${id} data-state=${state} data-online=${online ? "yes" : "no"}>
    <b><bdi>${name}</bdi></b>
    <span class="person-state"><span class="dot" aria-hidden="true"></span>${STATES[state] ?? state}</span>
    ${online || load
      ? html`<span class="pips" aria-hidden="true">${pips}</span><span class="load">${load} / ${capacity} 人と相談中</span>`
      : html`<span class="nobody">デスクを開いていません</span>`}
    ${!online && load ? html`<span class="offline">接続が切れています</span>` : nothing}
  </li>`;
}
