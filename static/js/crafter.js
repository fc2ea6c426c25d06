// What the pages need beyond htmx: the note when the network fails, menus, filling in a form; lines.js has the line editor, choice.js searching,
// drafts.js what is typed and not saved yet.
// Everything listens on the document, so a fragment that htmx swaps in works without being prepared.
import { makeChoices } from "./choice.js";
import { watchForms } from "./drafts.js";
import "./once.js";
import { showPicks } from "./picks.js";
import "./send.js";
import { addLine, articlePicked, linesFor, removeLine, rowChanged, showAmounts } from "./lines.js";

// -- the note when Crafter cannot be reached -------------------------------------------------------------------

function closeNetNote() {
  document.querySelector(".toast-net")?.remove();
}

function showNetNote() {
  const { netError, netClose } = document.body.dataset;
  if (!netError) return;
  closeNetNote();
  const note = document.createElement("div");
  note.className = "toast-net";
  note.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = netError;
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "btn", textContent: netClose || "Sluiten" });
  button.dataset.closeNet = "";
  note.append(text, button);
  document.body.append(note);
}

// htmx reports its own mistakes by the same event; only a request whose answer never came whole is the network.
document.addEventListener("htmx:error", ({ detail }) => {
  if (detail?.ctx?.request && detail.ctx.text === undefined) showNetNote();
});
function prepare() {
  makeChoices();
  document.querySelectorAll("[data-lines]").forEach(showAmounts);
  showPicks();
  watchForms();
}

for (const arrival of ["htmx:after:swap", "crafter:content"]) {
  document.addEventListener(arrival, () => {
    closeNetNote();
    prepare();
    tellFound();
  });
}

// -- how many a search found, read out ---------------------------------------------------------------------------

/** A region outside the list says what the list that was swapped in says of itself, once; what stood in the page when it came is no news. */
function tellFound(isNews = true) {
  for (const region of document.querySelectorAll("[data-tells]")) {
    const said = document.querySelector(`#${region.dataset.tells} [data-said]`);
    if (said?.dataset.told !== undefined) continue;
    region.textContent = "";
    if (!said) continue;
    said.dataset.told = "";
    // the same words twice are only heard again when they were gone in between
    if (isNews) window.setTimeout(() => (region.textContent = said.textContent), 50);
  }
}

// -- menus, filling in, submitting -----------------------------------------------------------------------------

function fillForm(button) {
  const form = document.querySelector(button.dataset.fillForm);
  if (!form) return;
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.fill))) {
    const field = form.elements.namedItem(name);
    if (!field) continue;
    field.value = value;
    if (field instanceof Element) field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  form.querySelector("button:not([type=button]), input[type=submit]")?.focus();
}

document.addEventListener("click", ({ target }) => {
  if (!(target instanceof Element)) return;
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
  if (target.closest("[data-close-net]")) return closeNetNote();
  if (target.closest("[data-print]")) return window.print();
  const button = target.closest("[data-fill], [data-add-line], [data-remove-line]");
  if (!button) return;
  if (button.matches("[data-fill]")) return fillForm(button);
  const lines = linesFor(button);
  if (!lines) return;
  if (button.matches("[data-add-line]")) addLine(lines);
  else removeLine(button.closest("[data-line]"), lines);
});

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
});

document.addEventListener("input", rowChanged);
document.addEventListener("choice", articlePicked);
document.addEventListener("change", (event) => {
  rowChanged(event);
  // With htmx the attributes on the control do this; without it the page still has to follow the choice.
  if (!window.htmx && event.target.matches?.("[data-autosubmit]")) event.target.form?.requestSubmit();
});

prepare();
tellFound(false);
