/** The open talks as a table, and those that one has joined. Only templates. */

import { html, nothing } from "./vendor/lit-html-3.3.3/lit-html.js";
import { guard } from "./vendor/lit-html-3.3.3/directives/guard.js";
import { repeat } from "./vendor/lit-html-3.3.3/directives/repeat.js";
import { silenceWords, sortedTalks } from "./board-select.js";
import { actErrorWords } from "./board-acts.js";
import { clock, groups, span } from "./format.js";
import { audienceName, words } from "./words.js";

const say = words.board.talks;
const { joined: inTalk } = words.board;
const FEW = 12;
const MORE = 40; // rows more with each drawing, and of one list: the page answers between two, and a list out of sight costs nothing

export function talksView(state, ui, act) {
  if (!state.talks) return state.me.role === "supervisor" ? loadingView() : nothing; // nobody else is told of talks
  const talks = sortedTalks(state.talks, ui.order);
  const shown = talks.slice(0, ui.isAllTalks ? Math.max(FEW, ui.talksShown) : FEW);
  const tenSeconds = Math.floor(state.now / 10_000);
  return html`<section class="talks-part" aria-labelledby="talks-head">
    <h2 id="talks-head">${say.head} <small>${talks.length}</small></h2>
    ${talks.length
      ? html`<p class="orders"><label>${say.sortLabel}
            <select @change=${(event) => act.order(event.target.value)}>
              <option value="silence" ?selected=${ui.order !== "length"}>${say.sortSilence}</option>
              <option value="length" ?selected=${ui.order === "length"}>${say.sortLength}</option>
            </select></label></p>
          ${inLists(shown).map((rows) => html`<ul class="talks">${repeat(rows, (one) => one.conversation,
            (one) => guard([one, one.conversation in state.joined, tenSeconds], () => rowView(state, one, act)))}</ul>`)}
          ${talks.length > FEW
            ? html`<button type="button" class="quiet" aria-expanded=${ui.isAllTalks} @click=${act.toggleAllTalks}>${ui.isAllTalks ? say.showFew : say.showAll(talks.length)}</button>`
            : nothing}`
      : html`<p class="faint">${say.none}</p>`}
  </section>`;
}

/** Tell how many rows the next drawing may show, where all are asked for and not all are there yet; else null. */
export function talksToShow(state, ui) {
  return ui.isAllTalks && ui.talksShown < (state.talks?.length ?? 0) ? ui.talksShown + MORE : null;
}

function inLists(talks) {
  return Array.from({ length: Math.ceil(talks.length / MORE) }, (_, index) => talks.slice(index * MORE, (index + 1) * MORE));
}

/** Until the first list has come nobody knows how many there are: no figure, and not "none". */
function loadingView() {
  return html`<section class="talks-part" aria-labelledby="talks-head" aria-busy="true">
    <h2 id="talks-head">${say.head}</h2><p class="faint">${words.board.look.loading}</p></section>`;
}

function rowView(state, one, act) {
  const isJoined = one.conversation in state.joined;
  const silentMin = (state.now - one.saidAt) / 60_000;
  const isWaiting = one.saidBy === "visitor" || one.saidBy === null;
  return html`<li class="talk-row" data-talk=${one.conversation} data-age=${isWaiting && silentMin >= 5 ? "long" : isWaiting && silentMin >= 2 ? "some" : "short"}>
    <span class="talk-who"><b><bdi>${one.counselor ? one.name : say.waitsAgain}</bdi></b>
      <small>${audienceName(one.audience)}${one.reach === "with_reason" ? `・${one.organization || say.otherOrganization}` : ""}</small>
      ${one.urgency >= 3 ? html`<span class="tag tag-urgent">${say.urgent}</span>` : nothing}</span>
    <span class="talk-silence">${silenceWords(one, state.now)}</span>
    <span class="talk-length"><small>${say.length}</small> ${span((state.now - one.openedAt) / 1000)}</span>
    ${isJoined
      ? html`<a class="talk-act" href="#joined-${one.conversation}">${say.show}</a>`
      : html`<button type="button" class="quiet talk-act" @click=${() => act.wish({ kind: "join", target: one })}>${say.join}<span class="unseen">：${one.name}</span></button>`}
  </li>`;
}

