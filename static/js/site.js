// Small comforts. Every page does all that it has to without this file.
"use strict";

// A second press of a button changes nothing (each form carries its own id); this only says "heard you".
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

// Whoever listens to the page, or zooms into it, should land where something went wrong.
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

// There is only one chance to type a new password right, so it may be looked at.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const password = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = password.type === "password";
    password.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
}

// A new customer most likely lives where their browser is; they may say otherwise.
const zones = document.querySelector("select[data-here]");
if (zones && !document.querySelector("[data-refusal]")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zones.options].some((option) => option.value === here)) zones.value = here;
}
