// A form as plain values, and back: what it holds, and putting all of it in again, with as many lines as there were.
import { linesUpTo, showRemoved } from "./lines.js";

const NOT_TYPED = new Set(["csrf_token", "once", "whose", "shown_order"]);
const NEVER = new Set(["password", "file", "submit", "button", "image", "reset"]);
const CHECKED = new Set(["checkbox", "radio"]);
const fieldsOf = (form) => [...form.elements].filter(({ name, type }) => name && !NOT_TYPED.has(name) && !NEVER.has(type));

/** What is in a form, as [name, value] and of a box [name, value, checked]. No token, no password, no file. */
export function valuesOf(form) {
  return fieldsOf(form).map(({ name, value, type, checked }) => (CHECKED.has(type) ? [name, value, checked] : [name, value]));
}

/** Put values in a form as it came from the server: all of them or, where a field is no longer there, as much as can be. */
export function putBack(form, values) {
  const lines = form.querySelector("[data-lines]");
  if (lines) linesUpTo(lines, values.map(([name]) => name));
  const waiting = new Map();
  for (const [name, ...rest] of values) waiting.set(name, [...(waiting.get(name) ?? []), rest]);
  for (const field of fieldsOf(form)) {
    const given = waiting.get(field.name)?.shift();
    if (given) put(field, given);
  }
  if (lines) showRemoved(lines, (field) => waiting.has(field.name));
}

function put(field, [value, checked]) {
  if (CHECKED.has(field.type)) {
    field.checked = checked;
    return;
  }
  if (field.value === value) return;
  if (field.tagName === "SELECT" && ![...field.options].some((one) => one.value === value)) return;
  field.value = value;
  // Who listens for typing hears of it; a field that is searched has its three values by itself.
  if (!field.closest("[data-choice]")) field.dispatchEvent(new Event("input", { bubbles: true }));
}
