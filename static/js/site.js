// Small comforts. Every page works without this file.
"use strict";

// A second press of a button changes nothing (each form carries its own id); this only shows that the press was received.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
});

// The browser may show a page again as it was left: let its forms be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
  }
});

// Readers with a screen reader, or with a zoomed page, should land at the error.
document.querySelector("[data-refusal]")?.focus();

// "Copy" appears beside an account's id only where the browser can copy.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  });
}

// A new password is typed once, so it may be shown.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const password = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = password.type === "password";
    password.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
}

// A new customer most likely lives in the browser's time zone; they may choose another.
const zones = document.querySelector("select[data-here]");
if (zones && !document.querySelector("[data-refusal]")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = ({ value, dataset }) => value === here || dataset.links?.split(" ").includes(here);
  const found = [...zones.options].find(known); // browsers may know it by an older name
  if (found) zones.value = found.value;
}
