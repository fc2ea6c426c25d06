"""Opening every page, and what of it is too much."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import Engine

from domain.permissions import OWNER
from tenancy.database import db
from tests.cost.asked import addresses
from tests.cost.bounds import EXCEPTIONS, GROWTH, MEASURES, Grows
from tests.cost.conftest import Grown
from tests.support.client import HTMX, client_for
from tests.support.counted_work import Done, Work
from tests.support.work import worked

NOT_HERE = {
    "work_orders.give_up_credit_form",
    "work_orders.term",
    "work_orders.give_up_term_form",
}  # pages that lead elsewhere in the large tenant; to htmx that is an answer


def opened(grown: Grown, role: str, fragments: bool) -> dict[str, Work]:
    """The work of every page that this role may open, with `fragments` of what htmx gets in its place too. An owner may
    open them all, but for those in `NOT_HERE`."""
    found, endpoints = {}, {True: set[str](), False: set[str]()}
    with grown.app.app_context():
        client = client_for(grown.app, role)
        client.get("/t/vos/help/")  # who was here just now leaves no trace of it a second time
        for name, address in addresses(grown):
            for form, headers in (("", {}), (" htmx", HTMX)) if fragments and "?" not in name else (("", {}),):
                with worked(db.engine) as work:
                    status = client.get(address, headers=headers).status_code
                assert status < 500, f"{address} answered {status}"
                shown = status in {200, 204}
                endpoints[shown].add(name.split()[0])
                if shown:
                    found[f"{role} {name}{form}"] = work
    assert len(endpoints[True]) > 5, "nobody is let in"
    assert role != OWNER or endpoints[False] - endpoints[True] == (set() if fragments else NOT_HERE)
    return found


def too_much(engine: Engine, before: dict[str, Work], after: dict[str, Work]) -> list[str]:
    """The statements that grow, or look at too much, in words; both were asked the same."""
    assert before.keys() == after.keys()
    return [line for name in after for line in _of(engine.dialect.name, name, before[name], after[name])]


def _of(dialect: str, name: str, before: Work, after: Work) -> Iterable[str]:
    measure, small = MEASURES[dialect], before.by_statement()
    for statement, taken in after.by_statement().items():
        allowed = _allowed(dialect, name, statement)
        at_first = small.get(statement, Done(statement, 0))
        fuller = max(1.0, taken.rows / max(at_first.rows, 1))  # a page that was not full yet
        most = at_first.work * (allowed.most if allowed else GROWTH) * fuller + measure.more
        enough = measure.once * taken.runs + measure.a_row * taken.rows
        if allowed:
            most = enough = max(most, allowed.rows * measure.unit)
        grown = statement in small and taken.work > most
        if grown or taken.work > enough:
            why = "grows" if grown else "much"
            yield f"{name}: {why}, {at_first.work} -> {taken.work} for {taken.rows} rows: {statement[:400]}"


def _allowed(dialect: str, name: str, statement: str) -> Grows | None:
    fitting = (one for one in EXCEPTIONS if re.search(one.where, name) and one.statement in statement)
    return next((one for one in fitting if one.only in {"", dialect}), None)
