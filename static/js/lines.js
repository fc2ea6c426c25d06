// The line editor: rows added and taken away, a picked article filled in, amounts and totals shown while typing.
import { makeChoices } from "./choice.js";
import { addUp, billedAs, euros, written } from "./amounts.js";

const NO_AMOUNT = "–";
const fieldOf = (row, name) => row.querySelector(`[name$="-${name}"]`);
export const linesFor = (button) => button.closest("[data-lines]") || button.closest("form")?.querySelector("[data-lines]");
const shownRows = (lines) => [...lines.querySelectorAll("[data-line]")].filter((row) => !row.hidden);

const textOf = (row, name) => fieldOf(row, name)?.value ?? "";

/** What the regime that is chosen in this form makes of a row's VAT code: the option that names it. */
function billed(row, kind) {
  const select = fieldOf(row, "vat_code");
  const form = row.closest("form");
  const { regimes = "{}", services = "", regime: stands = "" } = form?.querySelector("[data-totals]")?.dataset ?? {};
  const regime = form?.querySelector("[data-regime-field]")?.selectedOptions[0].dataset.regime ?? stands;
  const code = billedAs(JSON.parse(regimes), services.split(" "), regime, select?.value ?? "", kind);
  return [...(select?.options ?? [])].find(({ value }) => value === code);
}

/** A row as amounts.js adds it up. */
function lineOf(row) {
  const kind = textOf(row, "kind");
  const choice = billed(row, kind);
  return {
    quantity: textOf(row, "quantity"), price: textOf(row, "price"), kind,
    code: choice?.value ?? "", rate: choice?.dataset.rate ?? "", label: choice?.textContent.trim() ?? "",
  };
}

/** Write every row's amount and the totals. What cannot be known yet shows a dash, never a wrong amount. */
export function showAmounts(lines) {
  const rows = shownRows(lines);
  const { amounts, ...sums } = addUp(rows.map(lineOf));
  rows.forEach((row, index) => {
    const place = row.querySelector("[data-line-total]");
    if (place) place.textContent = amounts[index] === undefined ? "" : shown(amounts[index]);
  });
  const totals = (lines.closest("form") || document).querySelector("[data-totals]");
  if (totals) showTotals(totals, sums);
}

const shown = (cents) => (cents === null ? NO_AMOUNT : written(cents));

function showTotals(totals, { excl, groups, incl }) {
  const write = (name, text) => {
    const place = totals.querySelector(`[data-total="${name}"]`);
    if (place) place.textContent = text;
  };
  const place = totals.querySelector("[data-total-vat]");
  place.replaceChildren(
    ...groups.flatMap((group) => [pairPart("dt", vatLabel(place.dataset, group)), pairPart("dd", written(group.vat))]),
  );
  write("excl", shown(excl));
  write("incl", incl === null ? NO_AMOUNT : euros(incl));
}

/** "Btw 21% over 423,60" by the words of the page; a rate of 0 names itself. components/vat.html says it the same. */
function vatLabel(words, { label, percent, base }) {
  const free = percent.digits === 0n;
  const name = free ? label[0].toUpperCase() + label.slice(1) : label;
  return (free ? words.labelFree : words.label).replace("{label}", name).replace("{base}", written(base));
}

function pairPart(tag, text) {
  const element = document.createElement(tag);
  if (tag === "dt") element.className = "muted";
  element.textContent = text;
  return element;
}

/** The highest number of a line among names of fields; -1 when there is none. */
const lastOf = (names) => Math.max(-1, ...names.map((name) => Number(/-(\d+)-\w+$/.exec(name)?.[1] ?? -1)));
const namesIn = (lines) => [...lines.querySelectorAll("[data-line] [name]")].map(({ name }) => name);

function appendLine(lines) {
  const template = lines.querySelector("template[data-line-template]");
  const index = String(lastOf(namesIn(lines)) + 1);
  const row = template.content.querySelector("[data-line]").cloneNode(true);
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of element.attributes) attribute.value = attribute.value.replaceAll("__N__", index);
  }
  template.before(row);
  window.htmx?.process(row);
  makeChoices(row);
  return row;
}

export function addLine(lines) {
  appendLine(lines).querySelector("input:not([type=hidden]), select")?.focus();
  showAmounts(lines);
}

/** Add lines until the fields with these names are there. */
export function linesUpTo(lines, names) {
  for (let missing = lastOf(names) - lastOf(namesIn(lines)); missing > 0; missing--) appendLine(lines);
}

/** Empty and hide a row: the server drops rows in which nothing is typed, and rows marked -remove. */
function emptyRow(row) {
  for (const input of row.querySelectorAll("input")) input.value = "";
  const mark = fieldOf(row, "remove");
  if (mark) mark.value = "1";
  row.hidden = true;
}

/** After all rows were filled in anew: those that are taken away, or that `isKnown` does not know, are not there. */
export function showRemoved(lines, isKnown) {
  for (const row of lines.querySelectorAll("[data-line]")) {
    const mark = fieldOf(row, "remove");
    if (mark.value === "1" || !isKnown(mark)) emptyRow(row);
    else row.hidden = false;
  }
  showAmounts(lines);
}

export function removeLine(row, lines) {
  const rows = shownRows(lines);
  const neighbour = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1];
  emptyRow(row);
  const add = lines.querySelector("[data-add-line]") || lines.closest("form")?.querySelector("[data-add-line]");
  (neighbour?.querySelector("[data-remove-line]") || add)?.focus();
  showAmounts(lines);
}

/** A picked article fills its row; one that is taken out leaves the rest of the row alone. */
export function articlePicked({ target, detail }) {
  const row = target instanceof Element && target.closest("[data-lines] [data-line]");
  if (!row) return;
  const give = (name, value) => {
    const field = fieldOf(row, name);
    if (!field || value === undefined) return;
    if (field.tagName === "SELECT" && ![...field.options].some((one) => one.value === value)) return;
    field.value = value;
  };
  give("code", detail.code ?? "");
  for (const name of ["description", "unit", "price"]) give(name, detail[name]);
  give("vat_code", detail.vat);
  give("ledger_code", detail.ledger);
  showAmounts(row.closest("[data-lines]"));
}

/** Something was typed or chosen in a row, or another regime for all of them. */
export function rowChanged({ target }) {
  if (!(target instanceof Element)) return;
  const lines = target.matches("[data-regime-field]") ? linesFor(target) : target.closest("[data-lines]");
  if (lines) showAmounts(lines);
}
