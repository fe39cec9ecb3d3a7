import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { TABLES, words } from "../../../staff/static/staff/words.js";

const FOLDER = new URL("../../../staff/static/staff/", import.meta.url);
const JAPANESE = /[\u3041-\u30fa\u3400-\u9fff]/u;

/** The shape of a table: the path of each sentence, with how many values it takes. */
function shape(value, path = "") {
  if (typeof value === "function") return [`${path}(${value.length})`];
  if (typeof value !== "object") return [path];
  return Object.entries(value).flatMap(([key, one]) => shape(one, `${path}.${key}`));
}

function sentences(value, path = "") {
  if (typeof value === "function") return [[path, value.toString()]];
  if (typeof value !== "object") return [[path, value]];
  return Object.entries(value).flatMap(([key, one]) => sentences(one, `${path}.${key}`));
}

test("both languages have the same sentences, with the same values to fill in", () => {
  assert.deepEqual(shape(TABLES.en), shape(TABLES.ja));
});

test("no sentence is empty", () => {
  for (const table of Object.values(TABLES)) {
    for (const [path, sentence] of sentences(table)) assert.notEqual(String(sentence).trim(), "", path);
  }
});

test("no Japanese stands in an English sentence", () => {
  for (const [path, sentence] of sentences(TABLES.en)) assert.doesNotMatch(String(sentence), JAPANESE, path);
});

test("a page that does not say its language is Japanese", () => assert.equal(words, TABLES.ja));

test("no sentence stands outside the tables", () => {
  const scripts = readdirSync(FOLDER).filter((name) => name.endsWith(".js"));
  for (const name of scripts) {
    const code = readFileSync(new URL(name, FOLDER), "utf8").replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
    assert.doesNotMatch(code, JAPANESE, name);
  }
});
