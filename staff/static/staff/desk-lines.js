/** The lines of a talk: those that are needed, in chunks that are drawn once, and what is on its way. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { guard } from "./vendor/lit-html-3.3.3/directives/guard.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { chunks } from "./desk-select.js";
import { groups } from "./format.js";
import { errorWords, words } from "./words.js";

const w = words.desk;
const SPEAKERS = { visitor: w.fromVisitor, counselor: w.fromYou };

/** The lines from `from` on. A long talk is drawn from its end: reading upward brings the earlier ones, chunk by chunk. */
export function linesView(talk, from, pending, isOpen, act) {
  const own = talk.lines.findLast((line) => line.sender === "counselor");
  const mark = own && !pending.length ? (talk.read.visitor >= own.seq ? w.read : w.arrived) : "";
  return html`
    ${talk.lines.length ? nothing : html`<p class="notice-line">${w.begin}</p>`}
    ${from > 0 ? html`<p class="earlier"><button type="button" class="quiet" @click=${() => act.earlier(talk.id)}>${w.earlier}</button></p>` : nothing}
    ${repeat(chunks(talk.lines, from), ({ start }) => start, (chunk) => chunkView(talk.lines, chunk, own, mark))}
    ${repeat(pending, (entry) => entry.id, (entry) => pendingView(entry, isOpen, act))}
  `;
}

/**
 * Some lines. Of one talk's lines none is ever taken away, so the same first and last line and the same number are the same
 * lines. Only the newest chunk is read out as it grows: what is read upward is no news.
 */
function chunkView(lines, { start, end }, own, mark) {
  const [first, last] = [lines[start], lines[end - 1]];
  const ownMark = own && own.seq >= first.seq && own.seq <= last.seq ? mark : null;
  return html`<div class="chunk" aria-live=${end === lines.length ? nothing : "off"}>${guard(
    [lines[start - 1], first, last, lines[end], end - start, ownMark !== null && own, ownMark],
    () => groups(lines, start, end).map((group) => lineView(group, group.message === own ? mark : "")),
  )}</div>`;
}

function lineView({ message, day, time }, mark) {
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
