/** A form that asks for a passkey before it goes: data-passkey is "create" or "get". Options come as JSON. */

const fromBase64Url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const toBase64Url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const withIds = (list) => list?.map((one) => ({ ...one, id: fromBase64Url(one.id) }));

/** @param {any} options as the server wrote them: what is binary is base64url text */
export function readOptions({ publicKey }) {
  const read = { ...publicKey, challenge: fromBase64Url(publicKey.challenge) };
  if (publicKey.user) read.user = { ...publicKey.user, id: fromBase64Url(publicKey.user.id) };
  if (publicKey.excludeCredentials) read.excludeCredentials = withIds(publicKey.excludeCredentials);
  if (publicKey.allowCredentials) read.allowCredentials = withIds(publicKey.allowCredentials);
  return { publicKey: read };
}

/** @param {PublicKeyCredential} credential */
export function writeCredential(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = toBase64Url(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    type: credential.type, id: credential.id, rawId: toBase64Url(credential.rawId), response,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function ask(form) {
  const options = readOptions(JSON.parse(form.querySelector("#passkey-options").textContent));
  const credential = await navigator.credentials[form.dataset.passkey](options);
  form.elements.credential.value = JSON.stringify(writeCredential(credential));
  form.submit();
}

for (const form of globalThis.document?.querySelectorAll("[data-passkey]") ?? []) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fault = form.querySelector("[data-passkey-fault]");
    fault.hidden = true;
    ask(form).catch(() => {
      fault.hidden = false; // cancelled, timed out, or there is none here
    });
  });
}
