"""Our books held against theirs, as rules: what is said of one invoice, and what is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import differing, reconciliation
from domain.differing import Difference, told
from domain.invoice import InvoiceDraft, InvoiceLine, RemoteInvoice, differences, renumbered
from domain.reconciliation import Kind, Ours, around, halves, held_against, month_of, open_period, to_read

DAY = date(2026, 11, 20)
LINE = InvoiceLine("A", "Werkbon 2026-0031, uitgevoerd 19-11-2026, Kade 2: ketel", Decimal(2), "uur", Decimal("62.50"),
                   "high", "8000")  # fmt: skip
OTHER = InvoiceLine("X", "Onderhoudscontract", Decimal(1), "stuk", Decimal(10), "high", "8000")
DRAFT = InvoiceDraft("WB2026-0031", "1001", DAY, 14, "Factuursjabloon", (LINE,))


def theirs_of(draft: InvoiceDraft, **changes: object) -> RemoteInvoice:
    """What the books have of it, with something changed."""
    totals = draft.totals
    there = RemoteInvoice(
        draft.number, draft.relation_code, draft.on, draft.term_days, totals.excl, totals.vat, totals.incl,
        totals.incl, draft.lines,
    )  # fmt: skip
    return replace(there, **changes)  # type: ignore[arg-type]


def ours(under: str = DRAFT.number) -> Ours:
    """Our invoice, under this number over there."""
    return Ours(UUID(int=1), DRAFT, under)


SAME = theirs_of(DRAFT)
EDITED = theirs_of(renumbered(DRAFT, DRAFT.number), lines=(replace(LINE, price=Decimal(70)),), excl=Decimal(140))
ANOTHER = theirs_of(DRAFT, relation_code="2002", lines=(OTHER,), excl=Decimal(10), vat=Decimal("2.10"))
MOVED = theirs_of(DRAFT, number="F00077")
CASES = [
    ("nothing is there", DRAFT.number, [], (), Kind.SUSPECTED),
    ("only others are there", DRAFT.number, [theirs_of(DRAFT, number="F1")], (), Kind.SUSPECTED),
    ("the same", DRAFT.number, [SAME], (), Kind.EQUAL),
    ("edited", DRAFT.number, [EDITED], (), Kind.CHANGED),
    ("another date", DRAFT.number, [theirs_of(DRAFT, on=DAY + timedelta(days=40))], (), Kind.CHANGED),
    ("another relation", DRAFT.number, [theirs_of(DRAFT, relation_code="2002")], (), Kind.CHANGED),
    ("another invoice", DRAFT.number, [ANOTHER], (), Kind.REPLACED),
    ("our lines, no name, same relation", DRAFT.number,
     [theirs_of(DRAFT, lines=(replace(LINE, description="Ketel"),), excl=Decimal(1))], (), Kind.CHANGED),
    ("another one with the same relation and nothing of ours", DRAFT.number,
     [theirs_of(DRAFT, lines=(OTHER,), excl=Decimal(10))], (), Kind.REPLACED),
    ("the most alike counts", DRAFT.number, [ANOTHER, SAME], (), Kind.EQUAL),
    ("twice", DRAFT.number, [SAME, SAME], (), Kind.DOUBLE),
    ("under the number known to us", "F00077", [MOVED], (), Kind.RENUMBERED),
    ("it got its own number back", "F00077", [SAME], (), Kind.EQUAL),
    ("its own number is somebody else's since", "F00077", [ANOTHER, MOVED], (), Kind.RENUMBERED),
    ("gone from the number known to us", "F00077", [], (), Kind.SUSPECTED),
    ("there, but unreadable", DRAFT.number, [], (DRAFT.number,), Kind.UNREADABLE),
]  # fmt: skip


@pytest.mark.parametrize(("what", "under", "listed", "unreadable", "kind"), CASES, ids=[case[0] for case in CASES])
def test_how_one_of_ours_stands(
    what: str, under: str, listed: list[RemoteInvoice], unreadable: tuple[str, ...], kind: Kind
) -> None:
    assert held_against(ours(under), listed, unreadable).kind is kind


def test_each_difference_is_named_with_both_values() -> None:
    there = theirs_of(
        DRAFT, number="F1", relation_code="2002", on=DAY + timedelta(days=1), excl=Decimal(999),
        lines=(replace(LINE, price=Decimal(70), quantity=Decimal(3)), OTHER),
    )  # fmt: skip
    assert told(DRAFT, there) == (
        Difference("number", "WB2026-0031", "F1"),
        Difference("relation_code", "1001", "2002"),
        Difference("on", DAY, DAY + timedelta(days=1)),
        Difference("quantity", Decimal(2), Decimal(3), 1),
        Difference("price", Decimal("62.50"), Decimal(70), 1),
        Difference("line", None, "Onderhoudscontract", 2),
        Difference("excl", Decimal("125.00"), Decimal(999)),
    )


_AMOUNTS = st.decimals(0, 1000, places=2)
_LINES = st.builds(
    InvoiceLine, st.sampled_from(["A", "B"]), st.sampled_from(["Werkbon 2026-0031", "los"]), _AMOUNTS, st.just("stuk"),
    _AMOUNTS, st.sampled_from(["high", "low"]), st.just("8000"),
)  # fmt: skip
_DRAFTS = st.builds(
    InvoiceDraft, st.sampled_from(["WB2026-0031", "WB2026-0032"]), st.sampled_from(["1001", "2002"]),
    st.sampled_from([DAY, DAY + timedelta(days=1)]), st.just(14), st.just("Factuursjabloon"),
    st.lists(_LINES, min_size=1, max_size=4).map(tuple),
)  # fmt: skip


@given(_DRAFTS, _DRAFTS)
def test_values_are_told_exactly_when_something_differs_and_survive_the_row(
    draft: InvoiceDraft, other: InvoiceDraft
) -> None:
    there = theirs_of(other)
    found = told(draft, there)
    assert bool(found) == bool(differences(draft, there))
    assert differing.from_text(differing.to_text(found)) == found
    assert all(one.name in differing.NAMES for one in found)


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(0, 100))
def test_the_parts_are_the_whole_period_each_day_once_and_no_more_than_its_months(day: date, number: int) -> None:
    period = open_period(day)
    parts = to_read(period, number, day)
    assert (parts[0][0], parts[-1][1]) == period
    assert all(later[0] - earlier[1] == timedelta(days=1) for earlier, later in pairwise(parts))
    assert len(parts) == (1 if number <= reconciliation.FEW else reconciliation.MONTHS_BACK + 1)
    assert reconciliation.parts_from_text(reconciliation.parts_to_text(parts)) == parts


def test_few_invoices_are_asked_for_together_and_many_by_the_month() -> None:
    period = open_period(DAY)
    assert period == (date(2025, 11, 1), DAY + timedelta(days=366))
    assert to_read(period, 3, DAY) == [period]
    parts = to_read(period, 41, DAY)
    assert parts[4] == (date(2026, 3, 1), date(2026, 3, 31))
    assert parts[-1] == (date(2026, 11, 1), period[1])
    assert month_of(DAY) == date(2026, 11, 1)


def test_a_period_is_halved_down_to_a_day() -> None:
    assert halves((DAY, DAY)) == ()
    assert halves((DAY, DAY + timedelta(days=2))) == (
        (DAY, DAY + timedelta(days=1)),
        (DAY + timedelta(days=2), DAY + timedelta(days=2)),
    )


NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("days", "parts"),
    [
        ([], [(1, 15), (16, 30)]),
        ([3, 4, 5, 6], [(1, 5), (6, 30)]),
        ([20] * 50, [(1, 18), (19, 21), (22, 30)]),
        ([1] * 50, [(1, 2), (3, 30)]),
        ([30] * 50, [(1, 28), (29, 30)]),
        ([29, 30, 30], [(1, 28), (29, 30)]),
    ],
)
def test_a_list_that_may_be_cut_off_is_parted_where_its_invoices_are(
    days: list[int], parts: list[tuple[int, int]]
) -> None:
    found = around(NOVEMBER, [date(2026, 11, day) for day in days])
    assert [(first.day, last.day) for first, last in found] == parts


def test_whatever_a_list_showed_the_parts_are_all_of_it_and_smaller() -> None:
    for length in range(1, 7):
        period = NOVEMBER[0], NOVEMBER[0] + timedelta(days=length)
        for one, other in product(range(-2, 9), repeat=2):
            shown = [NOVEMBER[0] + timedelta(days=one)] * 3 + [NOVEMBER[0] + timedelta(days=other)] * 2
            found = around(period, shown)
            assert len(found) > 1
            assert [found[0][0], found[-1][1]] == list(period)
            assert all(before + timedelta(days=1) == after for (_, before), (after, _) in pairwise(found))
            assert all(first <= last for first, last in found)
    assert around((NOVEMBER[0], NOVEMBER[0]), [NOVEMBER[0]] * 50) == ()
