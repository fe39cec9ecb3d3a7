import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { documentElement: { classList: {} }, getElementById: () => null, addEventListener() {} };
globalThis.addEventListener ??= () => {};
const { meansSend } = await import("../../chat/static/chat/composer.js");

const enter = { key: "Enter", shiftKey: false, isComposing: false, keyCode: 13 };

test("Enter sends at a desk", () => assert.equal(meansSend(enter, false), true));
test("Enter is a new line on a phone", () => assert.equal(meansSend(enter, true), false));
test("Shift and Enter is a new line", () => assert.equal(meansSend({ ...enter, shiftKey: true }, false), false));
test("Enter while composing Japanese never sends", () => assert.equal(meansSend({ ...enter, isComposing: true }, false), false));
test("nor does the Enter that Safari reports as 229", () => assert.equal(meansSend({ ...enter, keyCode: 229 }, false), false));
test("other keys never send", () => assert.equal(meansSend({ ...enter, key: "a" }, false), false));
