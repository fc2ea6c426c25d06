// Nothing typed is lost: what stands in a form with data-draft is kept in this browser while somebody types, until the
// server says that it carried the form out (blueprints/account/drafts.py), and offered when the form is opened again.
// A form comes back whole or not at all, and never by itself; and who leaves one half typed is asked.
import { putBack, valuesOf } from "./draft_form.js";
import { drop, keep, mine, sweep } from "./draft_store.js";

const FORM = "form[data-draft]";
const PAUSE_MS = 400;
/** Of each form on the page: where it goes, under which id it is kept, how it came, what was kept of it last. */
const states = new WeakMap();
let timer;

sweep();
const asked = dropDone();

const formsOn = (root = document) => [...root.querySelectorAll(FORM)];
export const pathOf = (form) => new window.URL(form.getAttribute("action"), document.baseURI).pathname;
const tokenOf = (form) => form.elements.namedItem("once");
const textOf = (form) => JSON.stringify(valuesOf(form));
const isChanged = (form) => textOf(form) !== states.get(form)?.came;
const isAtRisk = (form) => !states.get(form)?.going && isChanged(form);

/** Begin with a form as it stands on the page. The browser may not fill in a part of it by itself when somebody comes back. */
function watch(form) {
  form.autocomplete = "off";
  states.set(form, { path: pathOf(form), id: tokenOf(form).value, came: textOf(form) });
}

// -- keeping -----------------------------------------------------------------------------------------------------

/** Keep what is typed in a form, or drop it when that is what came from the server. Whether it is kept. */
function save(form) {
  const state = states.get(form);
  if (!state) return false;
  if (!isChanged(form)) {
    drop(state.path, state.id);
    return false;
  }
  const text = textOf(form);
  if (text !== state.text) {
    // What is typed after it was sent is not what the server has, when it has it.
    Object.assign(state, { at: Date.now(), more: Boolean(state.sent && state.text), text });
  }
  const { at, sent, more } = state;
  return keep(state.path, state.id, { at, sent, more, token: tokenOf(form).value, values: valuesOf(form) });
}

function saveAll() {
  window.clearTimeout(timer);
  timer = undefined;
  formsOn().forEach(save);
}

function saveSoon({ target }) {
  if (target instanceof Element && target.closest(FORM)) timer ??= window.setTimeout(saveAll, PAUSE_MS);
}

for (const typing of ["input", "change", "choice", "click"]) document.addEventListener(typing, saveSoon);
window.addEventListener("pagehide", saveAll);
document.addEventListener("visibilitychange", () => document.hidden && saveAll());

/** A form is about to be sent. Whether what is typed in it is kept meanwhile. */
export function sending(form) {
  save(form);
  Object.assign(states.get(form), { sent: tokenOf(form).value, more: false });
  return save(form);
}

/** The server answered with another page: whoever goes there loses nothing that is not kept. */
export function going(form) {
  states.get(form).going = true;
}

/** The server answered with the form as it was typed: it is kept on under its old name, and was not carried out. */
export function goesOn(form, again) {
  const { id, at } = states.get(form);
  watch(again);
  Object.assign(states.get(again), { id, at, came: "", text: textOf(again) });
  save(again);
}

// -- offering ----------------------------------------------------------------------------------------------------

/** Drop the drafts that the server has carried out as they are. When it cannot be asked they stay. */
async function dropDone() {
  const sent = mine().filter((draft) => draft.sent && !draft.more);
  if (!sent.length) return;
  const url = new window.URL(document.body.dataset.formsDone, document.baseURI);
  for (const { sent: token, path } of sent) url.searchParams.append("form", `${token} ${path}`);
  try {
    const answer = await window.fetch(url, { headers: { Accept: "application/json" } });
    const { done } = await answer.json();
    for (const { path, id, sent: token } of sent) if (done.includes(token)) drop(path, id);
  } catch {
    // Asked again on the next page.
  }
}

function timeOf(at) {
  const when = new Date(at);
  const day = when.toDateString() === new Date().toDateString() ? {} : { weekday: "long", day: "numeric", month: "long" };
  return when.toLocaleString(document.documentElement.lang, { ...day, hour: "2-digit", minute: "2-digit" });
}

/** A note out of the page's templates (layouts/_drafts.html), put before a form. */
export function noteAbove(form, name) {
  form.parentElement.querySelector(`[data-draft-note="${name}"]`)?.remove();
  const note = document.getElementById(`draft-${name}`).content.firstElementChild.cloneNode(true);
  note.dataset.draftNote = name;
  form.before(note);
  return note;
}

function offer(form) {
  const state = states.get(form);
  const draft = mine().find(({ path, id }) => path === state.path && id !== state.id);
  if (!draft || !form.isConnected) return;
  if (JSON.stringify(draft.values) === textOf(form)) return takeUp(form, draft) && offer(form);
  const note = noteAbove(form, "offer");
  const title = note.querySelector(".note-title");
  title.textContent = title.textContent.replace("{when}", timeOf(draft.at));
  note.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-draft-do]");
    if (!button) return;
    note.remove();
    if (button.dataset.draftDo === "drop") {
      drop(draft.path, draft.id);
      return offer(form);
    }
    const alsoTyped = save(form); // what stood here stays a draft too, and is offered at once
    if (alsoTyped) state.id = newId();
    putBack(form, draft.values);
    takeUp(form, draft);
    if (alsoTyped) offer(form);
    noteAbove(form, "back").querySelector("[tabindex]").focus();
  });
}

/**
 * A form is the draft from here on, and the same form to the server, so that it is not done twice. It keeps a name of its
 * own: another tab may be open in which the draft is typed on, and writes it again under its name at the next sign.
 * Whether it is kept so.
 */
function takeUp(form, { path, id, at, sent, more, token }) {
  if (token) tokenOf(form).value = token;
  Object.assign(states.get(form), { at, sent, more, came: "", text: textOf(form) });
  if (!save(form)) return false;
  drop(path, id);
  return true;
}

const newId = () => [...window.crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("");

/** Begin with the forms that came in: on the page, or in what was put into it. */
export async function watchForms() {
  const fresh = formsOn().filter((form) => !states.has(form));
  fresh.forEach(watch);
  await asked;
  fresh.forEach(offer);
}

// -- leaving -----------------------------------------------------------------------------------------------------

window.addEventListener("beforeunload", (event) => {
  if (formsOn().some(isAtRisk)) event.preventDefault();
});
// What htmx puts in the place of a form is no new page, so the browser does not ask.
document.addEventListener("htmx:before:request", (event) => {
  const { target } = event.detail.ctx;
  const inTheWay = target instanceof Element ? formsOn(target).filter(isAtRisk) : [];
  if (inTheWay.length === 0) return;
  if (window.confirm(document.getElementById("draft-offer").dataset.leave)) inTheWay.forEach(save);
  else event.preventDefault();
});
// A page that the browser kept whole shows a form that was sent meanwhile: a fresh one, and what was typed is offered.
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted && formsOn().some((form) => states.get(form)?.going)) window.location.reload();
});

