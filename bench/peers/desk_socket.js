/** A staff socket that tells of some talks, one of them long, and what reads it upward. For bench/scrolling.py. */

const WORDS = [
  "はい", "そうなんですね。それは、とてもつらかったですね。", "きょうは、だれとも話していません。",
  "年末になると、家にいるのがしんどくて、でも外に行くところもなくて、どうしたらいいかわからなくなります。",
  "ゆっくりで大丈夫です。\nここで聞いています。", "ありがとうございます", "学校のことを考えると、ねむれなくなります。",
];
const START = Date.now() - 40 * 3600_000;
const at = (ms) => new Date(START + ms).toISOString();
const idOf = (index) => `0193f100-0000-4000-8000-${String(index).padStart(12, "0")}`;

window.toldLines = 0;

window.startTalks = (talks, linesEach, longLines) => {
  window.longLines = longLines;
  const counts = Array.from({ length: talks }, (_, index) => (index ? linesEach : longLines));
  window.WebSocket = class extends window.PageSocket {
    hear(frame) {
      if (frame.type === "hello") this.welcome();
    }
    welcome() {
      this.tell({
        type: "welcome", v: 1, server_time: new Date().toISOString(), window_closes_at: null,
        me: { id: "1", name: "はる", role: "counselor", organization: "あかり" }, availability: { state: "available", capacity: 5 },
        conversations: counts.map((count, index) => ({
          conversation: idOf(index), state: "paired", last_seq: count, read: { visitor: count, counselor: count }, opened_at: at(0),
          confirmed: true, waited_s: 60,
          visitor: { nickname: `ほし${index}`, audience: "youth", language: "ja", topic: "", note: "", urgency: 0, online: true },
        })),
      });
      counts.forEach((count, index) => {
        for (let seq = 1; seq <= count; seq += 1) {
          const sender = seq % 3 ? "visitor" : "counselor";
          const body = WORDS[(seq * 5) % WORDS.length];
          this.tell({ type: "message", conversation: idOf(index), seq, id: `${index}-${seq}`, sender, body, sent_at: at(seq * 60_000) });
          window.toldLines += 1;
        }
      });
    }
  };
};

const longLog = () => document.querySelector(".log");
window.isSettled = () => longLog().scrollHeight - longLog().scrollTop - longLog().clientHeight < 60;

/** Scroll up a little each frame until the first line stands at the top; give the number of frames. */
window.readUpward = (stepPx) => new Promise((resolve, reject) => {
  let frames = 0;
  let rests = 0;
  const log = longLog();
  const step = () => {
    frames += 1;
    log.scrollTop -= stepPx;
    rests = log.scrollTop === 0 && !log.querySelector(".earlier") ? rests + 1 : 0;
    if (rests > 2) return log.querySelectorAll(".line").length >= window.longLines ? resolve(frames) : reject(new Error("not all lines are drawn"));
    if (frames > 20_000) return reject(new Error("never at the top"));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
});
