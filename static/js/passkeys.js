// Passkeys: the browser's answer goes into a hidden field of an ordinary form. Without this file a code does as well.
"use strict";

const canDoPasskeys = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!canDoPasskeys) break;
  const { passkey: act, options, field, complaint } = button.dataset;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const parse = act === "create" ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
    try {
      const publicKey = PublicKeyCredential[parse](JSON.parse(options));
      const credential = await navigator.credentials[act]({ publicKey });
      button.form.elements[field].value = JSON.stringify(credential);
      button.form.requestSubmit();
    } catch {
      // Given up by the person, or nothing fits: the browser does not say which.
      const place = document.getElementById(complaint);
      place.hidden = false;
      place.focus();
    }
  });
}

for (const place of document.querySelectorAll("[data-without-passkeys]")) place.hidden = canDoPasskeys;
