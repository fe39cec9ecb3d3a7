/** The lines of a talk: those that are needed, and what is on its way. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { groups } from "./format.js";
import { errorWords, words } from "./words.js";

const w = words.desk;
const SPEAKERS = { visitor: w.fromVisitor, counselor: w.fromYou };

/** The lines from `from` on. A long talk is drawn from its end: reading upward brings the earlier ones. */
export function linesView(talk, from, pending, isOpen, act) {
  const ownLast = talk.lines.findLast((line) => line.sender === "counselor");
  return html`
    ${talk.lines.length ? nothing : html`<p class="notice-line">${w.begin}</p>`}
    ${from > 0 ? html`<p class="earlier"><button type="button" class="quiet" @click=${() => act.earlier(talk.id)}>${w.earlier}</button></p>` : nothing}
    ${repeat(groups(talk.lines.slice(from)), ({ message }) => message.seq, (group) => lineView(talk, group, ownLast, pending.length))}
    ${repeat(pending, (entry) => entry.id, (entry) => pendingView(entry, isOpen, act))}
  `;
}

function lineView(talk, { message, day, time }, ownLast, pendingCount) {
  const isOwn = message.sender === "counselor";
  const mark = isOwn && message === ownLast && !pendingCount ? (talk.read.visitor >= message.seq ? w.read : w.arrived) : "";
  return html`
    ${day ? html`<p class="day">${day}</p>` : nothing}
    <div class="line" data-sender=${message.sender}>
      <span class="unseen">${SPEAKERS[message.sender] ?? w.fromService}</span>
      <p class="bubble" dir="auto">${message.body}</p>
      ${time || mark ? html`<p class="under"><span>${time}</span><span class="mark">${mark}</span></p>` : nothing}
    </div>
  `;
}

function pendingView(entry, isOpen, act) {
  const isFailed = entry.state === "failed";
  return html`<div class="line" data-sender="counselor" data-state=${entry.state}>
    <span class="unseen">${w.fromYou}</span>
    <p class="bubble" dir="auto">${entry.body}</p>
    <p class="under">${isFailed
      ? html`<span class="mark">${errorWords(entry.code)}</span>
          <button type="button" class="again" @click=${() => act.sendAgain(entry.id)}>${w.sendAgain}</button>`
      : html`<span class="mark">${isOpen ? w.sending : w.sendsOnceOnline}</span>`}</p>
  </div>`;
}
