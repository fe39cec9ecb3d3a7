/** What a tab keeps over a reload: drafts. In sessionStorage, under the user's own name, gone at sign-out. */

const PREFIX = "staff.";

export function keepFor(user) {
  const key = `${PREFIX}${user}.drafts`;
  return {
    outboxKey: `${PREFIX}${user}.outbox`,
    load() {
      try {
        return JSON.parse(sessionStorage.getItem(key) ?? "{}");
      } catch {
        return {};
      }
    },
    save: (drafts) => sessionStorage.setItem(key, JSON.stringify(drafts)),
  };
}

/** Forget everything at sign-out: the next person at this computer finds nothing. */
export function forgetAtSignOut() {
  for (const form of document.querySelectorAll("form[data-sign-out]")) {
    form.addEventListener("submit", () => {
      for (const key of Object.keys(sessionStorage)) {
        if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
      }
    });
  }
}

/** A switch that this browser remembers, on unless it was turned off. */
export function switchOf(name) {
  const key = `${PREFIX}${name}`;
  const isOn = () => localStorage.getItem(key) !== "off";
  return {
    isOn,
    toggle() {
      localStorage.setItem(key, isOn() ? "off" : "on");
      return isOn();
    },
  };
}
