"""Both books of a tenant of years held against each other: the runs, what they counted, what they found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

MONTHS = 3  # that a run counted
OWED = 40  # invoices that are not paid yet, half of them late, at every size
LIVE = 20  # findings that are open, and as many accepted, at every size


def runs(made: Any, kind: int) -> Iterator[dict[str, Any]]:
    """One for each fifty orders of a tenant that is being made (tests/support/large.py); `kind` of their ids."""
    number = made.size.orders // 50
    for n in range(number):
        at = made.begin + (made.now - made.begin) * n / number
        yield made.row(
            kind, n, at, cause="night", by="Crafter", first=at.date() - timedelta(days=365), last=at.date(),
            started_at=at, finished_at=at + timedelta(minutes=1), link_version=1, day=at.date(), calls=13,
            calls_that_day=13, busy_ms=9_000, equal=500,
        )  # fmt: skip


def months(made: Any, kind: int) -> Iterator[dict[str, Any]]:
    """What the runs counted."""
    for n, run in enumerate(runs(made, kind)):
        for back in range(MONTHS):
            year, month = divmod(run["last"].year * 12 + run["last"].month - 1 - back, 12)
            yield made.row(
                kind, n * MONTHS + back, run["started_at"], run_id=run["id"], month=date(year, month + 1, 1), ours=40,
                ours_incl=Decimal(7000), theirs=40, theirs_incl=Decimal(7000), equal=40,
            )  # fmt: skip


def findings(made: Any, kind: int, posting: int) -> Iterator[dict[str, Any]]:
    """One of twenty invoices was changed over there; the newest are so still, or accepted. `posting`: the kind of
    the ids of postings."""
    every = list(runs(made, kind))
    changed = [(n, order) for n, order, state in made.billed() if state == "posted" and n % 20 == 10]
    for place, (n, order) in enumerate(changed):
        left, at = len(changed) - place, order["created_at"]
        yield made.row(
            kind, n, at, run_id=every[n % len(every)]["id"], posting_id=made.id(posting, n, at), kind="changed",
            number=f"WB{order['number']}", day=at.date(), ours_incl=Decimal("181.50"), theirs_incl=Decimal(181),
            differs='[["excl",0,"150","149.5"]]', since=at, seen_at=at,
            state="open" if left <= LIVE else "accepted" if left <= 2 * LIVE else "settled",
        )  # fmt: skip


def payments(made: Any, kind: int, posting: int) -> Iterator[dict[str, Any]]:
    """How every posted invoice stands: paid, but for the newest. `posting`: the kind of the ids of postings."""
    posted = [(n, order) for n, order, state in made.billed() if state == "posted"]
    for place, (n, order) in enumerate(posted):
        owed, at = len(posted) - place <= OWED, order["created_at"]
        yield made.row(
            kind, n, at, posting_id=made.id(posting, n, at), relation_id=order["relation_id"], relation_code="1001",
            state="open" if owed else "paid", outstanding=Decimal("181.50") if owed else Decimal(0),
            due_on=at.date() + timedelta(days=14 if n % 2 else 0), was_open=True, since=at,
        )  # fmt: skip
