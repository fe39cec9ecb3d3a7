/** Sentences of desk and board alike, in Japanese. `shared.en.js` has the same keys. */

export const shared = {
  locale: "ja-JP",
  audiences: { youth: "18 歳以下", general: "一般" },
  languages: {
    ja: "日本語", en: "英語", "zh-hans": "中国語（簡体）", "zh-hant": "中国語（繁体）", ko: "韓国語", vi: "ベトナム語",
    "pt-br": "ポルトガル語", ne: "ネパール語", tl: "タガログ語", es: "スペイン語", th: "タイ語", id: "インドネシア語",
  },
  /** The answers at entry to 「いま、消えてしまいたい気持ちがありますか」, by urgency. */
  urgencies: ["ない・答えていない", "すこしある", "よくある", "いま とても強い"],
  states: { available: "対応できます", busy: "手いっぱい", away: "離席中" },
  errors: {
    body_empty: "空のままでは送れません。言葉を入れてから送ってください。",
    body_too_long: "2,000 文字までで送れます。いくつかに分けて送ってください。",
    bad_frame: "送れない文字が入っていたようです。打ち直して、もう一度お試しください。",
    not_paired: "この相談は、いまあなたの担当ではありません。",
    conversation_closed: "この相談はもう終わっています。",
    not_found: "この相談は見つかりませんでした。画面を読み込み直すと、いまの担当が出ます。",
    not_allowed: "この操作は、あなたの役割ではできません。スーパーバイザーに相談してください。",
    no_room: "相手の手がいっぱいになったか、いまは受けていません。ほかの人をさがしてください。",
    offered_already: "この相談は、もうだれかに引き継ぎを頼んでいます。",
    reason_needed: "理由をひとこと書いてください。",
    too_many: "続けてたくさん送ったため、少しお休みしています。",
    unavailable: "いま保存できませんでした。少し待って、もう一度お試しください。書いたものは残っています。",
  },
  anotherError: "うまくいきませんでした。少し待って、もう一度お試しください。",
  retryIn: (words, seconds) => `${words}${seconds} 秒ほどで、また送れます。`,
  link: {
    lost: "接続が切れました。つなぎ直しています。",
    notAllowed: "この画面は、あなたの役割では使えません。",
    signedOut: "サインアウトしたか、サインインの期限が切れました。もう一度サインインすると、続きから始められます。",
    retryNow: "いますぐつなぐ",
    toOwnPage: "自分のページへ",
    toSignIn: "サインインへ",
  },
  nameless: "名前なし",
  namelessPerson: "名前なしの方",
  polite: (name) => `${name}さん`,
  span: {
    underMinute: "1 分未満",
    minutes: (minutes) => `${minutes} 分`,
    hours: (hours) => `${hours} 時間`,
    hoursAndMinutes: (hours, minutes) => `${hours} 時間 ${minutes} 分`,
    days: (days) => `${days} 日`,
    seconds: (seconds) => `${seconds} 秒`,
    minutesAndSeconds: (minutes, seconds) => `${minutes} 分 ${seconds} 秒`,
  },
};
