// Amounts as the server counts them: a typed number, the amount of a line, the totals of an invoice. BigInt and a scale,
// as the server has Decimal: a float would lose cents. Knows no page. tests/frontend/amounts.json holds both to it.

/** What a field of a line takes: blueprints/work_orders/forms.py has the same bounds. */
const PLACES = 4;
const MOST = 99999999n;
/** What Python calls white space, so that both leave out the same. */
const SPACES = /[\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;

/** Who reads English writes 1,234.50: the same with point and comma changed over, typed and shown. */
const english = globalThis.document?.documentElement.lang === "en";
const swap = (text) => text.replace(/[.,]/g, (sign) => (sign === "." ? "," : "."));

/** A typed number as {digits: BigInt, scale}; undefined when empty, null when it is no number the server takes. */
export function parseNumber(text, swapped = english) {
  const typed = text.replace(SPACES, "");
  if (!typed) return undefined;
  let bare = typed.replaceAll("€", "");
  if (swapped) bare = swap(bare);
  if (/^-?[1-9]\d{0,2}\.\d{3}$/.test(bare)) return null; // 1.234: the server asks which one is meant
  if (/^-?[1-9]\d{0,2}(\.\d{3})+(,\d*)?$/.test(bare)) bare = bare.replaceAll(".", "");
  else if (/^-?[1-9]\d{0,2}(,\d{3})+\.\d*$/.test(bare)) bare = bare.replaceAll(",", "");
  if (!/^(-?\d+([.,]\d*)?|-?[.,]\d+)$/.test(bare)) return null;
  const [whole, part = ""] = bare.replace(",", ".").split(".");
  const sign = whole.startsWith("-") ? -1n : 1n;
  return { digits: sign * BigInt(whole.replace("-", "") + part), scale: part.length };
}

const MINUTES = "(?:minuten|minuut|minutes|minute|mins|min|m)";
const HOURS = "(?:uren|uur|hours|hour|hrs|hr|u|h)";
const BOTH = new RegExp(`^(\\d{1,5})${HOURS}(?:en|and)?(?:([0-5]\\d)${MINUTES}?|(\\d)${MINUTES})$`);
const ONLY_MINUTES = new RegExp(`^(\\d{1,6})${MINUTES}$`);
const PART = new RegExp(`^(\\d{0,5})([¼½¾])${HOURS}?$`);
const NUMBER = new RegExp(`^(.*\\d[.,]?)${HOURS}$`);
const PARTS = { "¼": 15, "½": 30, "¾": 45 };

function minutesIn(bare) {
  let found = /^(\d{1,5}):([0-5]\d)$/.exec(bare) ?? BOTH.exec(bare);
  if (found) return Number(found[1]) * 60 + Number(found[2] ?? found[3]);
  found = ONLY_MINUTES.exec(bare);
  if (found) return Number(found[1]);
  found = PART.exec(bare);
  return found && Number(found[1]) * 60 + PARTS[found[2]];
}

/** Typed hours as a number: 1:30, 1u30, 90 min, 1½, or what parseNumber takes. domain/hours.py reads the same. */
export function parseHours(text, swapped = english) {
  const bare = text.replace(SPACES, "").toLowerCase();
  const minus = bare.startsWith("-");
  const minutes = minutesIn(minus ? bare.slice(1) : bare);
  if (minutes !== null) {
    const hundredths = (BigInt(minutes) * 200n + 60n) / 120n;
    return { digits: minus ? -hundredths : hundredths, scale: 2 };
  }
  return parseNumber(NUMBER.exec(bare)?.[1] ?? text, swapped);
}

/** The same for a field of a line: null too when the number is too large, or finer than what is kept. */
export function readField(text, swapped = english, parse = parseNumber) {
  const number = parse(text, swapped);
  if (!number) return number;
  const { digits, scale } = number;
  const size = digits < 0n ? -digits : digits;
  if (size > MOST * 10n ** BigInt(scale)) return null;
  return scale > PLACES && digits % 10n ** BigInt(scale - PLACES) ? null : number;
}

/** digits / 10^scale as a whole number, halves away from zero. scale may be negative. */
export function roundHalfUp(digits, scale) {
  if (scale <= 0) return digits * 10n ** BigInt(-scale);
  const unit = 10n ** BigInt(scale);
  const size = ((digits < 0n ? -digits : digits) * 2n + unit) / (2n * unit);
  return digits < 0n ? -size : size;
}

/** Cents as text: 124800n is "1.248,00", in English "1,248.00". */
export function written(cents, swapped = english) {
  const plain = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  const whole = plain.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ".");
  const text = (cents < 0n ? "-" : "") + whole + "," + plain.slice(-2);
  return swapped ? swap(text) : text;
}

/** The same with the sign of the euro: "€ 1.248,00", in English "€1,248.00". */
export function euros(cents, swapped = english) {
  return swapped ? written(cents, swapped).replace(/^-?/, "$&€") : `€\u00a0${written(cents, swapped)}`;
}

/** The amount of a line of a kind in cents: undefined when it has no price, null when a number in it cannot be read. */
export function lineAmount(quantity, price, kind = "") {
  const each = readField(price);
  const times = readField(quantity, english, kind === "hours" ? parseHours : parseNumber);
  if (each === null || times === null) return null;
  if (each === undefined) return undefined;
  const { digits, scale } = times ?? { digits: 1n, scale: 0 }; // the server reads an empty quantity as 1 too
  return roundHalfUp(digits * each.digits, scale + each.scale - 2);
}

/** The VAT code on the invoice of a line of this code and kind, under a regime; domain/vat_regime.py makes the table. */
export function billedAs(table, services, regime, code, kind) {
  const both = table[regime]?.[code];
  return both ? both[services.includes(kind) ? 1 : 0] : code;
}

/** A rate in whole ten-thousandths of a percent, to compare by. */
const scaled = ({ digits, scale }) => roundHalfUp(digits, scale - 4);

/**
 * Add up lines of {quantity, price, kind, code, rate, label}, all as text; `rate` is empty while no VAT code is chosen.
 * Gives {amounts, excl, groups, incl} in cents. excl and incl are null when a number cannot be read; incl is null too
 * while an amount has no VAT code: what cannot be known yet is not shown as if it were.
 */
export function addUp(lines) {
  const groups = new Map(); // by VAT code: the server rounds VAT once per code over the sum of its lines
  const amounts = lines.map(({ quantity, price, kind }) => lineAmount(quantity, price, kind));
  let excl = 0n, rated = true;
  lines.forEach(({ code, rate, label }, index) => {
    const amount = amounts[index];
    if (amount === null || amount === undefined) return;
    excl += amount;
    const percent = parseNumber(rate, false); // data-rate is no text for people
    if (!percent) {
      if (amount !== 0n) rated = false;
      return;
    }
    const group = groups.get(code) ?? { code, label, percent, base: 0n };
    group.base += amount;
    groups.set(code, group);
  });
  const perCode = [...groups.values()]
    .sort((one, other) => Number(scaled(other.percent) - scaled(one.percent)))
    .map((group) => ({ ...group, vat: roundHalfUp(group.base * group.percent.digits, group.percent.scale + 2) }));
  const readable = !amounts.includes(null);
  const incl = perCode.reduce((sum, { vat }) => sum + vat, excl);
  return { amounts, excl: readable ? excl : null, groups: readable ? perCode : [], incl: readable && rated ? incl : null };
}
