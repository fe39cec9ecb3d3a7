/** The box to write in: a draft that stays, a height that grows, and keys that suit Japanese and phones. */
import { keep, kept, say } from "./page.js";
import { MAX_BODY, lengthOf, typing } from "./protocol.js";

const TYPING_AGAIN_MS = 3_000;
const TYPING_ENDS_MS = 5_000;

/**
 * Does this key press mean "send"? Never while a Japanese word is being composed: Safari reports the
 * Enter that ends a composition with key code 229 and isComposing false.
 * @param {Pick<KeyboardEvent, "key"|"shiftKey"|"isComposing"|"keyCode">} event @param {boolean} isTouch
 */
export function meansSend(event, isTouch) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229 && !isTouch;
}

/**
 * @param {object} options
 * @param {(body: string) => void} options.onSend
 * @param {(frame: object) => void} options.onTyping
 * @param {() => boolean} options.canSend
 */
export function createComposer({ onSend, onTyping, canSend }) {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("composer"));
  const box = /** @type {HTMLTextAreaElement} */ (document.getElementById("draft"));
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("send"));
  const hint = /** @type {HTMLElement} */ (document.getElementById("draft-hint"));
  const touch = matchMedia("(pointer: coarse)");
  let typedAt = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let idle;

  function fit() {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`; // the border; CSS stops it at five lines
  }

  function look() {
    const over = lengthOf(box.value) - MAX_BODY;
    hint.replaceChildren(over > 0 ? say("over", { n: over }) : "");
    const isReady = canSend() && over <= 0 && box.value.trim() !== "";
    button.setAttribute("aria-disabled", String(!isReady));
    return isReady;
  }

  function stopTyping() {
    clearTimeout(idle);
    if (typedAt) onTyping(typing(false));
    typedAt = 0;
  }

  function changed() {
    keep("draft", box.value);
    fit();
    look();
    if (!canSend()) return;
    if (box.value === "") return stopTyping();
    if (Date.now() - typedAt > TYPING_AGAIN_MS) {
      typedAt = Date.now();
      onTyping(typing(true));
    }
    clearTimeout(idle);
    idle = setTimeout(stopTyping, TYPING_ENDS_MS);
  }

  function submit() {
    if (!look()) return;
    const body = box.value;
    box.value = "";
    keep("draft", "");
    stopTyping();
    fit();
    look();
    onSend(body);
  }

  box.value = kept("draft");
  box.addEventListener("input", changed);
  box.addEventListener("keydown", (event) => {
    if (!meansSend(event, touch.matches) || !canSend()) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  // a tap on the button must not take the focus from the box: the soft keyboard would fold and jump
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  fit();

  return {
    look,
    draft: () => box.value,
    clear() {
      box.value = "";
      keep("draft", "");
    },
  };
}
