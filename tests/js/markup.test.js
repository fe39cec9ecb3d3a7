import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const FOLDERS = ["../../chat/static/chat/", "../../staff/static/staff/", "../../staff/static/staff/words/"];
/** The ways in which a text becomes markup. */
const WAYS = /\b(innerHTML|outerHTML|insertAdjacentHTML|unsafeHTML|unsafeSVG|createContextualFragment|document\.write|srcdoc|eval\(|new Function)/u;

for (const folder of FOLDERS) {
  const base = new URL(folder, import.meta.url);
  for (const name of readdirSync(base).filter((one) => one.endsWith(".js"))) {
    test(`${name} makes no markup of a text`, () => assert.doesNotMatch(readFileSync(new URL(name, base), "utf8"), WAYS));
  }
}
