/** Tells of what is new: the title, the icon, a sound, and words for who can not see the screen. */

import { closingWarning, newCount, openOffers, unreadTotal } from "./desk-select.js";
import { closingWords } from "./desk-view.js";
import { audienceName, politeName, words } from "./words.js";

const w = words.desk;
const WORDS_SOUND_EVERY_MS = 10_000;

/** What a frame brings that one should hear of: {say, isWork}; null for the rest. `isWork`: somebody waits for this desk. */
export function newsOf(frame, before, after) {
  const talk = after.talks[frame.conversation];
  switch (frame.type) {
    case "welcome":
      return before.isReady ? { say: w.connectedAgain, isWork: false } : null;
    case "assigned":
      return before.talks[frame.conversation]
        ? null
        : { say: w.newTalk(politeName(frame.visitor), audienceName(frame.visitor.audience)), isWork: true };
    case "message":
      return frame.sender === "visitor" && talk && talk.id !== after.focus
        ? { say: w.newWordsOf(politeName(talk.visitor)), isWork: false }
        : null;
    case "note":
      return frame.kind === "whisper" && talk && !before.talks[talk.id].notes.some((one) => one.id === frame.id)
        ? { say: w.newWhisper(frame.author), isWork: true }
        : null;
    case "handoff":
      return !frame.is_own && frame.state === "offered" && !before.offers[frame.handoff] ? { say: w.newOffer(frame.giver), isWork: true } : null;
    case "emergency":
      return talk && frame.second && !before.talks[talk.id].call?.second ? { say: w.helpHasCome(frame.second), isWork: true } : null;
    default:
      return null;
  }
}

/** Make the teller. `say` puts words into the page's status; `sound.play` is the sound of new work. */
export function createNews({ sound, say, icon, loudIcon }) {
  let warned = "";
  let soundedAt = -Infinity;
  const quiet = icon.getAttribute("href");
  return {
    heard(frame, before, after) {
      const news = newsOf(frame, before, after);
      if (news) say(news.say);
      const isUnseen = frame.type === "message" && frame.sender === "visitor" && !document.hasFocus();
      const isLoudNow = isUnseen && performance.now() - soundedAt > WORDS_SOUND_EVERY_MS;
      if (news?.isWork || isLoudNow) {
        soundedAt = performance.now();
        sound.play();
      }
    },
    drawn(state) {
      const count = unreadTotal(state) + newCount(state) + openOffers(state).length;
      const title = count ? w.titleWithNews(count) : w.title;
      if (document.title !== title) document.title = title;
      const href = count ? loudIcon : quiet;
      if (icon.getAttribute("href") !== href) icon.setAttribute("href", href);
      const warning = closingWarning(state);
      const mark = warning?.step ? `${warning.kind} ${warning.step}` : "";
      if (mark && mark !== warned) say(closingWords(warning));
      warned = mark || warned;
    },
  };
}
