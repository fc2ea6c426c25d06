"""The server's side of amounts.json, the script's side by node, and both on the same random keystrokes."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from werkzeug.datastructures import MultiDict

from blueprints._filters import amount as shown_amount
from blueprints.work_orders.forms import LineForm
from domain import vat_regime
from domain.money import line_total
from domain.vat import SALES_CODES, add_up
from tests.frontend.node import HERE, node

CASES = json.loads((HERE / "amounts.json").read_text())
SCRIPT_TESTS = sorted(HERE.glob("*.test.js"))
SEED = 2026


def read(typed: str, kind: str = "article") -> Decimal | str | None:
    """A number as the quantity of a line of this kind is read: "" when empty, None when it is refused."""
    field = LineForm(MultiDict({"kind": kind, "quantity": typed})).quantity
    if field.process_errors:
        return None
    return "" if field.data is None else field.data


def amount_of(quantity: str, price: str, kind: str = "article") -> Decimal | str | None:
    """The amount of a line as the form and the invoice make it."""
    times, each = read(quantity, kind), read(price)
    if times is None or each is None:
        return None
    return "" if each == "" else line_total(Decimal(1) if times == "" else Decimal(times), Decimal(each))


@pytest.fixture(scope="module", autouse=True)
def _context() -> Any:
    """A refusal is a sentence, and sentences want an app."""
    app = Flask(__name__)
    Babel(app, default_locale="nl")
    with app.test_request_context():
        yield


@pytest.mark.parametrize("case", CASES["numbers"], ids=lambda case: json.dumps(case["typed"]))
def test_a_typed_number_is_read_as_the_table_says(case: dict[str, str | None]) -> None:
    assert read(str(case["typed"])) == (Decimal(case["means"]) if case["means"] else case["means"])


@pytest.mark.parametrize("case", CASES["numbers"], ids=lambda case: json.dumps(case["typed"]))
def test_who_reads_english_types_the_same_with_point_and_comma_changed_over(case: dict[str, str | None]) -> None:
    with force_locale("en_GB"):
        found = read(str(case["typed"]).translate(str.maketrans(".,", ",.")))
    assert found == (Decimal(case["means"]) if case["means"] else case["means"])


@pytest.mark.parametrize("case", CASES["hours"], ids=lambda case: json.dumps(case["typed"]))
@pytest.mark.parametrize("reader", ["nl", "en_GB"])
def test_typed_hours_are_read_as_the_table_says(case: dict[str, str | None], reader: str) -> None:
    typed = str(case["typed"])
    with force_locale(reader):
        found = read(typed if reader == "nl" else typed.translate(str.maketrans(".,", ",.")), "hours")
    assert found == (Decimal(case["means"]) if case["means"] else case["means"])


def test_a_regime_makes_of_a_code_what_the_table_says() -> None:
    assert CASES["regime_table"] == {
        regime: {code: list(pair) for code, pair in codes.items()} for regime, codes in vat_regime.table().items()
    }
    assert CASES["services"] == sorted(vat_regime.SERVICES)
    for case in CASES["regimes"]:
        assert vat_regime.code_of(case["regime"], case["code"], case["kind"]) == case["becomes"], case


@pytest.mark.parametrize("case", CASES["lines"], ids=lambda case: f"{case['quantity']} x {case['price']}")
def test_a_line_amounts_to_what_the_table_says(case: dict[str, str]) -> None:
    found = amount_of(case["quantity"], case["price"], case.get("kind", "article"))
    assert (str(found) if isinstance(found, Decimal) else found) == case["amount"]


@pytest.mark.parametrize("case", CASES["shown"], ids=lambda case: case["text"])
def test_an_amount_is_shown_as_the_table_says(case: dict[str, str]) -> None:
    assert shown_amount(Decimal(case["amount"])) == case["text"]
    with force_locale("en_GB"):
        assert shown_amount(Decimal(case["amount"])) == case["text"].translate(str.maketrans(".,", ",."))


@pytest.mark.parametrize("case", CASES["totals"], ids=lambda case: case["name"])
def test_lines_add_up_to_what_the_table_says(case: dict[str, Any]) -> None:
    amounts = [(code, amount_of(quantity, price)) for quantity, price, code in case["lines"]]
    totals = add_up([(code, Decimal(found)) for code, found in amounts if isinstance(found, Decimal)])
    assert [[group.code, str(group.base), str(group.vat)] for group in totals.groups] == case["vat"]
    assert [str(totals.excl), str(totals.incl)] == [case["excl"], case["incl"]]


def test_the_table_holds_every_code_and_every_kind_of_answer() -> None:
    assert {line[2] for case in CASES["totals"] for line in case["lines"]} == {entry.code for entry in SALES_CODES}
    assert len({case["typed"] for case in CASES["numbers"]}) == len(CASES["numbers"]) > 50
    for part, key in (("numbers", "means"), ("lines", "amount")):
        assert {None, ""} < {case[key] for case in CASES[part]}


@pytest.mark.parametrize("path", SCRIPT_TESTS, ids=lambda path: path.name)
def test_nodes_own_tests_of_the_script_pass(path: Path, record_property: Callable[[str, object], None]) -> None:
    done = node("--test", "--test-reporter=tap", path.name)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.M)
    assert passed
    assert int(passed.group(1)) > 0
    for _ in range(int(passed.group(1))):
        record_property("counted", "tests of the script by node")


def test_a_failing_test_of_the_script_fails_here_too(tmp_path: Path) -> None:
    broken = tmp_path / "broken.test.js"
    broken.write_text('import { test } from "node:test";\ntest("never", () => { throw new Error("no"); });\n')
    assert node("--test", "--test-reporter=tap", str(broken)).returncode == 1


ASK = """
import { addUp, parseHours, parseNumber, readField } from "../../static/js/amounts.js";
const asked = JSON.parse(await new Promise((done) => {
  let all = "";
  process.stdin.on("data", (part) => (all += part)).on("end", () => done(all));
}));
const said = (value) => (value === undefined ? "" : value === null ? null : String(value));
const number = (found) => (found ? `${found.digits}e-${found.scale}` : said(found));
const numbers = asked.numbers.map((typed) => number(readField(typed, false, asked.hours ? parseHours : parseNumber)));
const totals = asked.invoices.map((lines) => {
  const { excl, groups, incl } = addUp(lines.map(([quantity, price, code, rate]) => ({ quantity, price, code, rate })));
  return [said(excl), groups.map(({ code, vat }) => [code, said(vat)]), said(incl)];
});
console.log(JSON.stringify({ numbers, totals }));
"""


def ask_the_script(numbers: list[str], invoices: list[list[list[str]]], hours: bool = False) -> dict[str, Any]:
    """What amounts.js makes of these, in one run of node."""
    done: subprocess.CompletedProcess[str] = node(
        "--input-type=module", "-e", ASK, given=json.dumps({"numbers": numbers, "invoices": invoices, "hours": hours})
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def in_cents(found: Decimal) -> str:
    """12.50 as "1250"."""
    return str(int(found * 100))


_HOURLY = [":", ":", "u", "u", "uur", "min", "en", "h", "m", "½", "¼", "30", "15", "U", "İ", "\n"]


@pytest.mark.parametrize(("kind", "more"), [("article", []), ("hours", _HOURLY)])
def test_both_read_random_keystrokes_alike(kind: str, more: list[str]) -> None:
    chance = random.Random(SEED)
    pieces = [*"0123456789", *"..,,--", "1.234", "1,234", "000", " ", "\u00a0", "\u202f", "€", "'", "e", "\u0665", "\t"]
    pieces += more
    typed = ["".join(chance.choices(pieces, k=chance.randint(0, 7))) for _ in range(4000)]
    theirs = ask_the_script(typed, [], hours=kind == "hours")["numbers"]
    ours = [read(text, kind) for text in typed]
    different = [
        (text, mine, other)
        for text, mine, other in zip(typed, ours, theirs, strict=True)
        if (Decimal(other) if other else other) != mine
    ]
    assert different == [], f"seed {SEED}"
    assert len([mine for mine in ours if isinstance(mine, Decimal)]) > 400
    assert len([mine for mine in ours if mine is None]) > 400


def test_both_add_up_random_invoices_alike() -> None:
    chance = random.Random(SEED)

    def number(places: int) -> str:
        return f"{Decimal(chance.randint(-(10**7), 10**7)).scaleb(-chance.randint(0, places))}".replace(".", ",")

    def line() -> list[str]:
        entry = chance.choice(SALES_CODES)
        return [number(4), number(4), entry.code, str(entry.rate)]

    invoices = [[line() for _ in range(chance.randint(1, 12))] for _ in range(500)]
    theirs = ask_the_script([], invoices)["totals"]
    for lines, (excl, groups, incl) in zip(invoices, theirs, strict=True):
        amounts = [(code, amount_of(quantity, price)) for quantity, price, code, _ in lines]
        totals = add_up([(code, found) for code, found in amounts if isinstance(found, Decimal)])
        assert len(amounts) == len([found for _, found in amounts if isinstance(found, Decimal)])
        assert [in_cents(totals.excl), in_cents(totals.incl)] == [excl, incl], lines
        assert [[group.code, in_cents(group.vat)] for group in totals.groups] == groups, lines
