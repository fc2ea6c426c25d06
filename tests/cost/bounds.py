"""What pages and deeds may cost: statements of each, and which statement may grow with a tenant's history.

A budget only goes down. Whoever makes something cheaper lowers its figure here; the tests say so.
"""

from __future__ import annotations

from dataclasses import dataclass

GROWTH = 1.5  # times the work, at ten times the orders


@dataclass(frozen=True)
class Measure:
    """What one statement may take in a database's own measure: `more` at the larger size whatever it took at the
    smaller one, and never above `once` a run and `a_row` for each row it gives."""

    more: int
    once: int
    a_row: int

    @property
    def unit(self) -> int:
        """One row that is looked at, of twenty for each that is given."""
        return self.a_row // 20


MEASURES = {
    # steps, fifty for each row that is looked at; trees grow deeper
    "sqlite": Measure(more=4_000, once=10_000, a_row=1_000),
    "postgresql": Measure(more=100, once=200, a_row=20),  # rows that go through the plan
}

# At most so many statements: the list, an order, the press (htmx, invoice posted, the strook as answer), and the pages
# that show more than one thing. Not counted: beginning a transaction, and saying which tenant it is of.
STATEMENTS = {
    "work_orders.list_": 4,
    "work_orders.show": 14,
    "work_orders.invoice": 14,
    "press": 20,
    "start.show": 15,
    "work_orders.edit": 12,
    "settings.bookkeeping": 11,
    "relations.show": 9,
    "reconciliation.show": 15,
    "reconciliation.progress": 15,
}
OTHERS = 8  # any other page

# What does not keep to its budget yet: as many as now, exactly.
PRESENT: dict[str, int] = {}


@dataclass(frozen=True)
class Grows:
    """A statement that may grow, where it is allowed to (a pattern), at most how many times or up to how many rows, and
    why; on one database or, without `only`, on both."""

    where: str
    statement: str
    most: float
    why: str
    rows: int = 0
    only: str = ""


# At most ten; the first that fits counts.
EXCEPTIONS: tuple[Grows, ...] = (
    Grows(
        r"^(?!.*choices\.locations ).*(q=|-text=)", "", 12,
        "a frequent word: so many rows are asked for it, or looked up; not of one customer's sites", 35_000,
    ),
    Grows("export_", "SELECT", 13, "an export is as long as what it exports"),
    Grows(
        r"work_orders\.list_ \?(worker=.*sort=|state=done&worker=)|worker work_orders\.list_", "FROM work_order", 12,
        "somebody's orders by day or of one state: all that are theirs are read", 3_000,
    ),
    Grows(
        r"work_orders\.list_ \?(worker=|state=approved)", "FROM work_order", 2.5,
        "the first rows of a page are looked for among so many before all that match are looked up", 2_500,
        only="postgresql",
    ),
    Grows(
        r"work_orders\.list_ \?state=(owed|late)", "FROM work_order", GROWTH,
        "open and partly paid are two lists, each led from its payments to the orders: 30 rows a row", 1_300,
        only="postgresql",
    ),
    Grows("settings.start_connection", "", 12, "both lists are read whole; what is not in them has vanished", 60_000),
    Grows(
        "bulk", "FROM work_order", 9, "200 orders by their ids: it reads all while that is cheaper", only="postgresql"
    ),
    Grows("start.show", r"min(work_order.executed_on)", GROWTH, "every order that waits to be checked is summed"),
    Grows("worker start.show", "FROM visit", 12, "it reads all orders beside open visits", 60_000, only="postgresql"),
)  # fmt: skip
