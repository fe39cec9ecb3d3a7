/** Every sentence that the scripts of the staff's pages show. Pure. */

export const AUDIENCES = { youth: "18 歳以下", general: "一般" };
export const LANGUAGES = { ja: "日本語" };
/** The answers at entry to 「いま、消えてしまいたい気持ちがありますか」, by urgency. */
export const URGENCIES = ["ない・答えていない", "すこしある", "よくある", "いま とても強い"];
export const STATES = { available: "対応できます", busy: "手いっぱい", away: "離席中" };

/** What came of a talk; the code is what `conversation.close` carries. */
export const OUTCOMES = [
  ["listened", "気持ちを聴いた"],
  ["sorted", "気持ちの整理を手伝った"],
  ["informed", "制度や窓口を案内した"],
  ["referral", "つなぎ支援につなげる"],
  ["broken_off", "途中で返事がなくなった"],
  ["other", "そのほか"],
];

export const CLOSED = {
  counselor: "相談を終えました。おつかれさまでした。",
  visitor: "相談者が相談を終えました。",
  window: "受付時間が終わり、相談も終わりました。",
  campaign: "実施期間が終わり、相談も終わりました。",
  idle: "しばらく返事がなかったため、相談は終わりました。",
  expired: "相談者が戻らなかったため、相談は終わりました。",
  unassigned: "この相談は、あなたの担当ではなくなりました。相談者は列の先頭でお待ちです。",
  gone: "つなぎ直しているあいだに、この相談は終わったか、ほかの相談員に移りました。",
};

const ERRORS = {
  body_empty: "空のままでは送れません。言葉を入れてから送ってください。",
  body_too_long: "2,000 文字までで送れます。いくつかに分けて送ってください。",
  bad_frame: "送れない文字が入っていたようです。打ち直して、もう一度お試しください。",
  not_paired: "この相談は、いまあなたの担当ではありません。",
  conversation_closed: "この相談はもう終わっています。",
  not_found: "この相談は見つかりませんでした。画面を読み込み直すと、いまの担当が出ます。",
  not_allowed: "この操作は、あなたの役割ではできません。スーパーバイザーに相談してください。",
  too_many: "続けてたくさん送ったため、少しお休みしています。",
  unavailable: "いま保存できませんでした。少し待って、もう一度お試しください。書いたものは残っています。",
};

/** Say kindly what an error code means, and what to do next. */
export function errorWords(code, retryAfterS) {
  const words = ERRORS[code] ?? "うまくいきませんでした。少し待って、もう一度お試しください。";
  return retryAfterS > 0 ? `${words}${retryAfterS} 秒ほどで、また送れます。` : words;
}

/** Say in what state the connection is; nothing when all is well. */
export function linkWords(link, code) {
  if (link === "lost") return "接続が切れました。つなぎ直しています。";
  if (link !== "ended") return "";
  if (code === 4403) return "この画面は、あなたの役割では使えません。";
  return "サインアウトしたか、サインインの期限が切れました。もう一度サインインすると、続きから始められます。";
}

/** By how much a ticket stands earlier, by its precedence. */
export const BOOSTS = ["来た順のまま", "5 分早く", "10 分早く", "20 分早く"];

/** How a visitor is called on the desk. */
export function callName(visitor) {
  return visitor.nickname.trim() || "名前なし";
}

/** With さん, where there is a name to put it to. */
export function politeName(visitor) {
  const name = visitor.nickname.trim();
  return name ? `${name}さん` : "名前なしの方";
}

export function audienceName(audience) {
  return AUDIENCES[audience] ?? audience;
}

export function languageName(language) {
  return LANGUAGES[language] ?? language;
}
