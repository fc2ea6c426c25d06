// Sends a form with data-draft, so that no page of the browser's takes its place when the connection fails: the text stays,
// with a word above it. Nothing is sent again by itself; another press is the same form to the server (services/once.py).
// Comes after once.js, which marks a form that is on its way and stops a second press.
import { goesOn, going, noteAbove, pathOf, sending } from "./drafts.js";
import { settle } from "./once.js";

const LONGEST = 40_000; // as htmx waits: templates/layouts/base.html

/** What the browser itself would send: also which button was pressed, and line ends as in a form. */
function bodyOf(form, submitter) {
  const body = new window.URLSearchParams();
  const add = (name, value) => body.append(name, String(value).replace(/\r?\n/g, "\r\n"));
  for (const [name, value] of new window.FormData(form)) add(name, value);
  if (submitter?.name) add(submitter.name, submitter.value);
  return body;
}

/** The answer's page and where it leads, or null when none came whole. The server answers as it does htmx: no redirects. */
async function answerTo(form, body) {
  try {
    const answer = await window.fetch(pathOf(form), {
      method: "POST", body, signal: window.AbortSignal.timeout(LONGEST),
      headers: { "HX-Request": "true", "HX-Request-Type": "full" },
    });
    const page = new window.DOMParser().parseFromString(await answer.text(), "text/html");
    return { page, status: answer.status, to: answer.headers.get("HX-Redirect") ?? (answer.redirected ? answer.url : "") };
  } catch {
    return null;
  }
}

function say(form, name, isKept = true) {
  const note = noteAbove(form, name);
  if (!isKept) note.querySelector("[data-draft-kept]")?.remove();
  (note.querySelector("[tabindex]") ?? note).focus();
  return note;
}

/** Put the page that was answered in the place of this one: the form in it is this one, as it was typed. */
function show(page, content, form, again) {
  for (const spare of content.querySelectorAll("noscript")) spare.remove(); // read as if there were no script
  document.title = page.title;
  document.getElementById("content").replaceWith(document.adoptNode(content));
  window.htmx?.process(content);
  goesOn(form, again);
  document.dispatchEvent(new window.CustomEvent("crafter:content"));
  content.querySelector("[autofocus]")?.focus();
}

async function send(form, submitter) {
  for (const name of ["not-sent", "failed", "answer", "back"]) {
    form.parentElement.querySelector(`[data-draft-note="${name}"]`)?.remove();
  }
  const isKept = sending(form);
  const answer = await answerTo(form, bodyOf(form, submitter));
  if (!form.isConnected) return;
  if (answer?.to) {
    going(form);
    return window.location.assign(answer.to); // busy until that page is here
  }
  settle(form);
  if (!answer) return say(form, "not-sent", isKept);
  const { page, status } = answer;
  const content = page.getElementById("content");
  const again = [...(content?.querySelectorAll("form[data-draft]") ?? [])].find((one) => pathOf(one) === pathOf(form));
  if (again) return show(page, content, form, again);
  if (!content || status >= 500) return say(form, "failed", isKept);
  // Another page, such as one that says why this cannot be any more: above the form, for that holds what was typed.
  for (const spare of content.querySelectorAll("noscript")) spare.remove();
  say(form, "answer").append(...[...content.children].map((child) => document.adoptNode(child)));
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !form.matches("form[data-draft]")) return;
  event.preventDefault();
  send(form, submitter);
});
