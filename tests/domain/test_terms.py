"""What the terms of an order come to, and what is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain import first_line, preflight, terms
from domain.billing import Share
from domain.chain_liability import WagePart
from domain.invoice import InvoiceLine
from domain.limits import Limits
from domain.message import Refusal
from domain.preflight import Candidate
from domain.terms import Plan, Term
from domain.vat import add_up

ON = date(2026, 11, 28)
DEPOSIT = Term("Aanbetaling", Decimal(30))


def line(price: str, vat_code: str = "high", **more: str) -> InvoiceLine:
    given = {"code": "ARBEID", "description": "Arbeid", "unit": "uur", "ledger_code": "8000"} | more
    return InvoiceLine(quantity=Decimal(1), price=Decimal(price), vat_code=vat_code, **given)


def order(*lines: InvoiceLine, wages: WagePart | None = None) -> Candidate:
    return Candidate("2026-0012", "Jansen", "1001", ON, ON, "Kade 1", "Sjabloon", 14, lines, wage_part=wages)


def plan(*parts: Term, agreed: str = "1000") -> Plan:
    return Plan(Decimal(agreed), parts)


@pytest.mark.parametrize(
    ("agreed", "parts", "amounts"),
    [
        ("1000", (DEPOSIT,), ["300.00", "700.00"]),
        ("1000", (DEPOSIT, Term("Start", Decimal(40))), ["300.00", "400.00", "300.00"]),
        ("100", (Term("A", Decimal("33.33")), Term("B", Decimal("33.33"))), ["33.33", "33.33", "33.34"]),
        ("0.03", (Term("A", Decimal(50)),), ["0.02", "0.01"]),  # half a cent away from zero
        ("999.99", (Term("A", None, Decimal("0.01")),), ["0.01", "999.98"]),
    ],
)
def test_the_last_is_the_rest_to_the_cent(agreed: str, parts: tuple[Term, ...], amounts: list[str]) -> None:
    found = terms.checked(plan(*parts, agreed=agreed))
    assert [str(found.amount(n)) for n in range(1, found.of + 1)] == amounts
    assert sum(map(Decimal, amounts)) == found.agreed
    assert (found.share(1).key, found.last.key) == ("term:1", "term:last")
    assert found.last == Share(len(amounts), len(amounts))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (plan(DEPOSIT, agreed="0"), "agreed"),
        (plan(DEPOSIT, agreed="-5"), "agreed"),
        (plan(), "terms-0-label"),
        (plan(Term(" ", Decimal(30))), "terms-0-label"),
        (plan(DEPOSIT, Term("B")), "terms-1-percent"),
        (plan(Term("A", Decimal(30), Decimal(3))), "terms-0-percent"),
        (plan(Term("A", Decimal(0))), "terms-0-percent"),
        (plan(Term("A", Decimal(100))), "terms-0-percent"),
        (plan(Term("A", None, Decimal("-1"))), "terms-0-amount"),
        (plan(Term("A", None, Decimal("0.005"))), "terms-0-amount"),
        (plan(Term("A", Decimal("0.01")), agreed="1"), "terms-0-percent"),  # a hundredth of a cent
        (plan(Term("A", Decimal(60)), Term("B", Decimal(40))), "agreed"),  # nothing is left
        (plan(*[Term("A", Decimal("0.5"))] * 99, agreed="10000"), "agreed"),
    ],
)
def test_what_may_not_be_agreed_names_its_field(wrong: Plan, field: str) -> None:
    with pytest.raises(Refusal) as caught:
        terms.checked(wrong)
    assert caught.value.field == field


def test_as_many_terms_as_there_may_be() -> None:
    assert terms.checked(plan(*[Term("A", Decimal("0.5"))] * 98, agreed="10000")).of == 99


@pytest.mark.parametrize(
    ("amount", "bases", "parts"),
    [
        ("100", ["1"], ["100.00"]),
        ("100", ["1", "1", "1"], ["33.34", "33.33", "33.33"]),
        ("0.01", ["1", "1"], ["0.01", "0.00"]),
        ("333.33", ["666.67", "333.33"], ["222.22", "111.11"]),
    ],
)
def test_an_amount_over_parts_adds_up_to_it(amount: str, bases: list[str], parts: list[str]) -> None:
    found = terms.in_proportion(Decimal(amount), [Decimal(one) for one in bases])
    assert [str(one) for one in found] == parts
    assert sum(found) == Decimal(amount)


def test_a_term_has_the_vat_of_the_order_in_proportion_and_says_what_it_is() -> None:
    whole = order(line("500"), line("100", code="KLEIN", ledger_code="8010"), line("400", "low"), line("0", "none"))
    asked = terms.candidate_of(whole, plan(DEPOSIT), 1)
    assert [(one.vat_code, one.price, one.ledger_code) for one in asked.lines] == [
        ("high", Decimal("180.00"), "8000"), ("low", Decimal("120.00"), "8000"),
    ]  # fmt: skip
    draft = preflight.draft(asked, "F2026-0003", ON)
    first = draft.lines[0].description
    assert first == "Werkbon 2026-0012, termijn 1 van 2 (30% van € 1.000,00), Kade 1: Aanbetaling"
    assert (first_line.order_named(first), first_line.term_named(first)) == ("2026-0012", 1)
    credit = first_line.credit_text(first, "2026-0012", "F2026-0003", ON)
    assert (first_line.term_named(credit), first_line.credited(credit)) == (0, "F2026-0003"), "it is no term itself"


def test_a_term_needs_no_day_of_execution_and_lines_to_go_by() -> None:
    limits = Limits(100, 100, {}, {})
    early = replace(order(line("500")), executed_on=None)
    assert preflight.blockers(terms.candidate_of(early, plan(DEPOSIT), 1), limits) == ()
    empty = terms.candidate_of(order(line("-5")), plan(DEPOSIT), 1)
    assert [one.key for one in preflight.blockers(empty, limits)] == ["line_count"]


def test_all_invoices_together_are_the_order_for_each_vat_code() -> None:
    whole = order(line("666.67"), line("333.33", "low"), line("12.34", "none"))
    agreed = plan(DEPOSIT, Term("Start", None, Decimal("123.45")))
    drafts = [preflight.draft(terms.candidate_of(whole, agreed, n), f"F{n}", ON) for n in (1, 2)]
    rest = terms.rest_of(whole, [terms.billed(n, f"F{n}", draft) for n, draft in enumerate(drafts, 1)])
    every = [one for draft in (*drafts, preflight.draft(rest, "F3", ON)) for one in draft.lines]
    sums = {group.code: group.base for group in add_up((one.vat_code, one.total) for one in every).groups}
    assert sums == {group.code: group.base for group in add_up((one.vat_code, one.total) for one in whole.lines).groups}
    assert rest.lines[-1].description == "Al gefactureerd: termijn 2, factuur F2 van 28-11-2026"


def test_the_wage_part_is_told_in_parts_that_come_to_the_whole() -> None:
    whole = order(line("1000"), wages=WagePart(Decimal(1000), Decimal("400"), Decimal(40), Decimal(50)))
    asked = terms.candidate_of(whole, plan(DEPOSIT), 1)
    assert asked.wage_part is not None
    assert asked.wage_part.amount == Decimal("120.00")
    rest = terms.rest_of(whole, [terms.billed(1, "F1", preflight.draft(asked, "F1", ON))])
    assert rest.wage_part is not None
    assert rest.wage_part.amount == Decimal("280.00")


def test_what_was_sent_stays_as_it_is() -> None:
    before = plan(DEPOSIT, Term("Start", Decimal(40)))
    assert terms.keeps(before, plan(DEPOSIT), 1)
    assert not terms.keeps(before, plan(DEPOSIT), 2)
    assert not terms.keeps(before, plan(Term("Anders", Decimal(30))), 1)
    assert not terms.keeps(before, plan(DEPOSIT, agreed="2000"), 1)
