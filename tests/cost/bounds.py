"""What pages and deeds may cost: statements of each, and which statement may grow with a tenant's history.

A budget only goes down. Whoever makes something cheaper lowers its figure here; the tests say so.
"""

from __future__ import annotations

from dataclasses import dataclass

GROWTH = 1.5  # times the work, at ten times the orders

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
}
OTHERS = 8  # any other page

# What does not keep to its budget yet: as many as now, exactly.
PRESENT = {
    "press": 26,
}


@dataclass(frozen=True)
class Grows:
    """A statement that may grow, where it is allowed to, at most how many times, and why."""

    where: str
    statement: str
    most: float
    why: str


# At most ten.
EXCEPTIONS: tuple[Grows, ...] = (
    Grows("settings.export_", "SELECT", 13, "an export is as long as what it exports"),
    Grows(
        "worker work_orders.list_", "FROM work_order", GROWTH, "for each row the fence looks whose it is: 69,000 steps"
    ),
)
