/**
 * What every visitor's page shares: the way out, furigana, the author's words, and what this tab keeps.
 * Links inside the site replace the page, so that the browser's history holds one entry of it.
 */

const KEY = "na.";

/** Keep something until the tab closes. @param {string} name @param {string} value */
export function keep(name, value) {
  try {
    if (value === "") sessionStorage.removeItem(KEY + name);
    else sessionStorage.setItem(KEY + name, value);
  } catch {
    // forbidden or full: the page works without it
  }
}

/** @param {string} name @returns {string} what was kept, or nothing */
export function kept(name) {
  try {
    return sessionStorage.getItem(KEY + name) ?? "";
  } catch {
    return "";
  }
}

/**
 * Give a sentence of the page's author, with its slots filled in as text.
 * @param {string} word @param {Record<string, string|number>} [slots]
 * @returns {DocumentFragment}
 */
export function say(word, slots = {}) {
  const template = /** @type {HTMLTemplateElement|null} */ (document.querySelector(`template[data-word="${word}"]`));
  if (template === null) return document.createDocumentFragment();
  const words = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  for (const slot of words.querySelectorAll("[data-slot]")) {
    slot.textContent = String(slots[/** @type {HTMLElement} */ (slot).dataset.slot ?? ""] ?? "");
  }
  return words;
}

/** The same without the readings: for a screen reader's status and for titles.
 * @param {string} word @param {Record<string, string|number>} [slots] */
export function plain(word, slots = {}) {
  const words = say(word, slots);
  for (const reading of words.querySelectorAll("rt, rp")) reading.remove();
  return (words.textContent ?? "").trim();
}

/** Go to another page of this site without leaving this one in the history. @param {string} url */
export const go = (url) => location.replace(url);

/** Leave at once: nothing stays on the screen, in this tab's memory or in its history. @param {string} url */
function exit(url) {
  document.documentElement.hidden = true;
  try {
    sessionStorage.clear();
  } catch {
    // forbidden: then there is nothing in it
  }
  dispatchEvent(new Event("exit"));
  document.title = "";
  go(url);
}

function followed(/** @type {MouseEvent} */ event) {
  const link = /** @type {Element} */ (event.target).closest?.("a[href]");
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || link.origin !== location.origin) return;
  event.preventDefault();
  if (link.id === "exit") exit(link.href);
  else go(link.href);
}

function startFurigana() {
  const root = document.documentElement;
  const button = document.getElementById("furigana");
  const chosen = kept("furigana");
  const set = (/** @type {boolean} */ on) => {
    root.classList.toggle("furigana", on);
    button?.setAttribute("aria-pressed", String(on));
  };
  if (chosen) set(chosen === "on");
  if (button === null) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const on = !root.classList.contains("furigana");
    set(on);
    keep("furigana", on ? "on" : "off");
  });
}

startFurigana();
document.addEventListener("click", followed);
// a page that the browser froze may come back with the back button after the way out was taken
addEventListener("pageshow", (event) => {
  if (event.persisted && document.documentElement.hidden) go("/close/");
});
