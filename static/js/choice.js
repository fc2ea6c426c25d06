// A field that is searched as you type: a combobox by WAI-ARIA (a list below the field, the focus stays in it).
// The server finds (blueprints/choices); blueprints/_choices.py says what the three values of a field mean.
const PATIENCE_MS = 180;
const FIELD = "[data-choice] input:not([type=hidden])";
let live = null; // the field whose list is open: { box, options, active, want, stop }

const boxOf = (element) => element.closest("[data-choice]");
const inputOf = (box) => box.querySelector("input:not([type=hidden])");
const idOf = (box) => box.querySelector("[data-choice-id]");
const askedOf = (box) => box.querySelector("[data-choice-asked]");
const listOf = (box) => box.querySelector("[role=listbox]");
const saidOf = (box) => box.querySelector("[role=status]");
const isAnswered = (box) => inputOf(box).value.trim() === askedOf(box).value.trim();
const isChoice = (target) => target instanceof Element && target.matches(FIELD);

function make(tag, attributes) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** Make plain text fields into comboboxes: on the page, in what htmx swapped in, in a row that was added. */
export function makeChoices(root = document) {
  for (const box of root.querySelectorAll("[data-choice]")) {
    const input = inputOf(box);
    if (input.role === "combobox") continue;
    // What htmx swaps in was read as if there were no script: there, noscript has real buttons in it.
    for (const spare of box.parentElement.querySelectorAll("noscript")) spare.remove();
    const list = `${input.id}-list`;
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list,
    })) input.setAttribute(name, value);
    const below = make("div", { class: "choice-pop" });
    below.append(
      make("ul", { id: list, role: "listbox", class: "choice-list", hidden: "", "aria-label": input.labels[0]?.textContent.trim() ?? "" }),
      make("p", { class: "choice-said", role: "status" }),
    );
    box.append(below);
  }
}

// -- asking ------------------------------------------------------------------------------------------------------

async function hitsFor(box, text, signal) {
  const url = new window.URL(box.dataset.choice, document.baseURI);
  url.searchParams.set("q", text);
  const { within } = box.dataset;
  if (within) url.searchParams.set(within, box.closest("form")?.querySelector(`[data-choice-id][name="${within}"]`)?.value ?? "");
  const answer = await window.fetch(url, { signal, headers: { "HX-Request": "true", "HX-Request-Type": "partial" } });
  const page = new window.DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
  const hits = page.querySelector("[data-hits]");
  if (!hits) throw new Error(`no answer: ${answer.status}`);
  return hits;
}

/** Open the list for a text. `want`: which option to stand on when it comes (0 the first, -1 the last, null none). */
function search(box, text, wait = 0, want = null) {
  live?.stop();
  const asking = new window.AbortController();
  const timer = window.setTimeout(async () => {
    try {
      const hits = await hitsFor(box, text, asking.signal);
      if (live?.box === box && !asking.signal.aborted) show(hits);
    } catch {
      if (asking.signal.aborted || live?.box !== box) return;
      saidOf(box).textContent = document.body.dataset.choiceFailed;
    }
  }, wait);
  const stop = () => {
    window.clearTimeout(timer);
    asking.abort();
  };
  if (live && live.box !== box) close();
  live = { box, options: live?.options ?? [], active: -1, want, stop };
  box.dataset.open = ""; // the style sheet's data-open
  stand(-1);
}

function show(hits) {
  const { box, want } = live;
  const input = inputOf(box);
  live.options = [...hits.querySelectorAll("[role=option]")];
  live.options.forEach((option, place) => Object.assign(option, { id: `${input.id}-option-${place}` }));
  const list = listOf(box);
  list.replaceChildren(...live.options.map((option) => document.adoptNode(option)));
  list.hidden = live.options.length === 0;
  input.setAttribute("aria-expanded", String(!list.hidden));
  saidOf(box).textContent = hits.dataset.said;
  list.parentElement.scrollIntoView({ block: "nearest" });
  if (want !== null) stand(want);
  if (live.enter) pickOnly();
}

function close() {
  if (!live) return;
  const { box, stop } = live;
  stop();
  live = null;
  delete box.dataset.open;
  listOf(box).replaceChildren();
  listOf(box).hidden = true;
  saidOf(box).textContent = "";
  inputOf(box).setAttribute("aria-expanded", "false");
  inputOf(box).removeAttribute("aria-activedescendant");
}

