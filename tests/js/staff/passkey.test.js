import assert from "node:assert/strict";
import { test } from "node:test";

import { readOptions, writeCredential } from "../../../staff/static/staff/passkey.js";

const bytes = (...values) => Uint8Array.from(values);

test("options of a new passkey are read into bytes", () => {
  const { publicKey } = readOptions({
    publicKey: { challenge: "-_8", user: { id: "AQI", name: "nao" }, rp: { id: "x" }, excludeCredentials: [{ id: "Aw" }] },
  });
  assert.deepEqual(publicKey.challenge, bytes(251, 255));
  assert.deepEqual(publicKey.user, { id: bytes(1, 2), name: "nao" });
  assert.deepEqual(publicKey.excludeCredentials, [{ id: bytes(3) }]);
  assert.deepEqual(publicKey.rp, { id: "x" });
});

test("options of a sign-in are read into bytes", () => {
  const { publicKey } = readOptions({ publicKey: { challenge: "AA", allowCredentials: [{ id: "AQ", type: "public-key" }] } });
  assert.deepEqual(publicKey.allowCredentials, [{ id: bytes(1), type: "public-key" }]);
});

test("a credential is written as text, without what it does not have", () => {
  const written = writeCredential({
    type: "public-key", id: "AQ", rawId: bytes(1).buffer, authenticatorAttachment: null,
    response: { clientDataJSON: bytes(251, 255).buffer, signature: bytes(2).buffer, userHandle: null },
    getClientExtensionResults: () => ({}),
  });
  assert.deepEqual(JSON.parse(JSON.stringify(written)), {
    type: "public-key", id: "AQ", rawId: "AQ", response: { clientDataJSON: "-_8", signature: "Ag" }, clientExtensionResults: {},
  });
});
