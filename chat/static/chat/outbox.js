/**
 * What was written and is not yet known to be stored. It is kept in sessionStorage, so that a
 * reload loses nothing, and sent again in order, with the same ids, after each welcome.
 *
 * @typedef {{id: string, body: string, state: "sending"|"sent"|"failed", code?: string, at: string} & Record<string, any>} Entry
 */
import { newId } from "./protocol.js";

/**
 * @param {object} options
 * @param {string} options.storageKey
 * @param {(entry: Entry) => boolean|void} options.send hands one entry to the socket
 * @param {Pick<Storage, "getItem"|"setItem"|"removeItem">} [options.storage]
 * @param {() => string} [options.makeId]
 */
export function createOutbox({ storageKey, send, storage = sessionStorageOrNone(), makeId = newId }) {
  /** @type {Entry[]} */
  let kept = load();

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

  return {
    /** Take a message in and send it.
     * @param {string} body @param {Record<string, any>} [extra] @returns {Entry} */
    add(body, extra = {}) {
      /** @type {Entry} */
      const entry = { ...extra, id: makeId(), body, state: "sending", at: new Date().toISOString() };
      kept.push(entry);
      save();
      send(entry);
      return entry;
    },
    /** The server has it. Gives the entry the first time, nothing when the id is not (or no longer) here.
     * @param {string} id @param {number} seq @param {string} sentAt */
    acked(id, seq, sentAt) {
      const entry = find(id);
      if (!entry) return undefined;
      kept = kept.filter((other) => other !== entry);
      save();
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
    },
    /** Try one again that had failed. @param {string} id */
    resend(id) {
      const entry = find(id);
      if (!entry) return;
      entry.state = "sending";
      delete entry.code;
      save();
      send(entry);
    },
    /** Send everything again, in the order in which it was written; not what can never be taken. */
    resendAll() {
      for (const entry of kept) {
        if (entry.code === "body_too_long") continue;
        entry.state = "sending";
        delete entry.code;
        send(entry);
      }
      save();
    },
    entries: () => kept.slice(),
    /** Take one out. @param {string} id */
    remove(id) {
      kept = kept.filter((entry) => entry.id !== id);
      save();
    },
    clear() {
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
