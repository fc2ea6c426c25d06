// What the pages need beyond htmx: the note when the network fails, menus, filling in a form, the line editor.
// Everything listens on the document, so a fragment that htmx swaps in works without being prepared.
(function () {
  "use strict";

  // -- numbers: BigInt and a scale, as the server counts with Decimal; a float would lose cents ----------------

  /** A typed number as {digits: BigInt, scale}; undefined when empty, null when it is no number the server takes. */
  function parseNumber(text) {
    let bare = text.replace(/[\s€]/g, "");
    if (!bare) return undefined;
    if (/^-?[1-9]\d{0,2}\.\d{3}$/.test(bare)) return null; // 1.234: the server asks which one is meant
    if (/^-?[1-9]\d{0,2}(\.\d{3})+(,\d*)?$/.test(bare)) bare = bare.replaceAll(".", "");
    else if (/^-?[1-9]\d{0,2}(,\d{3})+\.\d*$/.test(bare)) bare = bare.replaceAll(",", "");
    if (!/^(-?\d+([.,]\d*)?|-?[.,]\d+)$/.test(bare)) return null;
    const [whole, part = ""] = bare.replace(",", ".").split(".");
    const sign = whole.startsWith("-") ? -1n : 1n;
    return { digits: sign * BigInt(whole.replace("-", "") + part || "0"), scale: part.length };
  }

  /** digits / 10^scale as a whole number, halves away from zero. scale may be negative. */
  function roundHalfUp(digits, scale) {
    if (scale <= 0) return digits * 10n ** BigInt(-scale);
    const unit = 10n ** BigInt(scale);
    const size = ((digits < 0n ? -digits : digits) * 2n + unit) / (2n * unit);
    return digits < 0n ? -size : size;
  }

  /** Cents as Dutch text: 124800n is "1.248,00". */
  function dutch(cents) {
    const plain = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
    const whole = plain.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ".");
    return (cents < 0n ? "-" : "") + whole + "," + plain.slice(-2);
  }

  // -- line editor ---------------------------------------------------------------------------------------------

  const NO_AMOUNT = "–";
  const fieldOf = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const linesFor = (button) => button.closest("[data-lines]") || button.closest("form")?.querySelector("[data-lines]");
  const shownRows = (lines) => [...lines.querySelectorAll("[data-line]")].filter((row) => !row.hidden);

  /** The amount of a row in cents: undefined when it has no price, null when a number in it cannot be read. */
  function amountOf(row) {
    const price = parseNumber(fieldOf(row, "price")?.value ?? "");
    const quantity = parseNumber(fieldOf(row, "quantity")?.value ?? "");
    if (price === null || quantity === null) return null;
    if (price === undefined) return undefined;
    const times = quantity ?? { digits: 1n, scale: 0 }; // the server reads an empty quantity as 1 too
    return roundHalfUp(times.digits * price.digits, times.scale + price.scale - 2);
  }

  /** Write every row's amount and the totals. What cannot be known yet shows a dash, never a wrong amount. */
  function addUp(lines) {
    const groups = new Map(); // by VAT code: the server rounds VAT once per code over the sum of its lines
    let excl = 0n, readable = true, rated = true;
    for (const row of shownRows(lines)) {
      const amount = amountOf(row);
      const shown = row.querySelector("[data-line-total]");
      if (shown) shown.textContent = amount === undefined ? "" : amount === null ? NO_AMOUNT : dutch(amount);
      if (amount === null) readable = false;
      if (amount === null || amount === undefined) continue;
      excl += amount;
      const choice = fieldOf(row, "vat_code")?.selectedOptions?.[0];
      const rate = parseNumber(choice?.dataset.rate ?? "");
      if (rate) {
        const group = groups.get(choice.value) || { label: choice.textContent.trim(), rate, base: 0n };
        group.base += amount;
        groups.set(choice.value, group);
      } else if (amount !== 0n) rated = false;
    }
    const totals = (lines.closest("form") || document).querySelector("[data-totals]");
    if (totals) showTotals(totals, { excl, groups, readable, rated });
  }

  function showTotals(totals, { excl, groups, readable, rated }) {
    const write = (name, text) => {
      const place = totals.querySelector(`[data-total="${name}"]`);
      if (place) place.textContent = text;
    };
    const perRate = [...groups.values()].sort((one, other) => Number(other.rate.digits - one.rate.digits));
    let incl = excl;
    const pairs = perRate.flatMap((group) => {
      const vat = roundHalfUp(group.base * group.rate.digits, group.rate.scale + 2);
      incl += vat;
      return [pairPart("dt", vatLabel(totals, group)), pairPart("dd", dutch(vat))];
    });
    totals.querySelector("[data-total-vat]")?.replaceChildren(...(readable ? pairs : []));
    write("excl", readable ? dutch(excl) : NO_AMOUNT);
    write("incl", readable && rated ? "€ " + dutch(incl) : NO_AMOUNT);
  }

  /** "Btw 21% over 423,60"; the words may be given as data-label on [data-total-vat]. A rate of 0 names itself. */
  function vatLabel(totals, { label, rate, base }) {
    if (rate.digits === 0n) return `${label[0].toUpperCase()}${label.slice(1)} over ${dutch(base)}`;
    const words = totals.querySelector("[data-total-vat]")?.dataset.label || "Btw {label} over {base}";
    return words.replace("{label}", label).replace("{base}", dutch(base));
  }

  function pairPart(tag, text) {
    const element = document.createElement(tag);
    if (tag === "dt") element.className = "muted";
    element.textContent = text;
    return element;
  }

  function addLine(lines) {
    const template = lines.querySelector("template[data-line-template]");
    const named = [...lines.querySelectorAll("[data-line] [name]")];
    const index = String(Math.max(-1, ...named.map((field) => Number(/-(\d+)-\w+$/.exec(field.name)?.[1] ?? -1))) + 1);
    const row = template.content.querySelector("[data-line]").cloneNode(true);
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const attribute of element.attributes) attribute.value = attribute.value.replaceAll("__N__", index);
    }
    template.before(row);
    window.htmx?.process(row);
    row.querySelector("input:not([type=hidden]), select")?.focus();
    addUp(lines);
  }

  /** Empty and hide a row: the server drops rows in which nothing is typed, and rows marked -remove. */
  function removeLine(row, lines) {
    const rows = shownRows(lines);
    const neighbour = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1];
    for (const input of row.querySelectorAll("input")) input.value = "";
    const mark = fieldOf(row, "remove");
    if (mark?.type === "checkbox") mark.checked = true;
    if (mark) mark.value = "1";
    row.hidden = true;
    const add = lines.querySelector("[data-add-line]") || lines.closest("form")?.querySelector("[data-add-line]");
    (neighbour?.querySelector("[data-remove-line]") || add)?.focus();
    addUp(lines);
  }

  /** A picked article fills its row. Typed text that is no article leaves the row alone. */
  function pickArticle(input, row) {
    const typed = input.value.trim();
    const options = [...(input.list?.options ?? [])];
    const option = typed && (options.find((one) => one.value === typed) || options.find((one) => one.dataset.code === typed));
    if (!option) {
      for (const field of [fieldOf(row, "article_id"), fieldOf(row, "code")]) if (field?.type === "hidden") field.value = "";
      return;
    }
    const give = (name, value) => {
      const field = fieldOf(row, name);
      if (!field || value === undefined) return;
      if (field.tagName === "SELECT" && ![...field.options].some((one) => one.value === value)) return;
      field.value = value;
    };
    give("article_id", option.dataset.id);
    give("code", option.dataset.code);
    for (const name of ["description", "unit", "price"]) give(name, option.dataset[name]);
    give("vat_code", option.dataset.vat);
    give("ledger_code", option.dataset.ledger);
  }

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
  document.addEventListener("htmx:after:swap", () => {
    closeNetNote();
    document.querySelectorAll("[data-lines]").forEach(addUp);
    countPicked();
  });

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
    if (target.closest("[data-pick-all]")) return pickAll(target.closest("[data-pick-all]"));
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

  function rowChanged({ target, type }) {
    const row = target instanceof Element && target.closest("[data-lines] [data-line]");
    if (!row) return;
    // On input only a whole option counts (picked with the mouse); a typed code is looked up when the field is left.
    const whole = [...(target.list?.options ?? [])].some((option) => option.value === target.value.trim());
    if (target.list && (type === "change" || whole)) pickArticle(target, row);
    addUp(row.closest("[data-lines]"));
  }

  // -- picking orders in a list ------------------------------------------------------------------------------------

  /** How many are picked, and the button that picks all; without this script the bar still works as a plain form. */
  function countPicked() {
    const bar = document.getElementById("kies");
    const said = bar?.querySelector("[data-picked]");
    if (!said) return;
    said.dataset.none ??= said.textContent;
    const boxes = [...bar.elements].filter((box) => box.name === "order");
    const picked = boxes.filter((box) => box.checked).length;
    said.textContent = picked ? said.dataset.picked.replace("{n}", String(picked)) : said.dataset.none;
    const all = bar.querySelector("[data-pick-all]");
    if (all) all.hidden = picked === boxes.length;
  }

  function pickAll(button) {
    for (const box of button.form.elements) if (box.name === "order") box.checked = true;
    countPicked();
  }

  document.addEventListener("input", rowChanged);
  document.addEventListener("change", (event) => {
    rowChanged(event);
    if (event.target.form?.id === "kies") countPicked();
    // With htmx the attributes on the control do this; without it the page still has to follow the choice.
    if (!window.htmx && event.target.matches?.("[data-autosubmit]")) event.target.form?.requestSubmit();
  });

  document.querySelectorAll("[data-lines]").forEach(addUp);
  countPicked();
})();
