"""What pre-flight says of each blocker: what is wrong, why, and on which line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.first_line import supply_text
from domain.limits import field_note
from domain.message import Message
from domain.money import MOST
from domain.notes import note
from domain.preflight import Candidate, blockers
from domain.vat import name as vat_name
from tests.domain.test_invoice import CANDIDATE, LIMITS, LINE


def line(**changes: object) -> Candidate:
    """A candidate whose second line is changed."""
    return replace(CANDIDATE, lines=(LINE, replace(LINE, **changes)))  # type: ignore[arg-type]


def on_line_2(what: Message) -> Message:
    """What is said of the second line."""
    return note("blocked.line", n=2, what=what)


TO_COME = CANDIDATE.today + timedelta(days=1)
TEMPLATE, UNIT = note("word.template"), field_note("unit")
# the candidate, what is said, and what the reason names
SAID: dict[str, tuple[Candidate, Message, dict[str, object]]] = {
    "connection": (replace(CANDIDATE, connection_broken=True), note("blocked.connection"), {}),
    "customer": (replace(CANDIDATE, relation_name=None), note("blocked.no_relation"), {}),
    "code": (replace(CANDIDATE, relation_code=""), note("blocked.relation_code", name="Jansen"), {}),
    "long code": (
        replace(CANDIDATE, relation_code="1" * 16),
        note("blocked.too_long", name=note("word.relation_code")),
        {"limit": 15},
    ),
    "template": (replace(CANDIDATE, template=""), note("blocked.template"), {}),
    "character": (
        replace(CANDIDATE, template="x\x07"), note("blocked.character", name=TEMPLATE), {"found": "U+0007"},
    ),
    "work site": (
        replace(CANDIDATE, location="\x07"),
        note("blocked.character", name=note("word.location")),
        {"found": "U+0007"},
    ),
    "customer's number": (
        replace(CANDIDATE, asks_order_number=True), note("blocked.order_number"), {"name": "Jansen"},
    ),
    "customer's number of nothing to see": (
        replace(CANDIDATE, asks_order_number=True, customer_order_number="\u200b"),
        note("blocked.order_number"),
        {"name": "Jansen"},
    ),
    "character in the customer's number": (
        replace(CANDIDATE, customer_order_number="45\x07"),
        note("blocked.character", name=note("word.order_number")),
        {"found": "U+0007"},
    ),
    "day": (replace(CANDIDATE, executed_on=None), note("blocked.executed_on"), {}),
    "day to come": (
        replace(CANDIDATE, executed_on=TO_COME), note("blocked.day_to_come", day=TO_COME), {},
    ),
    "no lines": (replace(CANDIDATE, lines=()), note("blocked.no_lines"), {"most": 100}),
    "too many lines": (
        replace(CANDIDATE, lines=(LINE,) * 101), note("blocked.too_many_lines", most=100), {"most": 100},
    ),
    "description": (line(description=" \n"), on_line_2(note("blocked.description")), {}),
    "line code": (line(code=""), on_line_2(note("blocked.code")), {}),
    "long unit": (line(unit="u" * 51), on_line_2(note("blocked.too_long", name=UNIT)), {"limit": 50}),
    "unit": (line(unit="\x07"), on_line_2(note("blocked.character", name=UNIT)), {"found": "U+0007"}),
    "ledger": (line(ledger_code=""), on_line_2(note("blocked.ledger")), {}),
    "vat": (line(vat_code="x"), on_line_2(note("blocked.vat")), {}),
    "kind of vat": (
        line(vat_code="eu_distance"), on_line_2(note("blocked.vat_kind", name=vat_name("eu_distance"))), {},
    ),
    "large price": (line(price=Decimal(10) ** 8), on_line_2(note("blocked.amount")), {}),
    "large product": (
        line(quantity=Decimal(99999999), price=Decimal(99999999)), on_line_2(note("blocked.amount")), {},
    ),
    "large total": (
        replace(CANDIDATE, lines=(replace(LINE, quantity=Decimal(100), price=Decimal(99999999)),) * 2),
        note("blocked.total"), {"most": MOST},
    ),
    "large quantity": (line(quantity=-(Decimal(10) ** 8)), on_line_2(note("blocked.amount")), {}),
}  # fmt: skip


@pytest.mark.parametrize(("candidate", "what", "names"), SAID.values(), ids=SAID)
def test_a_blocker_says_what_is_wrong_and_why(candidate: Candidate, what: Message, names: dict[str, object]) -> None:
    (found,) = blockers(candidate, LIMITS)
    assert (found.what, dict(found.why.values)) == (what, names)
    assert str(found.why).endswith(".")
    assert "%" not in f"{found.what}{found.why}"


def test_as_many_lines_as_they_take_and_just_below_the_largest_amount_nothing_blocks() -> None:
    assert blockers(replace(CANDIDATE, lines=(LINE,) * 100), LIMITS) == ()
    largest = Decimal("99999999.99")
    assert blockers(line(quantity=largest), LIMITS) == blockers(line(price=-largest), LIMITS) == ()


def test_all_that_is_wrong_is_said_at_once_and_the_lines_one_after_another() -> None:
    wrong = replace(CANDIDATE, executed_on=None, template="", lines=(replace(LINE, code="", ledger_code=""), LINE,
                                                                    replace(LINE, vat_code="")))  # fmt: skip
    found = [(one.key, one.mend) for one in blockers(wrong, LIMITS)]
    assert found == [("executed_on", "order"), ("template", "invoice_settings"), ("code", "invoice_settings"),
                     ("ledger", "invoice_settings"), ("vat", "lines")]  # fmt: skip
    assert [str(one.what)[:8] for one in blockers(wrong, LIMITS)][2:] == ["Regel 1:", "Regel 1:", "Regel 3:"]


def test_without_a_work_site_the_first_line_names_none() -> None:
    assert CANDIDATE.executed_on is not None
    assert supply_text("2026-0042", CANDIDATE.executed_on, "") == "Werkbon 2026-0042, uitgevoerd 3-11-2026"


def test_a_customer_who_asks_for_its_number_gets_it_and_who_does_not_may_have_one_too() -> None:
    for asks in (True, False):
        assert blockers(replace(CANDIDATE, asks_order_number=asks, customer_order_number="4500123"), LIMITS) == ()
    missing = replace(CANDIDATE, asks_order_number=True, executed_on=None)
    assert [(one.key, one.mend) for one in blockers(missing, LIMITS)] == [
        ("order_number", "order_number"), ("executed_on", "order"),
    ]  # fmt: skip
