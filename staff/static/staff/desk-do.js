/** What a counselor does at the desk. The panel's own acts are in desk-acts.js. */

import { panelActs } from "./desk-acts.js";
import { commandOf, tabFor } from "./desk-keys.js";
import { TABS } from "./desk-panel.js";
import { neighbor, nextAfter } from "./desk-select.js";
import { matches, slashKey } from "./desk-slash.js";
import { switchOf } from "./keep.js";
import { moment } from "./words/moments.js";

const MAX_CHARS = 2000;
const MOMENT_REST_MS = 20_000; // one tap says it once

/** Where the keyboard's focus goes when a tab is opened to write in it. */
const FIRST_PLACE = { note: "memo", ready: "ready-search", end: "outcome" };

export function createActs(desk) {
  const { ui, socket, outbox, typist, sound, dispatch, draw, focusOn, state, refreshPending, saveDrafts, logs } = desk;
  const isFine = () => matchMedia("(pointer: fine)").matches;

  function post(id, text) {
    logs.toEnd(id);
    outbox.add(text, { conversation: id });
    refreshPending();
  }

  function open(id) {
    ui.isPanelOpen = false;
    dispatch({ type: "focus", id });
    draw();
    if (isFine()) focusOn(`text-${id}`);
  }

  function openTab(id, tab) {
    if (ui.tab !== tab) desk.root.querySelector("#panel")?.scrollTo(0, 0);
    ui.tab = tab;
    ui.isPanelOpen = true;
    dispatch({ type: "focus", id });
    if (tab === "handoff" && !state().talks[id]?.offer) socket.send({ type: "handoff.look", conversation: id });
    draw();
  }

  /** Ask for it, and show it at once: the next change, however soon, starts from what was asked for. */
  function setAvailability(wanted) {
    if (socket.send({ type: "availability.set", ...wanted })) dispatch({ type: "availability", wanted });
  }

  /** The state that stands now; a pause that runs goes on. */
  function asItIs() {
    const { availability, now } = state();
    const leftS = Math.ceil((availability.backAt - now) / 1000);
    return { state: availability.state, ...(availability.backAt && leftS > 0 ? { back_in_s: leftS } : {}) };
  }

  function close(event, id) {
    event.preventDefault();
    const { outcome, note = "" } = state().drafts[id] ?? {};
    if (!outcome) return;
    ui.nextAfter = event.submitter?.value === "next" ? id : null;
    const frame = { type: "conversation.close", conversation: id, outcome, ...(note.trim() ? { note: note.trim() } : {}) };
    if (socket.send(frame)) dispatch({ type: "closing", id });
  }

  const acts = {
    ...panelActs({ ...desk, send: (frame) => socket.send(frame) }),
    ...logs.acts,
    open, openTab, setAvailability, close,

    // --- the bar ---
    noticed: () => dispatch({ type: "noticed" }),
    retryNow: () => socket.retryNow(),
    setCapacity: (capacity) => setAvailability({ ...asItIs(), capacity }),
    setWrapUp: (seconds) => setAvailability({ ...asItIs(), wrap_up_s: seconds }),
    dismissWarning({ kind, step }) {
      ui.dismissedWarning = `${kind} ${step}`;
      draw();
    },
    toggleSettings() {
      ui.areSettingsOpen = !ui.areSettingsOpen;
      draw();
    },
    /** A press anywhere else, or Esc, closes them. */
    closeSettings(event) {
      if (!ui.areSettingsOpen || (event.type === "pointerdown" && event.target.closest?.(".settings"))) return;
      ui.areSettingsOpen = false;
      draw();
    },
    toggleSound() {
      sound.toggle();
      ui.isLoud = sound.isLoud();
      draw();
    },
    toggleKeys() {
      ui.hasKeys = switchOf("keys").toggle();
      draw();
    },

    // --- talks ---
    focus: (id) => dispatch({ type: "focus", id }),
    draft: (id, draft) => dispatch({ type: "draft", id, draft }),
    dismiss(id) {
      for (const entry of outbox.entries()) if (entry.conversation === id) outbox.remove(entry.id);
      refreshPending();
      dispatch({ type: "dismiss", id });
    },
    togglePanel(id) {
      ui.isPanelOpen = !ui.isPanelOpen;
      dispatch({ type: "focus", id });
      draw();
    },
    tabKey(event) {
      const tab = tabFor(event.key, TABS, ui.tab);
      if (!tab) return;
      event.preventDefault();
      openTab(state().focus, tab);
      focusOn(`tab-${tab}`);
    },
    /** The talk was closed here with "and the next": put it away, end the pause, and turn to who waits longest. */
    afterClosing(id) {
      if (ui.nextAfter !== id) return;
      ui.nextAfter = null;
      const next = nextAfter(state(), id);
      acts.dismiss(id);
      setAvailability({ state: "available" });
      if (next) open(next);
    },

    // --- the box ---
    typed(id, area) {
      ui.slash = { at: 0, closedFor: null };
      dispatch({ type: "draft", id, draft: { text: area.value } });
      typist.typed(id, area.value !== "" && !/^[/／]/.test(area.value));
    },
    key(event, id) {
      const found = matches(state(), ui, state().talks[id]);
      const asked = found && slashKey(event, found, ui.slash.at);
      if (asked) {
        event.preventDefault();
        if (asked.body) return acts.putReady(event, id, asked.body);
        if (asked.close) ui.slash.closedFor = state().drafts[id].text;
        if (asked.at !== undefined) ui.slash.at = asked.at;
        return draw();
      }
      const isComposing = event.isComposing || event.keyCode === 229;
      if (!found && event.key === "Enter" && !event.shiftKey && !event.altKey && !isComposing) acts.submit(event, id);
    },
    /** A sentence takes the place of the slash and what followed it; sending stays with the counselor. */
    putReady(event, id, body) {
      event.preventDefault();
      dispatch({ type: "draft", id, draft: { text: body } });
      typist.typed(id, true);
      focusOn(`text-${id}`);
    },
    submit(event, id) {
      event.preventDefault();
      const text = (state().drafts[id]?.text ?? "").trim();
      const isSearch = matches(state(), ui, state().talks[id]) !== null;
      if (!text || isSearch || [...text].length > MAX_CHARS || state().talks[id]?.ended) return;
      post(id, text);
      typist.sent(id);
      dispatch({ type: "draft", id, draft: { text: "" } });
      saveDrafts();
    },
    sendAgain(id) {
      outbox.resend(id);
      refreshPending();
    },
    moment(id) {
      if (ui.moments.has(id)) return;
      ui.moments.add(id);
      setTimeout(() => {
        ui.moments.delete(id);
        draw();
      }, MOMENT_REST_MS);
      post(id, moment(state().talks[id].visitor.language));
    },

    // --- keys ---
    deskKey(event) {
      if (event.key === "Escape" && ui.areSettingsOpen) {
        acts.closeSettings(event);
        desk.root.querySelector(".settings > button").focus();
        return;
      }
      const id = state().focus;
      const command = ui.hasKeys && id ? commandOf(event) : null;
      if (!command) return;
      event.preventDefault();
      if (command.move) open(neighbor(state(), command.move));
      if (command.tab) {
        openTab(id, command.tab);
        focusOn(FIRST_PLACE[command.tab]);
      }
      if (command.end) desk.root.querySelector('.closing button[value="next"]')?.click();
    },
  };
  return acts;
}
