/** Spans and instants as people say them. Pure; every instant is in milliseconds since 1970. */

import { words } from "./words.js";

const clockFormat = new Intl.DateTimeFormat(words.locale, {
  timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const dayFormat = new Intl.DateTimeFormat(words.locale, {
  timeZone: "Asia/Tokyo", month: "long", day: "numeric", weekday: "short",
});

/** 18000 → 「5 時間」, 1080 → 「18 分」, 20 → 「1 分未満」. */
export function span(seconds) {
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  if (minutes < 1) return words.span.underMinute;
  if (minutes < 60) return words.span.minutes(minutes);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours >= 48) return words.span.days(Math.floor(hours / 24));
  return rest ? words.span.hoursAndMinutes(hours, rest) : words.span.hours(hours);
}

/** The same to the second, for what ticks: 「18 分 05 秒」. */
export function ticking(seconds) {
  const whole = Math.floor(Math.max(0, seconds));
  const minutes = Math.floor(whole / 60);
  const rest = String(whole % 60).padStart(2, "0");
  if (minutes >= 60) return span(whole);
  return minutes ? words.span.minutesAndSeconds(minutes, rest) : words.span.seconds(whole);
}

/** What is left, in as little room as there is: 「3:05」. */
export function countdown(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The time of day in Tokyo: 16:05. */
export function clock(instant) {
  return clockFormat.format(instant);
}

/** The day in Tokyo: 12月28日(土). */
export function day(instant) {
  return dayFormat.format(instant);
}

/** Give `messages`, from `start` up to `end`, with what stands around each: the day above the first of a day, the time under the last of a run. */
export function groups(messages, start = 0, end = messages.length) {
  return messages.slice(start, end).map((message, index) => {
    const before = messages[start + index - 1];
    const after = messages[start + index + 1];
    const isNewDay = !before || day(before.at) !== day(message.at);
    const isRunEnd = !after || after.sender !== message.sender || after.at - message.at > 180_000;
    return { message, day: isNewDay ? day(message.at) : "", time: isRunEnd && message.sender !== "system" ? clock(message.at) : "" };
  });
}
