import assert from "node:assert/strict";
import { test } from "node:test";

import * as protocol from "../../chat/static/chat/protocol.js";
import { golden } from "./golden.js";

const sent = golden.visitor;

test("what is built is what the contract says", () => {
  assert.deepEqual(protocol.hello(0), sent.hello);
  assert.deepEqual(protocol.hello(7), sent["hello again"]);
  assert.deepEqual(protocol.messageSend(sent["message.send"].id, sent["message.send"].body), sent["message.send"]);
  assert.deepEqual(protocol.typing(true), sent.typing);
  assert.deepEqual(protocol.read(2), sent.read);
  assert.deepEqual(protocol.leave(), sent.leave);
  assert.deepEqual(protocol.ping("1"), sent.ping);
});

test("a frame is read back as it was sent", () => {
  for (const frame of Object.values(golden.server)) assert.deepEqual(protocol.decode(JSON.stringify(frame)), frame);
});

for (const text of ["", "{", "null", "[]", "3", '{"no":"type"}', '{"type":3}', new ArrayBuffer(2), undefined]) {
  test(`no frame: ${String(text)}`, () => assert.equal(protocol.decode(text), null));
}

test("characters are counted as the server counts them", () => {
  assert.equal(protocol.lengthOf("あ😢"), 2);
});

test("ids are UUIDs, also where the browser has no randomUUID", (t) => {
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(protocol.newId(), shape);
  const real = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  t.after(() => Object.defineProperty(globalThis, "crypto", real));
  Object.defineProperty(globalThis, "crypto", { configurable: true, value: { getRandomValues: (bytes) => bytes.fill(255) } });
  assert.match(protocol.newId(), shape);
});
