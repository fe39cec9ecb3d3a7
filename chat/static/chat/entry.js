/**
 * The entry form: what is typed stays in this tab until it has arrived, and sending it adds no page
 * to the history. Without this module the form works as a plain one.
 */
import { go, keep, kept, say } from "./page.js";
import { lengthOf } from "./protocol.js";

const NOTE_MAX = 1000;
const form = /** @type {HTMLFormElement} */ (document.getElementById("entry"));
const note = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("note"));
const nickname = /** @type {HTMLInputElement} */ (form.elements.namedItem("nickname"));
const consent = /** @type {HTMLInputElement} */ (form.elements.namedItem("consent"));
const begin = /** @type {HTMLButtonElement} */ (document.getElementById("begin"));
const status = /** @type {HTMLElement} */ (document.getElementById("sending"));
const missing = /** @type {HTMLElement} */ (document.getElementById("consent-missing"));
const counter = /** @type {HTMLElement} */ (document.getElementById("note-count"));
let isGoing = false;

const ticks = () => /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[name=topic], input[name=urgency]")]);

function remember() {
  const ticked = ticks().filter((input) => input.checked).map((input) => `${input.name}=${input.value}`);
  const isEmpty = !note.value && !nickname.value && ticked.length === 0;
  keep("entry", isEmpty ? "" : JSON.stringify({ note: note.value, nickname: nickname.value, ticked }));
}

/** Put back what a reload or a lost line took away; what the server sent back comes first. */
function restore() {
  let before;
  try {
    before = JSON.parse(kept("entry") || "null");
  } catch {
    return;
  }
  if (!before) return;
  note.value ||= before.note ?? "";
  nickname.value ||= before.nickname ?? "";
  if (ticks().some((input) => input.checked)) return;
  for (const input of ticks()) input.checked = before.ticked?.includes(`${input.name}=${input.value}`) ?? false;
}

function count() {
  const left = NOTE_MAX - lengthOf(note.value);
  counter.hidden = left > NOTE_MAX - 1;
  counter.replaceChildren(say(left < 0 ? "note.over" : "note.left", { n: Math.abs(left) }));
  counter.classList.toggle("over", left < 0);
}

function rest(/** @type {string} */ word) {
  isGoing = false;
  begin.removeAttribute("aria-disabled");
  status.replaceChildren(say(word));
}

async function submit(/** @type {SubmitEvent} */ event) {
  event.preventDefault();
  if (isGoing) return;
  missing.hidden = consent.checked;
  if (!consent.checked) {
    consent.setAttribute("aria-invalid", "true");
    consent.setAttribute("aria-describedby", "consent-about consent-missing");
    consent.focus();
    return;
  }
  isGoing = true;
  begin.setAttribute("aria-disabled", "true");
  status.replaceChildren(say("going"));
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.type === "opaqueredirect") arrived();
    else if (answer.status === 429 || answer.status === 503) rest("busy");
    else HTMLFormElement.prototype.submit.call(form); // the server's own page says what is missing
  } catch {
    rest("offline");
  }
}

function arrived() {
  for (const name of ["entry", "outbox", "draft", "phrase"]) keep(name, "");
  go(new URL("../../talk/", location.href).href);
}

restore();
count();
form.addEventListener("input", () => {
  remember();
  count();
  if (consent.checked) {
    missing.hidden = true;
    consent.removeAttribute("aria-invalid");
  }
});
form.addEventListener("submit", submit);
