/** The alarms to be seen to, and from when on each kind rises. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { actErrorWords } from "./board-acts.js";
import { alarmWords, sortedAlarms, unseenAlarms } from "./board-select.js";
import { clock, span } from "./format.js";
import { words } from "./words.js";

const say = words.board.alarms;
const FEW = 8;
const SWITCHES = new Set(["nobody", "one_left"]); // on or off, without a figure

export function alarmsView(state, ui, act) {
  const alarms = sortedAlarms(state.alarms ?? []);
  const unseen = unseenAlarms(state);
  return html`<section class="alarms" aria-labelledby="alarms-head">
    <h2 id="alarms-head">${say.head} ${unseen.length ? html`<span class="alarm-count">${unseen.length}</span>` : nothing}</h2>
    ${state.alarms === null
      ? html`<p class="faint">${words.board.look.loading}</p>`
      : alarms.length
        ? html`<ul>${repeat(alarms.slice(0, FEW), (one) => one.alarm, (one) => alarmView(state, one, act))}</ul>
            ${alarms.length > FEW ? html`<p class="faint">${say.more(alarms.length - FEW)}</p>` : nothing}
            ${unseen.length > 1 ? html`<button type="button" class="quiet" ?disabled=${state.link !== "open"} @click=${() => act.acknowledge(unseen)}>${say.acknowledgeAll}</button>` : nothing}`
        : html`<p class="faint">${say.none}</p>`}
    ${settingsView(state, ui, act)}
  </section>`;
}

function alarmView(state, one, act) {
  const raisedAt = Date.parse(one.raised_at);
  const failed = state.acts[`alarm-${one.alarm}`];
  return html`<li class="alarm" data-alarm=${one.kind} data-seen=${one.acknowledged_at ? "yes" : "no"} data-ended=${one.ended_at ? "yes" : "no"}>
    <p class="alarm-what"><span aria-hidden="true">${one.acknowledged_at ? "✓" : "！"}</span> ${alarmWords(one, state.stats.lanes)}</p>
    <p class="faint">${one.ended_at ? say.ended : say.raised(clock(raisedAt), span((state.now - raisedAt) / 1000))}</p>
    ${one.acknowledged_at
      ? html`<p class="faint">${say.by(one.acknowledged_by, clock(Date.parse(one.acknowledged_at)))}</p>`
      : html`${one.ended_at ? nothing : html`<p>${say.next[one.kind]}</p>`}
          <button type="button" ?disabled=${state.link !== "open"} @click=${() => act.acknowledge([one])}>${say.acknowledge}<span class="unseen">：${alarmWords(one, state.stats.lanes)}</span></button>
          ${failed?.state === "error" ? html`<p class="wrong" role="alert">${actErrorWords(failed.code)}</p>` : nothing}`}
  </li>`;
}

function settingsView({ thresholds, maySet, link }, ui, act) {
  if (!thresholds.length) return nothing;
  return html`<details class="alarm-settings"><summary>${say.settings}</summary>
    <p class="faint">${maySet ? say.settingsWhy : say.settingsReadOnly}</p>
    <form @submit=${(event) => act.setAlarms(event)}>
      ${thresholds.map(({ kind, threshold }) => settingView(kind, threshold, maySet))}
      ${maySet ? html`<button type="submit" ?disabled=${link !== "open"}>${say.save}</button>` : nothing}
    </form></details>`;
}

function settingView(kind, threshold, maySet) {
  return html`<p class="setting">
    <label><input type="checkbox" name="on-${kind}" .checked=${threshold !== null} ?disabled=${!maySet}> ${say.kinds[kind]}</label>
    ${SWITCHES.has(kind)
      ? nothing
      : html`<span><input type="number" name=${kind} min="1" max="10000" inputmode="numeric" aria-label=${say.kinds[kind]} .value=${String(threshold ?? 1)} ?disabled=${!maySet}> ${say.units[kind]}</span>`}
  </p>`;
}
