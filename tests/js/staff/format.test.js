import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, groups, span, ticking } from "../../../staff/static/staff/format.js";

for (const [seconds, words] of [[0, "1 分未満"], [59, "1 分未満"], [60, "1 分"], [3599, "59 分"], [3600, "1 時間"], [19_800, "5 時間 30 分"], [200_000, "2 日"], [-5, "1 分未満"]]) {
  test(`${seconds} s are ${words}`, () => assert.equal(span(seconds), words));
}

for (const [seconds, words] of [[0, "0 秒"], [59.9, "59 秒"], [65, "1 分 05 秒"], [3700, "1 時間 1 分"]]) {
  test(`${seconds} s tick as ${words}`, () => assert.equal(ticking(seconds), words));
}

test("the time of day is Tokyo's", () => {
  assert.equal(clock(Date.parse("2024-12-28T07:05:00Z")), "16:05");
  assert.equal(clock(Date.parse("2024-12-28T15:05:00Z")), "00:05");
});

test("a time stands under the last of a run, a day above the first of a day", () => {
  const at = (text) => Date.parse(`2024-12-${text}+09:00`);
  const lines = [
    { sender: "visitor", at: at("28T23:58:00") }, { sender: "visitor", at: at("28T23:59:00") },
    { sender: "counselor", at: at("28T23:59:30") }, { sender: "counselor", at: at("29T00:09:00") },
  ];
  assert.deepEqual(groups(lines).map(({ time }) => time), ["", "23:59", "23:59", "00:09"]);
  assert.deepEqual(groups(lines).map(({ day }) => day !== ""), [true, false, false, true]);
  assert.deepEqual(groups(lines, 1, 3), groups(lines).slice(1, 3));
});
