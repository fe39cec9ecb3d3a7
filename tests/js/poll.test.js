import assert from "node:assert/strict";
import { test } from "node:test";

import { PollSocket, changes, createConnector } from "../../chat/static/chat/poll.js";

const WELCOME = {
  type: "welcome", v: 1, state: "waiting", position: 2, estimate: null, conversation: null, counselor: null,
  last_seq: 0, read: { visitor: 0, counselor: 0 },
};
const PAIRED = { ...WELCOME, state: "paired", position: null, conversation: "c", counselor: { name: "灯" } };

/** A server that answers each call with the next answer, and then never again. */
function server(answers) {
  const asked = [];
  const get = async (url, init) => {
    asked.push({ url, body: JSON.parse(init.body) });
    const queue = answers[url] ?? [];
    if (queue.length === 0) {
      return new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(new Error("abort"))));
    }
    const next = queue.shift();
    return typeof next === "number"
      ? { ok: false, status: next }
      : { ok: true, json: async () => ({ mark: "m", closed: null, ...next }) };
  };
  return { asked, get };
}

/** Open a socket on it, say hello, and gather what comes. */
async function open(answers) {
  const there = server(answers);
  const socket = new PollSocket(there.get);
  const frames = [];
  const codes = [];
  socket.onmessage = (event) => frames.push(JSON.parse(event.data));
  socket.onclose = (event) => codes.push(event.code);
  socket.onopen = () => socket.send(JSON.stringify({ type: "hello", v: 1, last_seq: 0 }));
  await settle();
  return { ...there, socket, frames, codes };
}

const settle = () => new Promise((done) => setImmediate(() => setImmediate(done)));

test("the first welcome comes as it is, the next as what has changed", async () => {
  const { frames, socket } = await open({ "/api/v1/poll": [{ frames: [WELCOME] }, { frames: [PAIRED] }] });
  assert.deepEqual(frames.map((frame) => frame.type), ["welcome", "paired"]);
  socket.close();
});

test("the next poll names the last message that came", async () => {
  const message = { type: "message", seq: 1, id: "a", body: "はい", sender: "counselor" };
  const { asked, socket } = await open({ "/api/v1/poll": [{ frames: [PAIRED, message] }] });
  assert.equal(asked.at(-1).body.hello.last_seq, 1);
  assert.equal(asked.at(-1).body.mark, "m");
  socket.close();
});

test("frames go as letters and their answers come back", async () => {
  const ack = { type: "message.ack", id: "x", seq: 1 };
  const { asked, frames, socket } = await open({
    "/api/v1/poll": [{ frames: [PAIRED] }],
    "/api/v1/letters": [{ frames: [ack] }],
  });
  socket.send(JSON.stringify({ type: "message.send", id: "x", body: "ねえ" }));
  await settle();
  assert.deepEqual(asked.find((one) => one.url === "/api/v1/letters").body.frames[0].id, "x");
  assert.deepEqual(frames.at(-1), ack);
  socket.close();
});

test("a message that a letter brings no answer to breaks the line, so that it is sent again", async () => {
  const { codes, socket } = await open({ "/api/v1/poll": [{ frames: [PAIRED] }], "/api/v1/letters": [{ frames: [] }] });
  socket.send(JSON.stringify({ type: "message.send", id: "x", body: "ねえ" }));
  await settle();
  assert.deepEqual(codes, [1006]);
});

test("a message that was refused has its answer", async () => {
  const refusal = { type: "error", code: "unavailable", ref: "x" };
  const { codes, frames, socket } = await open({
    "/api/v1/poll": [{ frames: [PAIRED] }],
    "/api/v1/letters": [{ frames: [refusal] }],
  });
  socket.send(JSON.stringify({ type: "message.send", id: "x", body: "ねえ" }));
  await settle();
  assert.deepEqual(frames.at(-1), refusal);
  assert.deepEqual(codes, []);
  socket.close();
});

test("a close code ends it", async () => {
  const { codes } = await open({ "/api/v1/poll": [{ frames: [], closed: 4409 }] });
  assert.deepEqual(codes, [4409]);
});

test("a broken line is told as a lost socket", async () => {
  const { codes } = await open({ "/api/v1/poll": [503] });
  assert.deepEqual(codes, [1006]);
});

test("a place that moved is told as a place", () => {
  assert.deepEqual(changes(WELCOME, { ...WELCOME, position: 1 })[0], { type: "queue.position", position: 1, estimate: null });
});

test("an end is told with its reason", () => {
  assert.deepEqual(changes(PAIRED, { ...PAIRED, state: "closed", reason: "window" }), [{ type: "closed", reason: "window" }]);
});

test("a read mark that moved is told", () => {
  const after = { ...PAIRED, read: { visitor: 0, counselor: 3 } };
  assert.deepEqual(changes(PAIRED, after), [{ type: "read", who: "counselor", seq: 3 }]);
});

test("after two handshakes that never opened the line is changed, and a broken one tries WebSocket again", () => {
  const made = [];
  class Blocked extends EventTarget {
    constructor() {
      super();
      made.push(this);
    }
  }
  const connect = createConnector({ WebSocket: Blocked, fetch: async () => ({ ok: false, status: 503 }) });
  connect("ws://x").dispatchEvent(new Event("close"));
  connect("ws://x").dispatchEvent(new Event("close"));
  assert.ok(connect("ws://x") instanceof PollSocket);
  assert.ok(connect("ws://x") instanceof Blocked);
});

test("a socket that opens and lets no frame pass is a blocked one", () => {
  class Dumb extends EventTarget {}
  const connect = createConnector({ WebSocket: Dumb, fetch: async () => ({ ok: false, status: 503 }) });
  for (let n = 0; n < 2; n += 1) {
    const socket = connect("ws://x");
    socket.dispatchEvent(new Event("open"));
    socket.dispatchEvent(new Event("close"));
  }
  assert.ok(connect("ws://x") instanceof PollSocket);
});

test("a socket that has brought news is no blocked one", () => {
  class Fine extends EventTarget {}
  const connect = createConnector({ WebSocket: Fine, fetch: async () => ({ ok: false, status: 503 }) });
  for (let n = 0; n < 3; n += 1) {
    const socket = connect("ws://x");
    assert.ok(socket instanceof Fine);
    socket.dispatchEvent(new Event("message"));
    socket.dispatchEvent(new Event("close"));
  }
});
