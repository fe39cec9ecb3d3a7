/** What 「少し待って」 sends at once, in the visitor's language. All but the first two are machine-made. */
const MOMENTS = {
  ja: "ごめんなさい、少しだけ待っていてください。すぐにもどります。",
  en: "I'm sorry, please give me a moment. I'll be right back.",
  es: "Perdona, dame un momento, por favor. Vuelvo enseguida.",
  id: "Maaf, mohon tunggu sebentar ya. Saya segera kembali.",
  ko: "미안해요, 잠시만 기다려 주세요. 곧 돌아올게요.",
  ne: "माफ गर्नुहोस्, एकछिन पर्खिनुहोस् है। म तुरुन्तै फर्किन्छु।",
  "pt-br": "Desculpe, só um momento, por favor. Já volto.",
  th: "ขอโทษนะ รอสักครู่นะ เดี๋ยวกลับมา",
  tl: "Pasensya na, sandali lang po. Babalik ako agad.",
  vi: "Xin lỗi bạn, chờ mình một chút nhé. Mình quay lại ngay.",
  "zh-hans": "不好意思，请稍等一下，我马上回来。",
  "zh-hant": "不好意思，請稍等一下，我馬上回來。",
};

/** Give the sentence for a language; English where there is none. */
export function moment(language) {
  return MOMENTS[language] ?? MOMENTS.en;
}
