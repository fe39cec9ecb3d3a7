/** The desk's sentences in English. `desk.ja.js` has the same keys. */

export const desk = {
  outcomes: [
    ["listened", "Listened"],
    ["sorted", "Helped to sort out feelings"],
    ["informed", "Told about support and services"],
    ["referral", "To be linked to help outside"],
    ["broken_off", "No answer any more"],
    ["other", "Other"],
  ],
  closed: {
    counselor: "You have ended the conversation. Thank you.",
    visitor: "The visitor has ended the conversation.",
    window: "The window has closed, and the conversation with it.",
    campaign: "The campaign has ended, and the conversation with it.",
    idle: "There was no answer for a while, so the conversation has ended.",
    expired: "The visitor did not come back, so the conversation has ended.",
    unassigned: "This conversation is not yours any more. The visitor stands in front of the lane.",
    gone: "While you were reconnecting, this conversation ended or went to another counselor.",
  },
};
