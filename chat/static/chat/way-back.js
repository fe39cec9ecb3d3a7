/** The return phrase: made when it is asked for, shown in this tab until it closes. */
import { keep, kept, say } from "./page.js";

const place = /** @type {HTMLElement} */ (document.getElementById("phrase"));
const make = /** @type {HTMLButtonElement} */ (document.getElementById("phrase-make"));

/** Show the phrase word by word, so that a line never breaks inside one. @param {string} phrase */
function show(phrase) {
  place.replaceChildren(...phrase.split("・").map((word) => Object.assign(document.createElement("span"), { textContent: word })));
}

make.addEventListener("click", async () => {
  make.disabled = true;
  try {
    const answer = await fetch(String(make.dataset.url), { method: "POST" });
    if (!answer.ok) throw new Error(String(answer.status));
    const { phrase } = await answer.json();
    keep("phrase", phrase);
    show(phrase);
  } catch {
    place.replaceChildren(say("phrase.failed"));
  }
  make.disabled = false;
});

const before = kept("phrase");
if (before) show(before);
