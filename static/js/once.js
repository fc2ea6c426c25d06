// A form that is on its way says so, and is not sent a second time. The server carries it out once all the same
// (services/once.py); this spares whoever waits the doubt. htmx does so by itself where a form asks for it.
const LONGEST = 30_000; // then the answer is not coming, and another press is safe

export function settle(form) {
  form.removeAttribute("aria-busy");
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.ariaBusy === "true") return event.preventDefault();
  form.ariaBusy = "true";
  if (submitter) submitter.ariaBusy = "true"; // not disabled: what it is called goes along
  window.setTimeout(() => settle(form), LONGEST);
});

// Back shows the page as it was left.
window.addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(settle));

// Whoever presses a button again after its answer came means it, so the form counts as another one. What a form only asks
// while somebody fills it in changes nothing about that.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.request.method === "GET") return;
  const token = (ctx.request.form ?? ctx.sourceElement.closest("form"))?.elements.namedItem("once");
  if (!token || ctx.response.status >= 500) return;
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  token.value = window.btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
});
