/**
 * What was written and is not yet known to be stored. It is kept in sessionStorage, so that a
 * reload loses nothing, and sent again with the same ids after each welcome.
 *
 * The order of writing is the order of sending: in each conversation one message is on its way at a time,
 * and the next follows when the server has answered. One that is to be tried again holds those behind it;
 * one that can never be taken does not.
 *
 * @typedef {{id: string, body: string, state: "sending"|"sent"|"failed", code?: string, at: string} & Record<string, any>} Entry
 */
import { newId } from "./protocol.js";

const PASSING = ["too_many", "unavailable", "not_paired"]; // the same message may be taken later
const NEVER = ["body_too_long"];

/**
 * @param {object} options
 * @param {string} options.storageKey
 * @param {(entry: Entry) => boolean|void} options.send hands one entry to the socket; false when there is none
 * @param {Pick<Storage, "getItem"|"setItem"|"removeItem">} [options.storage]
 * @param {() => string} [options.makeId]
 */
export function createOutbox({ storageKey, send, storage = sessionStorageOrNone(), makeId = newId }) {
  /** @type {Entry[]} */
  let kept = load();
  /** @type {Map<string, string>} conversation → id that the server has not answered yet */
  const underWay = new Map();

  function load() {
    try {
      const found = JSON.parse(storage?.getItem(storageKey) ?? "[]");
      return Array.isArray(found) ? found.filter((entry) => typeof entry?.id === "string" && typeof entry?.body === "string") : [];
    } catch {
      return [];
    }
  }

  function save() {
    try {
      if (kept.length === 0) storage?.removeItem(storageKey);
      else storage?.setItem(storageKey, JSON.stringify(kept));
    } catch {
      // full or forbidden: what is in memory is still sent
    }
  }

  const find = (/** @type {string} */ id) => kept.find((entry) => entry.id === id);
  const placeOf = (/** @type {Entry} */ entry) => entry.conversation ?? "";

  /** Send the next one of a conversation, if none is under way and none before it waits to be tried again. */
  function go(/** @type {string} */ place) {
    if (underWay.has(place)) return;
    const next = kept.find((entry) => placeOf(entry) === place && (entry.state === "sending" || PASSING.includes(entry.code ?? "")));
    if (next?.state === "sending" && send(next) !== false) underWay.set(place, next.id);
  }

  /** Note that the server has answered, or will not. */
  function answered(/** @type {Entry} */ entry) {
    if (underWay.get(placeOf(entry)) === entry.id) underWay.delete(placeOf(entry));
  }

  function takeOut(/** @type {Entry} */ entry) {
    kept = kept.filter((other) => other !== entry);
    save();
    answered(entry);
    go(placeOf(entry));
  }

  return {
    /** Take a message in and send it when its turn comes.
     * @param {string} body @param {Record<string, any>} [extra] @returns {Entry} */
    add(body, extra = {}) {
      /** @type {Entry} */
      const entry = { ...extra, id: makeId(), body, state: "sending", at: new Date().toISOString() };
      kept.push(entry);
      save();
      go(placeOf(entry));
      return entry;
    },
    /** The server has it. Gives the entry the first time, nothing when the id is not (or no longer) here.
     * @param {string} id @param {number} seq @param {string} sentAt */
    acked(id, seq, sentAt) {
      const entry = find(id);
      if (!entry) return undefined;
      takeOut(entry);
      return { ...entry, state: /** @type {const} */ ("sent"), seq, sent_at: sentAt };
    },
    /** The server refused it: it stays here, and `resend` tries again.
     * @param {string} id @param {string} code */
    failed(id, code) {
      const entry = find(id);
      if (!entry) return;
      entry.state = "failed";
      entry.code = code;
      save();
      answered(entry);
      go(placeOf(entry));
    },
    /** Try one again that had failed. @param {string} id */
    resend(id) {
      const entry = find(id);
      if (!entry) return;
      entry.state = "sending";
      delete entry.code;
      save();
      go(placeOf(entry));
    },
    /** Send everything again, in the order in which it was written; not what can never be taken. */
    resendAll() {
      underWay.clear();
      for (const entry of kept) {
        if (NEVER.includes(entry.code ?? "")) continue;
        entry.state = "sending";
        delete entry.code;
      }
      save();
      for (const place of new Set(kept.map(placeOf))) go(place);
    },
    entries: () => kept.slice(),
    /** Take one out. @param {string} id */
    remove(id) {
      const entry = find(id);
      if (entry) takeOut(entry);
    },
    clear() {
      underWay.clear();
      kept = [];
      save();
    },
  };
}

function sessionStorageOrNone() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined; // blocked by the browser
  }
}
