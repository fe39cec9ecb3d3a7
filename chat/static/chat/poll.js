/**
 * The socket's frames over plain HTTP, for places where WebSocket is blocked (some schools filter it).
 * A poll waits for news, a letter carries frames the other way; both stand behind the face of a WebSocket.
 */

const POLL_URL = "/api/v1/poll";
const LETTERS_URL = "/api/v1/letters";
const BROKEN = 1006;
const TRIES = 2; // sockets that brought nothing, before the line is changed

/** @typedef {Record<string, any>} Frame */

/** What a second welcome says that the first did not, as the frames that a socket would have brought.
 * @param {Frame} before @param {Frame} after @returns {Frame[]}
 */
export function changes(before, after) {
  /** @type {Frame[]} */
  const frames = [];
  if (after.state !== before.state) {
    if (after.state === "paired") {
      frames.push({ type: "paired", conversation: after.conversation, counselor: after.counselor });
    } else if (after.state === "waiting") {
      frames.push({ type: "requeued", reason: "counselor_lost", position: after.position });
    } else {
      frames.push({ type: "closed", reason: after.reason ?? "counselor" });
    }
  } else if (after.state === "waiting" && after.position !== before.position) {
    frames.push({ type: "queue.position", position: after.position, estimate: after.estimate });
  }
  if (after.read.counselor > before.read.counselor) {
    frames.push({ type: "read", who: "counselor", seq: after.read.counselor });
  }
  return frames;
}

/** Was each message acked or refused? @param {Frame[]} frames @param {Frame[]} answers */
function isAnswered(frames, answers) {
  const ids = new Set(answers.map((answer) => answer.id ?? answer.ref));
  return frames.every((frame) => frame.type !== "message.send" || ids.has(frame.id));
}

/** A connection by polls and letters that looks like a WebSocket. */
export class PollSocket {
  /** @param {typeof fetch} get */
  constructor(get) {
    this.readyState = 0;
    /** @type {(() => void)|null} */
    this.onopen = null;
    /** @type {((event: {data: string}) => void)|null} */
    this.onmessage = null;
    /** @type {((event: {code: number}) => void)|null} */
    this.onclose = null;
    this.onerror = null;
    this._get = get;
    this._abort = new AbortController();
    /** @type {Frame|null} */
    this._hello = null;
    /** @type {Frame|null} */
    this._welcome = null;
    /** @type {Frame[]} */
    this._letters = [];
    this._isPosting = false;
    queueMicrotask(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.onopen?.();
    });
  }

  /** @param {string} text */
  send(text) {
    const frame = JSON.parse(text);
    if (frame.type === "hello") {
      this._hello = frame;
      void this._pollOn();
      return;
    }
    this._letters.push(frame);
    if (!this._isPosting) void this._postAll();
  }

  close() {
    this.readyState = 3;
    this._abort.abort();
  }

  async _pollOn() {
    let mark = "";
    while (this.readyState === 1) {
      const answer = await this._post(POLL_URL, { hello: this._hello, mark });
      if (answer === null) return;
      mark = answer.mark;
      answer.frames.forEach((/** @type {Frame} */ frame) => this._take(frame));
      this._over(answer.closed);
    }
  }

  async _postAll() {
    this._isPosting = true;
    while (this._letters.length > 0 && this.readyState === 1) {
      const frames = this._letters.splice(0, 20);
      const answer = await this._post(LETTERS_URL, { hello: this._hello, frames });
      if (answer === null) break;
      answer.frames.forEach((/** @type {Frame} */ frame) => this._emit(frame));
      // a message without an answer may be stored or not: a new line sends it again
      this._over(answer.closed ?? (isAnswered(frames, answer.frames) ? null : BROKEN));
    }
    this._isPosting = false;
  }

  /** @param {string} url @param {object} body @returns {Promise<any>} null when the line broke */
  async _post(url, body) {
    try {
      const response = await this._get(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: this._abort.signal,
        cache: "no-store",
        credentials: "same-origin",
      });
      if (response.ok) return await response.json();
      this._over(response.status === 429 ? 4429 : BROKEN);
    } catch {
      this._over(BROKEN);
    }
    return null;
  }

  /** @param {Frame} frame */
  _take(frame) {
    if (frame.type === "message" && this._hello && frame.seq === this._hello.last_seq + 1) {
      this._hello.last_seq = frame.seq;
    }
    if (frame.type !== "welcome") return this._emit(frame);
    const before = this._welcome;
    this._welcome = frame;
    if (before === null) this._emit(frame);
    else changes(before, frame).forEach((change) => this._emit(change));
  }

  /** @param {Frame} frame */
  _emit(frame) {
    if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** @param {number|null} code */
  _over(code) {
    if (code === null || this.readyState === 3) return;
    this.close();
    this.onclose?.({ code });
  }
}

/**
 * Make the function that connects: by WebSocket, and after two that brought nothing by HTTP. Some filters
 * refuse the handshake, others let it pass and then no frame.
 * A broken poll tries WebSocket again first: perhaps it was the network, or another one is here now.
 * @param {{WebSocket: typeof WebSocket, fetch: typeof fetch}} [env]
 */
export function createConnector(env = { WebSocket, fetch: globalThis.fetch.bind(globalThis) }) {
  let failures = 0;
  return (/** @type {string} */ url) => {
    if (failures >= TRIES) {
      failures = 0;
      return /** @type {any} */ (new PollSocket(env.fetch));
    }
    const socket = new env.WebSocket(url);
    let hasBroughtNews = false;
    socket.addEventListener("message", () => {
      hasBroughtNews = true;
      failures = 0;
    });
    socket.addEventListener("close", () => {
      if (!hasBroughtNews) failures += 1;
    });
    return socket;
  };
}
