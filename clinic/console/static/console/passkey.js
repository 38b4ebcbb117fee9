// Asks the browser for a passkey and gives its answer to the form around the button. It decides nothing: the server does.
(() => {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const button = form.querySelector("button");
  const say = (name) => {
    const known = form.querySelector(`[data-when="${name}"]`) || form.querySelector('[data-when="NotAllowedError"]');
    for (const word of form.querySelectorAll("[data-when]")) word.hidden = word !== known;
  };
  if (!window.PublicKeyCredential) {
    say("unable");
    return;
  }
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (known) => (known || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const made = async (asked) => {
    const publicKey = {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: listed(asked.excludeCredentials),
    };
    const key = await navigator.credentials.create({ publicKey });
    return [key, { attestationObject: text(key.response.attestationObject) }];
  };
  const answered = async (asked) => {
    const publicKey = {
      ...asked,
      challenge: bytes(asked.challenge),
      allowCredentials: listed(asked.allowCredentials),
    };
    const key = await navigator.credentials.get({ publicKey });
    return [key, {
      authenticatorData: text(key.response.authenticatorData),
      signature: text(key.response.signature),
    }];
  };

  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const asked = JSON.parse(form.dataset.options);
      const [key, more] = await (form.dataset.passkey === "create" ? made(asked) : answered(asked));
      const response = { clientDataJSON: text(key.response.clientDataJSON), ...more };
      form.elements.credential.value = JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
      form.submit();
    } catch (error) {
      say(error.name);
      button.disabled = false;
    }
  });
  button.hidden = false;
  if (button.autofocus) button.focus();
})();
