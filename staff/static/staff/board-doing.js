/** What the board's buttons do: each asks through the socket, and the answer comes back by its id. */

import { lookId } from "./board-select.js";
import { words } from "./words.js";

const say = words.board;

/** @param {{state: () => any, ui: any, dispatch: Function, draw: Function, send: (frame: object) => boolean, sound: any, retryNow: Function}} board */
export function createActs({ state, ui, dispatch, draw, send, sound, retryNow }) {
  /** Send an act under an id of its own; where it can not be sent, it has failed already. */
  function ask(key, frame, done) {
    const id = crypto.randomUUID();
    dispatch({ type: "act", id: key, what: done });
    ids.set(id, key);
    if (!send({ ...frame, id })) fail(key);
    return id;
  }

  /** The server answers by the frame's id; the page knows the act by its place. */
  const ids = new Map();

  function fail(key) {
    dispatch({ type: "frame", frame: { type: "error", ref: key, code: "unavailable" }, at: Date.now() });
  }

  function redraw(change) {
    Object.assign(ui, change);
    draw();
  }

  const act = {
    retryNow,
    noticed: () => dispatch({ type: "noticed" }),
    toggleSound() {
      sound.toggle();
      redraw({ isLoud: sound.isLoud() });
    },
    toggleAway: () => redraw({ isAwayShown: !ui.isAwayShown }),
    toggleAllTalks: () => redraw({ isAllTalks: !ui.isAllTalks, talksShown: 0 }),
    order: (order) => redraw({ order }),
    /** Give a frame's answer the name by which the page knows the act. */
    named(frame) {
      const id = frame.type === "done" ? frame.id : frame.ref;
      const key = ids.get(id);
      if (key === undefined) return frame;
      ids.delete(id);
      return frame.type === "done" ? { ...frame, id: key } : { ...frame, ref: key };
    },

    // --- lanes ---
    look(lane) {
      if (!lane) ui.backTo = lookId(state().look);
      dispatch({ type: "look", lane: lane && { audience: lane.audience, language: lane.language } });
      if (lane) act.askForLane();
    },
    askForLane() {
      const { audience, language } = state().look;
      send({ type: "queue.look", audience, language });
    },

    // --- the dialog ---
    wish: (wish) => redraw({ wish: { ...wish, id: `wish-${wish.kind}` }, isReasonMissing: false }),
    chooseMode: (mode) => redraw({ wish: { ...ui.wish, mode } }),
    cancel(event) {
      event.preventDefault();
      if (ui.wish) dispatch({ type: "forget", id: ui.wish.id });
      redraw({ wish: null });
    },
    outside(event) {
      if (event.target === event.currentTarget) act.cancel(event);
    },
    confirm(event, shown) {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(event.target));
      const reason = values.reason.trim();
      if (shown.reason === "needed" && !reason) {
        redraw({ isReasonMissing: true });
        event.target.elements.reason.focus();
        return;
      }
      redraw({ isReasonMissing: false });
      ask(ui.wish.id, shown.frame({ ...values, reason }), ui.wish.kind === "take" ? say.dialog.take.toDesk : say.dialog.done);
    },
    /** Put away what is done: the dialog, a form. */
    settle() {
      if (ui.referral && state().acts["referral-new"]?.state === "done") {
        ui.referral = null;
        dispatch({ type: "forget", id: "referral-new" });
      }
      if (!ui.wish || state().acts[ui.wish.id]?.state !== "done") return;
      const { kind, target, id } = ui.wish;
      ui.wish = null;
      dispatch({ type: "forget", id });
      if (kind === "join") ui.toJoined = target.conversation;
      if (kind === "boost" || kind === "assign" || kind === "block") act.askForLane();
    },

    // --- alarms ---
    acknowledge: (alarms) => alarms.forEach((one) => ask(`alarm-${one.alarm}`, { type: "alarm.acknowledge", alarm: one.alarm }, null)),
    setAlarms(event) {
      event.preventDefault();
      const { elements } = event.target;
      for (const { kind, threshold } of state().thresholds) {
        const figure = elements[kind] ? Number(elements[kind].value) : 1;
        const wanted = elements[`on-${kind}`].checked ? figure : null;
        if (wanted !== threshold) ask(`set-${kind}`, { type: "alarm.set", kind, threshold: wanted }, say.alarms.saved);
      }
    },

    // --- emergencies and referrals ---
    come(call) {
      const { emergency, conversation } = call;
      if (!call.second) ask(`call-${emergency}`, { type: "emergency.come", emergency }, null);
      ask(`call-${emergency}`, { type: "conversation.join", conversation, mode: "whisper", reason: say.emergency.reason }, null);
      ui.toJoined = conversation;
    },
    check: (emergency, step) => ask(`call-${emergency}`, { type: "emergency.check", emergency, step }, null),
    draftDecision(emergency, form) {
      const { decision, ground, words: why } = Object.fromEntries(new FormData(form));
      redraw({ decisions: { ...ui.decisions, [emergency]: { decision, ground, words: why } } });
    },
    decide(event, emergency) {
      event.preventDefault();
      const { decision, ground, words: why } = Object.fromEntries(new FormData(event.target));
      const call = state().emergencies[emergency];
      const grounds = decision === "refer" ? { ground } : {};
      ask(`decide-${emergency}`, { type: "emergency.decide", emergency, decision, words: why, ...grounds }, say.emergency.decided);
      if (decision === "refer") act.refer(call.conversation, { ground, drill: call.drill });
    },
    refer(conversation, { ground = "", drill = false } = {}) {
      if (conversation) send({ type: "directory.look", drill });
      redraw({ referral: conversation && { conversation, kind: "local_government", service: "", ground, drill } });
    },
    draftReferral: (change) => redraw({ referral: { ...ui.referral, ...change } }),
    openReferral(event) {
      event.preventDefault();
      const { kind, service, ground, facts } = Object.fromEntries(new FormData(event.target));
      const { conversation, drill } = ui.referral;
      ask("referral-new", { type: "referral.open", conversation, kind, service, ground, facts, drill }, say.dialog.done);
    },
    follow(event, referral) {
      event.preventDefault();
      const { answered_by, follows, closed } = Object.fromEntries(new FormData(event.target));
      ask(`follow-${referral}`, { type: "referral.follow", referral, answered_by, follows, closed: closed === "on" }, say.dialog.done);
    },

    // --- a joined talk ---
    part: (conversation) => {
      ask(`part-${conversation}`, { type: "conversation.part", conversation }, null);
      dispatch({ type: "putAway", conversation });
    },
    putAway: (conversation) => dispatch({ type: "putAway", conversation }),
    draft(conversation, text) {
      ui.drafts = { ...ui.drafts, [conversation]: text };
    },
    sayKey(event, conversation) {
      const isComposing = event.isComposing || event.keyCode === 229;
      if (event.key === "Enter" && !event.shiftKey && !isComposing) act.say(event, conversation);
    },
    say(event, conversation) {
      event.preventDefault();
      const body = (ui.drafts[conversation] ?? "").trim();
      if (!body) return;
      const id = crypto.randomUUID();
      const type = state().joined[conversation].mode === "open" ? "message.send" : "note.add";
      dispatch({ type: "said", id, conversation, body });
      if (!send({ type, conversation, id, body })) dispatch({ type: "frame", frame: { type: "error", ref: id, code: "unavailable" }, at: Date.now() });
      act.draft(conversation, "");
      draw();
    },
  };
  return act;
}