// --- a talk that one has joined ---

export function joinedView(state, ui, act, talk) {
  const { conversation: id, ended } = talk;
  const call = Object.values(state.emergencies).find((one) => one.conversation === id);
  return html`<section class="joined" id="joined-${id}" data-joined=${id} data-mode=${talk.mode} data-ended=${ended ? "yes" : "no"} aria-labelledby="joined-head-${id}" tabindex="-1">
    <header>
      <h2 id="joined-head-${id}">${inTalk.head(talk.counselor || words.board.alarms.someone)}</h2>
      <p class="joined-mode">${inTalk.modes[talk.mode]}</p>
      <p class="faint">${audienceName(talk.visitor.audience)}・${talk.visitor.online ? inTalk.online : inTalk.offline}</p>
    </header>
    ${ended ? html`<p class="note" role="status">${endedWords(ended)}</p>` : nothing}
    <details><summary>${inTalk.entry}</summary><p class="entry">${[talk.visitor.topic, talk.visitor.note].filter(Boolean).join("\n") || inTalk.noEntry}</p></details>
    <div class="joined-log" role="log" tabindex="0" aria-label=${inTalk.log}>${logView(talk)}</div>
    ${ended ? nothing : composerView(state, ui, act, talk)}
    <p class="acts">${ended
      ? html`<button type="button" class="quiet" @click=${() => act.putAway(id)}>${inTalk.putAway}</button>`
      : html`<button type="button" class="quiet" @click=${() => act.wish({ kind: "join", target: targetOf(state, talk), mode: talk.mode })}>${inTalk.changeMode}</button>
          <button type="button" class="quiet" @click=${() => act.wish({ kind: "take", target: targetOf(state, talk) })}>${inTalk.take}</button>
          ${call ? nothing : html`<button type="button" class="quiet" @click=${() => act.refer(id)}>${words.board.referrals.new}</button>`}
          <button type="button" @click=${() => act.part(id)}>${inTalk.part}</button>`}</p>
  </section>`;
}

function targetOf({ talks }, { conversation, counselor }) {
  const row = (talks ?? []).find((one) => one.conversation === conversation);
  return { conversation, name: counselor, reach: row?.reach ?? "own" };
}

function endedWords(ended) {
  return { lost: inTalk.lost, reassigned: inTalk.reassigned }[ended] ?? inTalk.ended;
}

const SENDERS = { visitor: inTalk.visitor, counselor: inTalk.counselor, system: inTalk.system };

/** Words and notes in the order in which they came: a note looks like paper, and says whose it is. */
function logView(talk) {
  const lines = [...talk.lines, ...talk.notes.map((note) => ({ ...note, sender: "note" }))].sort((a, b) => a.at - b.at);
  if (!lines.length) return html`<p class="faint">${inTalk.nothingSaid}</p>`;
  return repeat(groups(lines), ({ message }) => `${message.sender}${message.seq ?? message.id}`, ({ message }) => lineView(message));
}

function lineView(line) {
  const who = line.sender === "note" ? (line.kind === "whisper" ? inTalk.whisper(line.author) : inTalk.note(line.author)) : SENDERS[line.sender];
  return html`<div class="line" data-sender=${line.sender}><small>${who} <time>${clock(line.at)}</time></small><p class="bubble">${line.body}</p></div>`;
}

function composerView(state, ui, act, talk) {
  if (talk.mode === "unseen") return html`<p class="faint">${inTalk.unseenWhy}</p>`;
  const { conversation: id, mode } = talk;
  const draft = ui.drafts[id] ?? "";
  return html`<form class="joined-composer" data-mode=${mode} @submit=${(event) => act.say(event, id)}>
    <label for="say-${id}">${mode === "whisper" ? inTalk.whisperLabel : inTalk.openLabel}</label>
    ${talk.pending.map((entry) => html`<p class="faint">${entry.body}：${entry.code ? actErrorWords(entry.code) : inTalk.sending}</p>`)}
    <textarea id="say-${id}" rows="2" maxlength="2000" .value=${draft} @input=${(event) => act.draft(id, event.target.value)} @keydown=${(event) => act.sayKey(event, id)}></textarea>
    <button type="submit" ?disabled=${state.link !== "open"}>${inTalk.send}</button>
  </form>`;
}
