/** What the panel and the offers do: each asks the server with a frame of its own, and hears of it in its own form. */

import { newId } from "../chat/protocol.js";
import { ANYBODY } from "./desk-handoff.js";
import { unseenWhisper } from "./desk-select.js";

/**
 * @param {object} desk
 * @param {() => any} desk.state
 * @param {any} desk.ui
 * @param {(action: object) => void} desk.dispatch
 * @param {(frame: object) => boolean} desk.send
 * @param {() => void} desk.draw
 * @param {(id: string) => void} desk.focusOn puts the keyboard's focus on an element once it is drawn
 */
export function panelActs({ state, ui, dispatch, send, draw, focusOn }) {
  /** Ask, and keep the frame until it is answered: it is sent again after a lost connection. */
  function ask(about, talk, frame) {
    const asked = { id: newId(), ...frame };
    dispatch({ type: "asked", frame: asked, about, talk });
    send(asked);
  }
  const draftOf = (id) => state().drafts[id] ?? {};

  return {
    // --- notes and ready sentences ---
    keepNote(event, id) {
      event.preventDefault();
      const body = (draftOf(id).memo ?? "").trim();
      if (body) ask("note", id, { type: "note.add", conversation: id, body });
    },
    whisperSeen(id) {
      const talk = state().talks[id];
      const whisper = unseenWhisper(talk);
      dispatch({ type: "whisper.seen", id });
      if (whisper && !talk.ended) ask("whisper", id, { type: "whisper.read", conversation: id, whisper: whisper.id });
    },
    searchReady(query) {
      ui.readySearch = query;
      draw();
    },
    /** Put a sentence into the box, after what stands there. Nothing is sent. */
    insert(id, body) {
      const before = (draftOf(id).text ?? "").trimEnd();
      dispatch({ type: "draft", id, draft: { text: before ? `${before}\n${body}` : body } });
      ui.isPanelOpen = false;
      focusOn(`text-${id}`);
    },

    record(event, id) {
      event.preventDefault();
      const { outcome, note = "" } = draftOf(id);
      if (outcome) ask("record", id, { type: "conversation.record", conversation: id, outcome, ...(note.trim() ? { note: note.trim() } : {}) });
    },

    // --- handing over ---
    lookForHandoff(id) {
      send({ type: "handoff.look", conversation: id });
    },
    offerHandoff(event, id) {
      event.preventDefault();
      const { to = ANYBODY, summary = "" } = draftOf(id);
      const isThere = state().talks[id].choices?.some((one) => one.counselor === to);
      const named = isThere ? { counselor: to } : {};
      if (summary.trim()) ask("handoff", id, { type: "handoff.offer", conversation: id, summary: summary.trim(), ...named });
    },
    cancelHandoff: (id, handoff) => ask("cancel", id, { type: "handoff.cancel", handoff }),
    offerAgain(id) {
      dispatch({ type: "offer.seen", id });
      send({ type: "handoff.look", conversation: id });
    },
    acceptOffer(handoff) {
      ui.opening = state().offers[handoff]?.conversation ?? null; // what one has accepted is what one looks at next
      ask("offer", handoff, { type: "handoff.accept", handoff });
    },
    /** An offer to the lane is not declined for everybody: it only leaves this desk. */
    declineOffer(handoff, isForMe) {
      if (isForMe) ask("offer", handoff, { type: "handoff.decline", handoff });
      else dispatch({ type: "offer.passed", id: handoff });
    },

    // --- emergencies and help outside ---
    callHelp(id, drill) {
      ui.tab = "help";
      ui.isPanelOpen = true;
      dispatch({ type: "focus", id });
      ask("call", id, { type: "emergency.call", conversation: id, ...(drill ? { drill } : {}) });
    },
    check: (id, emergency, step) => ask("check", id, { type: "emergency.check", emergency, step }),
    startReferral(id) {
      ui.isReferring = true;
      ui.directorySearch = "";
      dispatch({ type: "focus", id });
      draw();
    },
    chooseKind(id, kind) {
      dispatch({ type: "draft", id, draft: { kind } });
      const drill = Boolean(state().talks[id].call?.isDrill);
      if (kind) send({ type: "directory.look", kind, drill });
    },
    searchDirectory(query) {
      ui.directorySearch = query;
      draw();
    },
    openReferral(event, id) {
      event.preventDefault();
      const { call } = state().talks[id];
      const { kind, service = "", ground = call?.ground, facts = "" } = draftOf(id);
      if (!kind || !service.trim() || !ground || !facts.trim()) return;
      ui.isReferring = false;
      const told = { kind, service: service.trim(), ground, facts: facts.trim(), ...(call?.isDrill ? { drill: true } : {}) };
      ask("referral", id, { type: "referral.open", conversation: id, ...told });
    },
    followReferral(event, id, referral) {
      event.preventDefault();
      const { answered = "", follows = "", isDone = false } = draftOf(id)[`follow ${referral}`] ?? {};
      const told = { answered_by: answered.trim(), follows: follows.trim(), closed: isDone };
      ask(`follow ${referral}`, id, { type: "referral.follow", referral, ...told });
      dispatch({ type: "draft", id, draft: { [`follow ${referral}`]: {} } });
    },
  };
}
