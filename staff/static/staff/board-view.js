/** The board: one sentence, the lanes, the counselors. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { byOrganization, oldestWaitS, sentence } from "./board-state.js";
import { clock, span, ticking } from "./format.js";
import { STATES, audienceName, languageName, linkWords } from "./words.js";

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
    ${state.stats ? numbersView(state) : waitingView(state)}
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

function numbersView(state) {
  const { counselors } = state.stats;
  return html`<div class="board" data-link=${state.link}>
    <p class="sentence" id="sentence">${sentence(state).split(/(?<=。)/u).map((part) => html`<span>${part}</span>`)}</p>
    ${state.windowClosesAt ? html`<p class="board-closing">${closingWords(state)}</p>` : nothing}
    <section aria-labelledby="lanes-head">
      <h2 id="lanes-head">受付列</h2>
      <table class="lanes">
        <thead><tr><th scope="col">列</th><th scope="col">待っている人</th><th scope="col">いちばん長い待ち</th></tr></thead>
        <tbody>${repeat(state.stats.lanes, (lane) => `${lane.audience}:${lane.language}`, (lane) => laneView(state, lane))}</tbody>
      </table>
    </section>
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

function laneView(state, lane) {
  return html`<tr data-lane="${lane.audience}:${lane.language}" data-waiting=${lane.waiting ? "yes" : "no"}>
    <th scope="row">${audienceName(lane.audience)}<small>${languageName(lane.language)}</small></th>
    <td class="lane-waiting"><b>${lane.waiting}</b> 人</td>
    <td class="lane-oldest">${lane.waiting ? html`<span class="label" aria-hidden="true">いちばん長い待ち </span>` : nothing}${lane.waiting ? ticking(oldestWaitS(state, lane)) : "待っている方はいません"}</td>
  </tr>`;
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
