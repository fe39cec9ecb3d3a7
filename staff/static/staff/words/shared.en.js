/** Sentences of desk and board alike, in English. `shared.ja.js` has the same keys. */

const many = (count, one, more) => `${count} ${count === 1 ? one : more}`;

export const shared = {
  locale: "en-GB",
  audiences: { youth: "18 and under", general: "General" },
  languages: {
    ja: "Japanese", en: "English", "zh-hans": "Chinese (simplified)", "zh-hant": "Chinese (traditional)", ko: "Korean", vi: "Vietnamese",
    "pt-br": "Portuguese", ne: "Nepali", tl: "Tagalog", es: "Spanish", th: "Thai", id: "Indonesian",
  },
  urgencies: ["No, or not answered", "A little", "Often", "Very strong now"],
  states: { available: "Available", busy: "Full", away: "Away" },
  errors: {
    body_empty: "There is nothing to send yet. Write something first.",
    body_too_long: "At most 2,000 characters can be sent at once. Please send it in parts.",
    bad_frame: "There seems to be a character that can not be sent. Type it anew and try again.",
    not_paired: "This conversation is not yours now.",
    conversation_closed: "This conversation has ended.",
    not_found: "This conversation was not found. Load the page anew to see what is yours.",
    not_allowed: "Your role can not do this. Please ask a supervisor.",
    no_room: "They hold as many conversations as they take, or take none now. Please look for somebody else.",
    offered_already: "This conversation has been offered to somebody already.",
    reason_needed: "Please say why, in a few words.",
    too_many: "That was a lot in a short time, so there is a short break.",
    unavailable: "It could not be saved just now. Wait a little and try again. What you wrote is still here.",
  },
  anotherError: "That did not work. Wait a little and try again.",
  retryIn: (words, seconds) => `${words} You can send again in about ${seconds} s.`,
  link: {
    lost: "The connection is lost. Connecting again.",
    notAllowed: "Your role does not use this page.",
    signedOut: "You have signed out, or your sign-in has ended. Sign in again to go on where you were.",
    retryNow: "Connect now",
    toOwnPage: "To my page",
    toSignIn: "To sign-in",
  },
  nameless: "No name",
  namelessPerson: "Somebody without a name",
  polite: (name) => name,
  span: {
    underMinute: "under a minute",
    minutes: (minutes) => many(minutes, "minute", "minutes"),
    hours: (hours) => many(hours, "hour", "hours"),
    hoursAndMinutes: (hours, minutes) => `${hours} h ${minutes} min`,
    days: (days) => many(days, "day", "days"),
    seconds: (seconds) => `${seconds} s`,
    minutesAndSeconds: (minutes, seconds) => `${minutes} min ${seconds} s`,
  },
};
