"""Money on screens: an amount is rounded as the sum is, a price shows what is kept, and one place writes both."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprints import _amounts
from domain.money import line_total
from tests.blueprints.test_work_orders import LIST
from tests.support.cast import line, make_order
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

ROOT = Path(__file__).parents[2]
KEPT = st.decimals(min_value=Decimal("-99999999.9999"), max_value=Decimal("99999999.9999"), places=4)


def read(text: str) -> Decimal:
    """A number as a Dutch reader reads it."""
    return Decimal(text.replace(".", "").replace(",", "."))


@given(KEPT)
def test_an_amount_is_rounded_as_the_sum_is(value: Decimal) -> None:
    assert read(_amounts.written(value, dutch=True)) == value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert read(_amounts.written(value, dutch=True)) == line_total(Decimal(1), value)


@given(KEPT)
def test_a_price_shows_exactly_what_is_kept_and_at_least_cents(value: Decimal) -> None:
    shown = _amounts.price(value, dutch=True)
    assert read(shown) == value
    assert 2 <= len(shown.partition(",")[2]) <= 4


@pytest.mark.parametrize(
    ("value", "dutch", "english"),
    [("12.345", "12,345", "12.345"), ("1000", "1.000,00", "1,000.00"), ("0.0825", "0,0825", "0.0825"),
     ("-1234.5", "-1.234,50", "-1,234.50"), ("12.3400", "12,34", "12.34"), ("0", "0,00", "0.00")],
)  # fmt: skip
def test_a_price_in_two_languages(value: str, dutch: str, english: str) -> None:
    assert (_amounts.price(Decimal(value), True), _amounts.price(Decimal(value), False)) == (dutch, english)


def test_halves_go_up_and_a_zero_has_no_minus_sign() -> None:
    said = [_amounts.written(Decimal(value), True) for value in ("12.345", "12.335", "-12.345", "-0.004", "0.005")]
    assert said == ["12,35", "12,34", "-12,35", "0,00", "0,01"]


# --- everywhere ----------------------------------------------------------------------------------------------------


def lines_of(*patterns: str) -> list[tuple[str, str]]:
    """Every line of these files, with its place."""
    files = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    assert files
    return [(f"{path.relative_to(ROOT)}:{n}", text) for path in files
            for n, text in enumerate(path.read_text().splitlines(), 1)]  # fmt: skip


def test_a_template_writes_a_price_as_a_price_and_rounds_nothing_itself() -> None:
    templates = lines_of("templates/**/*.html", "templates/**/*.txt")
    shown = [(place, text) for place, text in templates if re.search(r"\bprice\s*\|", text)]
    assert len(shown) >= 5
    wrong = [place for place, text in shown if re.search(r"\bprice\s*\|(?!\s*(?:price|plain)\b)", text)]
    assert wrong == [], "a price has more decimals than an amount: write it with | price"
    sums = r"\b(?:total|totals\.\w+|total_excl|excl|vat|incl|remote_\w+|base)\s*\|\s*(?:price|plain|qty)\b"
    assert [place for place, text in templates if re.search(sums, text)] == [], "a sum is an amount"
    by_hand = r"\|\s*(?:round|format)\b|\.format\(|'%[^']*[.]\d*f'"
    assert [place for place, text in templates if re.search(by_hand, text)] == [], "templates reckon nothing"


def test_one_place_rounds_money_and_one_place_writes_it() -> None:
    source = lines_of(
        "domain/*.py", "services/**/*.py", "blueprints/**/*.py", "models/*.py", "jobs/*.py", "gateways/*.py"
    )
    rounding = {place.partition(":")[0] for place, text in source if re.search(r"\.quantize\(|\bROUND_", text)}
    assert rounding == {"domain/money.py", "domain/hours.py"}  # minutes are no money: hundredths of an hour
    writing = {place.partition(":")[0] for place, text in source if re.search(r":,?\.\d?\{?[^:\"']*f[}\"]", text)}
    assert writing <= {"blueprints/_amounts.py", "domain/written.py"}


def test_the_bon_and_the_invoice_show_prices_that_come_to_what_stands_beside_them(
    client_as: Any, vos: Any, sandbox: Sandbox
) -> None:
    fine = (line(quantity=Decimal(1), price=Decimal("12.345")), line(quantity=Decimal(1000), price=Decimal("0.0825")))
    order_id = make_order(vos.actor, vos.relation_id, lines=fine)
    page = folded(client_as("planner").get(f"{LIST}{order_id}").text)
    bon, _word, strook = page.partition('id="invoice"')
    for shown in ("12,345", "12,35", "0,0825", "82,50", "94,85"):
        assert f">{shown}<" in bon, shown
    assert "12,34<" not in page
    for shown in ("(1 uur × € 12,345)", "(1000 uur × € 0,0825)"):
        assert shown in strook, shown
    assert "€ 114,77" in strook
    client_as("planner").htmx_post(f"{LIST}{order_id}/approve")
    (invoice,) = sandbox.invoices("demo")
    assert invoice["TotaalInclBTW"] == "114.77"
