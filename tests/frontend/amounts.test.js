// The script's side of tests/frontend/amounts.json, and what only the script has to decide.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { addUp, billedAs, euros, lineAmount, parseHours, parseNumber, readField, roundHalfUp, written } from "../../static/js/amounts.js";

const CASES = JSON.parse(readFileSync(new URL("amounts.json", import.meta.url), "utf8"));
const RATES = { high: "21", low: "9" }; // every other code carries 0 %

/** "12.50" as 1250n; "" as undefined; null stays. */
const cents = (text) => (text ? BigInt(text.replace(".", "")) : text === "" ? undefined : null);

/** {digits: 125n, scale: 1} as "12.5", without zeros at the end; undefined as ""; null stays. */
function plain(number) {
  if (!number) return number === undefined ? "" : null;
  const digits = (number.digits < 0n ? -number.digits : number.digits).toString().padStart(number.scale + 1, "0");
  const at = digits.length - number.scale;
  const text = number.scale ? `${digits.slice(0, at)}.${digits.slice(at)}`.replace(/\.?0*$/, "") : digits;
  return (number.digits < 0n ? "-" : "") + text;
}

/** The table is written as who reads Dutch types; who reads English changes point and comma over. */
const swap = (text) => text.replace(/[.,]/g, (sign) => (sign === "." ? "," : "."));

const line = ([quantity, price, code]) => ({ quantity, price, code, label: code, rate: RATES[code] ?? "0" });

for (const { typed, means } of CASES.numbers) {
  test(`${JSON.stringify(typed)} is read as ${means}`, () => assert.equal(plain(readField(typed)), means));
  test(`${JSON.stringify(swap(typed))} is read as ${means} in English`, () =>
    assert.equal(plain(readField(swap(typed), true)), means));
}

for (const { typed, means } of CASES.hours) {
  test(`${JSON.stringify(typed)} hours are read as ${means}`, () =>
    assert.equal(plain(readField(typed, false, parseHours)), means));
  test(`${JSON.stringify(swap(typed))} hours are read as ${means} in English`, () =>
    assert.equal(plain(readField(swap(typed), true, parseHours)), means));
}

for (const { quantity, price, kind, amount } of CASES.lines) {
  test(`${quantity} × ${price} is ${amount} of ${kind}`, () =>
    assert.equal(lineAmount(quantity, price, kind), cents(amount)));
}

for (const { amount, text } of CASES.shown) {
  test(`${amount} is shown as ${text}`, () => assert.equal(written(cents(amount)), text));
  test(`${amount} is shown as ${swap(text)} in English`, () => assert.equal(written(cents(amount), true), swap(text)));
}

test("a euro sign stands before the number, as each language has it", () => {
  assert.deepEqual([euros(-124800n, false), euros(-124800n, true)], ["€\u00a0-1.248,00", "-€1,248.00"]);
});

for (const { regime, code, kind, becomes } of CASES.regimes) {
  test(`${code} of ${kind} becomes ${becomes} under ${regime}`, () =>
    assert.equal(billedAs(CASES.regime_table, CASES.services, regime, code, kind), becomes));
}

for (const { name, lines, excl, vat, incl } of CASES.totals) {
  test(`totals: ${name}`, () => {
    const found = addUp(lines.map(line));
    const groups = found.groups.map((group) => [group.code, group.base, group.vat]);
    assert.deepEqual(groups, vat.map(([code, base, part]) => [code, cents(base), cents(part)]));
    assert.deepEqual([found.excl, found.incl], [cents(excl), cents(incl)]);
  });
}

test("a half goes away from zero, and a scale below zero makes a number larger", () => {
  assert.deepEqual([15n, -15n, 14n, -14n].map((digits) => roundHalfUp(digits, 1)), [2n, -2n, 1n, -1n]);
  assert.equal(roundHalfUp(7n, -2), 700n);
});

test("one number that cannot be read leaves no total standing", () => {
  const { amounts, excl, groups, incl } = addUp([line(["1", "10", "none"]), line(["een", "5", "none"])]);
  assert.deepEqual([amounts, excl, groups, incl], [[1000n, null], null, [], null]);
});

test("without a VAT code there is a sum, and no total including VAT", () => {
  const { excl, incl } = addUp([{ quantity: "1", price: "10", code: "", label: "kies", rate: "" }]);
  assert.deepEqual([excl, incl], [1000n, null]);
});

test("a line of nothing needs no VAT code", () => {
  assert.equal(addUp([{ quantity: "1", price: "0", code: "", label: "kies", rate: "" }]).incl, 0n);
});

test("rates with decimals are compared as numbers", () => {
  const rated = (code, rate) => ({ quantity: "1", price: "100", code, label: code, rate });
  const { groups } = addUp([rated("low", "5.50"), rated("high", "21"), rated("between", "12.5")]);
  assert.deepEqual(groups.map(({ code, vat }) => [code, vat]), [["high", 2100n], ["between", 1250n], ["low", 550n]]);
});

test("a number is read without the bounds of a field where there is no field", () => {
  assert.deepEqual(parseNumber("123456789,123456"), { digits: 123456789123456n, scale: 6 });
});
