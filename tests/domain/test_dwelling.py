"""The low rate for work on dwellings: which lines ask for a declaration, and what is one."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain import vat, vat_regime
from domain.dwelling import Declaration, asks, check, declaration
from domain.message import Refusal
from domain.questions import about_dwelling
from domain.work_order import LINE_KINDS

TODAY = date(2026, 11, 19)


@pytest.mark.parametrize("kind", LINE_KINDS)
@pytest.mark.parametrize("code", [*vat.BY_CODE, ""])
def test_a_service_at_the_low_rate_asks_reversed_or_not_and_nothing_else_does(kind: str, code: str) -> None:
    asked = kind in {"hours", "travel"} and code in {"low", "reverse_low"}
    assert asks([(kind, code)]) is asked
    assert asks([("material", "high"), (kind, code), ("hours", "high")]) is asked


@pytest.mark.parametrize("regime", vat_regime.CHOICES)
def test_it_goes_by_the_codes_of_the_invoice(regime: str) -> None:
    lines = [("hours", vat_regime.code_of(regime, "low", "hours"))]
    assert asks(lines) is (regime in {"domestic", "reversed"}), (
        "elsewhere, and where it is exempt, there is no low rate"
    )


def test_without_lines_there_is_nothing_to_ask() -> None:
    assert not asks([])


@pytest.mark.parametrize(
    ("on", "by", "field"),
    [
        (None, "Mw. De Vries", "dwelling_declared_on"),
        (TODAY + timedelta(days=1), "Mw. De Vries", "dwelling_declared_on"),
        (TODAY, "", "dwelling_declared_by"),
        (TODAY, "Mw. De Vries", ""),
        (date(2019, 1, 1), "Mw. De Vries", ""),
    ],
)
def test_a_declaration_has_a_day_that_has_been_and_a_name(on: date | None, by: str, field: str) -> None:
    if not field:
        assert check(on, by, TODAY) == declaration(on, by) == Declaration(on, by)
        return
    with pytest.raises(Refusal) as refused:
        check(on, by, TODAY)
    assert refused.value.field == field


def test_a_row_without_a_day_declares_nothing() -> None:
    assert declaration(None, "") is None


def test_a_yes_is_said_of_one_place_and_says_where_it_is_kept() -> None:
    here, there = UUID(int=1), UUID(int=2)
    question = about_dwelling(here, "Kade 1, Gouda", kept=True)
    assert str(question.what) == "Is Kade 1, Gouda een woning die ouder is dan twee jaar?"
    assert question.answer != about_dwelling(there, "Kade 1, Gouda", kept=True).answer
    assert question.mend == "lines"
    assert "voor deze werklocatie niet meer" in str(question.why)
    assert "voor deze werklocatie niet meer" not in str(about_dwelling(here, "Kade 1", kept=False).why)
