// Orders that are picked in a list stay picked while somebody sorts, searches and pages, in this tab and for this person,
// until they are cleared or their invoices are made. Without this script the bar sends what is ticked on the page.

const bar = () => document.getElementById("picks");
const boxes = () => [...(bar()?.elements ?? [])].filter((box) => box.name === "order" && box.type === "checkbox");
const store = (key, ids) => {
  try {
    if (ids.size) window.sessionStorage.setItem(key, JSON.stringify([...ids]));
    else window.sessionStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing: then the picks are those of this page.
  }
};

function kept(key) {
  try {
    return new Set(JSON.parse(window.sessionStorage.getItem(key)) ?? []);
  } catch {
    return new Set();
  }
}

/** Tick what is picked, take along what stands on other pages, and say how many they are. */
export function showPicks() {
  const form = bar();
  if (!form) return;
  const picked = kept(form.dataset.picks);
  const here = boxes();
  for (const box of here) box.checked = picked.has(box.value);
  const away = new Set(picked);
  for (const box of here) away.delete(box.value);
  for (const field of form.querySelectorAll("[data-elsewhere]")) field.remove();
  for (const id of away) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "order", value: id });
    field.dataset.elsewhere = "";
    form.append(field);
  }
  const said = form.querySelector("[data-picked]");
  said.dataset.none ??= said.textContent;
  said.textContent = picked.size ? said.dataset.picked.replace("{n}", String(picked.size)) : said.dataset.none;
  form.hidden = !here.length && !picked.size;
  form.querySelector("[data-pick-all]").hidden = here.every((box) => box.checked);
  form.querySelector("[data-pick-none]").hidden = !picked.size;
}

/** Pick these boxes' orders, or no longer. */
function pick(changed, on) {
  const { picks } = bar().dataset;
  const picked = kept(picks);
  for (const box of changed) {
    if (on) picked.add(box.value);
    else picked.delete(box.value);
  }
  store(picks, picked);
  showPicks();
}

document.addEventListener("change", ({ target }) => {
  if (target.form?.id === "picks" && target.name === "order") pick([target], target.checked);
});
document.addEventListener("click", ({ target }) => {
  if (!(target instanceof Element)) return;
  if (target.closest("[data-pick-all]")) pick(boxes(), true);
  if (target.closest("[data-pick-none]")) {
    store(bar().dataset.picks, new Set());
    showPicks();
    bar().querySelector("[data-pick-all]:not([hidden]), button")?.focus();
  }
});
// Their invoices are made: what was picked is done with.
document.addEventListener("submit", (event) => {
  const { picksDone } = event.target.dataset;
  if (picksDone && !event.defaultPrevented) store(picksDone, new Set());
});
// Back shows the boxes as the browser left them.
window.addEventListener("pageshow", showPicks);
