/** The desk's sentences in Japanese. `desk.en.js` has the same keys. */

export const desk = {
  /** What came of a talk; the code is what `conversation.close` carries. */
  outcomes: [
    ["listened", "気持ちを聴いた"],
    ["sorted", "気持ちの整理を手伝った"],
    ["informed", "制度や窓口を案内した"],
    ["referral", "つなぎ支援につなげる"],
    ["broken_off", "途中で返事がなくなった"],
    ["other", "そのほか"],
  ],
  closed: {
    counselor: "相談を終えました。おつかれさまでした。",
    visitor: "相談者が相談を終えました。",
    window: "受付時間が終わり、相談も終わりました。",
    campaign: "実施期間が終わり、相談も終わりました。",
    idle: "しばらく返事がなかったため、相談は終わりました。",
    expired: "相談者が戻らなかったため、相談は終わりました。",
    unassigned: "この相談は、あなたの担当ではなくなりました。相談者は列の先頭でお待ちです。",
    gone: "つなぎ直しているあいだに、この相談は終わったか、ほかの相談員に移りました。",
  },
};
