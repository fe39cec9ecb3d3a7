/** The counselors as small cards, by organization. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { guard } from "./vendor/lit-html-3.3.3/directives/guard.js";
import { byOrganization, isLost } from "./board-select.js";
import { span } from "./format.js";
import { STATES, words } from "./words.js";

const say = words.board.people;
const FEW = 24; // so many are shown whoever they are; of more, those who are away only when asked for
const MORE = 60;

export function peopleView(state, ui, act) {
  const { counselors, people } = state.stats;
  const isLong = people.length > FEW;
  const minute = Math.floor(state.now / 10_000);
  return html`<section class="people-part" aria-labelledby="people-head">
    <h2 id="people-head">${say.head}</h2>
    <ul class="counts">
      ${["available", "busy", "away"].map(
        (name) => html`<li data-state=${name}><span class="dot" aria-hidden="true"></span>${STATES[name]} <b>${counselors[name]}</b>${say.count(0).replace("0", "")}</li>`,
      )}
    </ul>
    ${people.length ? nothing : html`<p class="faint">${say.nobody}</p>`}
    ${guard([people, ui.isAwayShown, ui.peopleDrawn, minute], () =>
      repeat(asFar(byOrganization(people), ui.peopleDrawn), (group) => group.name, (group) => organizationView(group, state, isLong && !ui.isAwayShown)))}
    ${isLong
      ? html`<p><button type="button" class="quiet" aria-expanded=${ui.isAwayShown} @click=${act.toggleAway}>${ui.isAwayShown ? say.hideAway : say.showAway(counselors.away)}</button></p>`
      : nothing}
  </section>`;
}

/** Of hundreds, so many more with each drawing: the page answers meanwhile. Give how many the next may show; null: no more. */
export function peopleToDraw({ stats }, { peopleDrawn }) {
  return stats && peopleDrawn < stats.people.length ? peopleDrawn + MORE : null;
}

function asFar(groups, count) {
  let left = count;
  return groups.map((group) => {
    const drawn = group.members.slice(0, Math.max(0, left));
    left -= group.members.length;
    return { ...group, drawn };
  });
}

function organizationView({ name, here, members, drawn }, state, isShort) {
  const shown = isShort ? drawn.filter((one) => one.state !== "away" || isLost(one)) : drawn;
  return html`<div class="organization">
    <h3>${name || say.noOrganization} <small>${say.here(members.length, here)}</small></h3>
    <ul class="people">${repeat(shown, (one) => one.id, (one) => personView(one, state.now))}</ul>
  </div>`;
}

function personView(one, now) {
  const { id, name, state, load, capacity, online, seen_at } = one;
  const pips = Array.from({ length: Math.max(capacity, load) }, (_, index) => html`<i data-full=${index < load}></i>`);
  const seenS = seen_at ? Math.max(0, (now - Date.parse(seen_at)) / 1000) : null;
  return html`<li class="person" data-person=${id} data-state=${state} data-online=${online ? "yes" : "no"} data-lost=${isLost(one) ? "yes" : "no"}>
    <b><bdi>${name}</bdi></b>
    <span class="person-state"><span class="dot" aria-hidden="true"></span>${STATES[state] ?? state}</span>
    ${online || load
      ? html`<span class="pips" aria-hidden="true">${pips}</span><span class="load">${say.load(load, capacity)}</span>`
      : html`<span class="nobody">${say.deskShut}</span>`}
    ${isLost(one) ? html`<span class="offline">${say.lost}${seenS === null ? "" : `・${say.seen(span(seenS))}`}</span>` : nothing}
    ${!isLost(one) && online && seenS !== null && seenS > 20 ? html`<span class="nobody">${say.seen(span(seenS))}</span>` : nothing}
  </li>`;
}