// -- choosing ----------------------------------------------------------------------------------------------------

/** Stand on an option (-1: on none); beyond an end begins at the other. */
function stand(place) {
  const { box, options } = live;
  const input = inputOf(box);
  options[live.active]?.setAttribute("aria-selected", "false");
  live.active = options.length && place !== null ? place : -1;
  const option = options[live.active];
  if (!option) return input.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const { active, options } = live;
  if (!options.length) live.want = by > 0 ? 0 : -1;
  else stand(active < 0 && by < 0 ? options.length - 1 : (active + by + options.length) % options.length);
}

/** Choose an option, or nothing. Tells the page by `change` of the hidden id, and by `choice` with all of the option. */
function choose(box, option) {
  const label = option?.dataset.label ?? "";
  if (live?.box === box) close();
  inputOf(box).value = label;
  askedOf(box).value = label;
  idOf(box).value = option?.dataset.id ?? "";
  idOf(box).dispatchEvent(new Event("change", { bubbles: true }));
  box.dispatchEvent(new window.CustomEvent("choice", { bubbles: true, detail: { ...option?.dataset } }));
}

function pickOnly() {
  if (live.options.length === 1) choose(live.box, live.options[0]);
}

/** A field is left with a text that nobody chose: a whole name or code is as good as a choice, the rest stays as typed. */
async function settle(box) {
  const text = inputOf(box).value.trim();
  if (!text || isAnswered(box)) return;
  try {
    const hits = await hitsFor(box, text);
    const called = (option) => [option.dataset.label, ...JSON.parse(option.dataset.names)].some((name) => name.toLowerCase() === text.toLowerCase());
    const exact = [...hits.querySelectorAll("[role=option]")].filter(called);
    if (exact.length === 1 && inputOf(box).value.trim() === text) choose(box, exact[0]);
  } catch {
    // The server looks once more when the form is sent.
  }
}

const KEYS = {
  ArrowDown: (box) => (live ? step(1) : search(box, question(box), 0, 0)),
  ArrowUp: (box) => (live ? step(-1) : search(box, question(box), 0, -1)),
  Home: () => live?.active >= 0 && (stand(0), true),
  End: () => live?.active >= 0 && (stand(live.options.length - 1), true),
  Enter: () => {
    if (!live) return false;
    if (live.active >= 0) choose(live.box, live.options[live.active]);
    else if (live.options.length) pickOnly();
    else live.enter = true;
    return true;
  },
  Escape: (box) => {
    if (live) close();
    else if (isAnswered(box)) return false;
    else inputOf(box).value = askedOf(box).value;
    return true;
  },
};
const question = (box) => (isAnswered(box) ? "" : inputOf(box).value.trim());

document.addEventListener("keydown", (event) => {
  const { target, key, ctrlKey, metaKey } = event;
  if (!isChoice(target) || ctrlKey || metaKey || !Object.hasOwn(KEYS, key)) return;
  if (KEYS[key](boxOf(target)) === false) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
document.addEventListener("input", ({ target }) => {
  if (!isChoice(target)) return;
  const box = boxOf(target);
  if (target.value.trim()) return search(box, target.value.trim(), PATIENCE_MS);
  choose(box, null);
  search(box, "", PATIENCE_MS);
});
// The text itself is no choice yet; whoever listens for changes hears of the id.
document.addEventListener("change", (event) => isChoice(event.target) && event.stopImmediatePropagation(), true);
// A press on an option must not take the focus out of the field.
document.addEventListener("mousedown", (event) => live && listOf(live.box).contains(event.target) && event.preventDefault());
document.addEventListener("click", ({ target }) => {
  const option = target instanceof Element && target.closest("[data-choice] [role=option]");
  if (option) return choose(boxOf(option), option);
  if (isChoice(target) && live?.box !== boxOf(target)) search(boxOf(target), question(boxOf(target)));
});
document.addEventListener("focusin", ({ target }) => isChoice(target) && makeChoices(boxOf(target).parentElement));
document.addEventListener("focusout", ({ target }) => {
  if (!isChoice(target)) return;
  const box = boxOf(target);
  if (live?.box === box) close();
  settle(box);
});
