import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { createOutbox } from "../../chat/static/chat/outbox.js";

let kept;
let sent;
let serial;
const storage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => void kept.set(key, value),
  removeItem: (key) => void kept.delete(key),
};
const open = (over = {}) =>
  createOutbox({
    storageKey: "box",
    send: (entry) => void sent.push([entry.id, entry.body]),
    storage,
    makeId: () => `id-${(serial += 1)}`,
    ...over,
  });

beforeEach(() => {
  kept = new Map();
  sent = [];
  serial = 0;
});

test("what is added is sent once, and kept", () => {
  const entry = open().add("こんばんは", { conversation: "c1" });
  assert.deepEqual(sent, [["id-1", "こんばんは"]]);
  assert.equal(entry.state, "sending");
  assert.equal(JSON.parse(kept.get("box"))[0].conversation, "c1");
});

test("one is under way at a time, and the next follows its ack", () => {
  const outbox = open();
  for (const body of ["一", "二", "三"]) outbox.add(body);
  assert.deepEqual(sent, [["id-1", "一"]]);
  outbox.acked("id-1", 1, "");
  outbox.acked("id-2", 2, "");
  assert.deepEqual(sent.map(([id]) => id), ["id-1", "id-2", "id-3"]);
});

test("one conversation does not wait for another", () => {
  const outbox = open();
  outbox.add("一", { conversation: "c1" });
  outbox.add("二", { conversation: "c2" });
  assert.deepEqual(sent.map(([id]) => id), ["id-1", "id-2"]);
});

test("after a reload the same ids go out again, in order", () => {
  const before = open();
  before.add("一");
  before.add("二");
  sent = [];
  const after = open();
  after.resendAll();
  after.acked("id-1", 1, "");
  assert.deepEqual(sent, [["id-1", "一"], ["id-2", "二"]]);
});

test("what is written off line goes out after the welcome, in order", () => {
  let isOpen = false;
  const outbox = open({ send: (entry) => isOpen && void sent.push(entry.id) });
  outbox.add("一");
  outbox.add("二");
  isOpen = true;
  outbox.resendAll();
  outbox.acked("id-1", 1, "");
  assert.deepEqual(sent, ["id-1", "id-2"]);
});

for (const code of ["unavailable", "too_many"]) {
  test(`one that is to be tried again holds those behind it: ${code}`, () => {
    const outbox = open();
    for (const body of ["一", "二"]) outbox.add(body);
    outbox.failed("id-1", code);
    outbox.add("三");
    assert.deepEqual(sent.map(([id]) => id), ["id-1"]);
    outbox.resendAll();
    for (const id of ["id-1", "id-2", "id-3"]) outbox.acked(id, 1, "");
    assert.deepEqual(sent.map(([id]) => id), ["id-1", "id-1", "id-2", "id-3"]);
  });
}

test("one that can never be taken does not hold those behind it", () => {
  const outbox = open();
  for (const body of ["一", "二"]) outbox.add(body);
  outbox.failed("id-1", "body_too_long");
  assert.deepEqual(sent.map(([id]) => id), ["id-1", "id-2"]);
});

test("one that was taken out does not hold those behind it", () => {
  const outbox = open();
  for (const body of ["一", "二"]) outbox.add(body);
  outbox.remove("id-1");
  assert.deepEqual(sent.map(([id]) => id), ["id-1", "id-2"]);
});

test("a late answer about an earlier one does not start the next too soon", () => {
  const outbox = open();
  for (const body of ["一", "二", "三"]) outbox.add(body);
  outbox.acked("id-1", 1, "");
  outbox.acked("id-1", 1, "");
  outbox.failed("id-1", "unavailable");
  assert.deepEqual(sent.map(([id]) => id), ["id-1", "id-2"]);
});

test("an ack takes it out, and gives it back once", () => {
  const outbox = open();
  outbox.add("一");
  assert.equal(outbox.acked("id-1", 1, "2024-12-28T16:46:00+09:00").body, "一");
  assert.equal(outbox.acked("id-1", 1, "2024-12-28T16:46:00+09:00"), undefined);
  assert.equal(kept.size, 0);
});

test("acks out of order leave the others in their order", () => {
  const outbox = open();
  for (const body of ["一", "二", "三"]) outbox.add(body);
  outbox.acked("id-2", 2, "");
  sent = [];
  outbox.resendAll();
  outbox.acked("id-1", 1, "");
  assert.deepEqual(sent.map(([id]) => id), ["id-1", "id-3"]);
});

test("a refused one stays, with the reason, until it is tried again", () => {
  const outbox = open();
  outbox.add("一");
  outbox.failed("id-1", "unavailable");
  assert.deepEqual(outbox.entries().map((entry) => [entry.state, entry.code]), [["failed", "unavailable"]]);
  sent = [];
  outbox.resend("id-1");
  assert.deepEqual(sent, [["id-1", "一"]]);
  assert.equal(outbox.entries()[0].state, "sending");
});

test("what is too long is not tried again by itself", () => {
  const outbox = open();
  outbox.add("一");
  outbox.failed("id-1", "body_too_long");
  sent = [];
  outbox.resendAll();
  assert.deepEqual(sent, []);
  assert.equal(outbox.entries()[0].state, "failed");
});

test("an answer about an unknown id changes nothing", () => {
  const outbox = open();
  outbox.failed("nobody", "bad_frame");
  outbox.resend("nobody");
  assert.deepEqual(outbox.entries(), []);
  assert.deepEqual(sent, []);
});

test("clearing leaves nothing in the tab", () => {
  const outbox = open();
  outbox.add("一");
  outbox.clear();
  assert.equal(kept.size, 0);
  assert.deepEqual(outbox.entries(), []);
});

test("it works without any storage", () => {
  const outbox = open({ storage: { getItem: () => { throw new Error("no"); }, setItem: () => { throw new Error("full"); }, removeItem: () => {} } });
  outbox.add("一");
  assert.equal(outbox.entries().length, 1);
});

for (const rubbish of ["{", "3", "null", '[{"id":1},null,{"id":"a"}]']) {
  test(`what else lies in storage is not sent: ${rubbish}`, () => {
    kept.set("box", rubbish);
    assert.deepEqual(open().entries(), []);
  });
}
