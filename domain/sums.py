"""What the lines of an order may come to: bounded as sums and not only number by number, for two that fit may have a
product that does not. Within these bounds every column of money has room, and SQLite keeps it to the cent."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from domain.message import Message, Refusal, msg
from domain.money import MOST, ZERO, line_total

MOST_LINES = 100  # as many as the bookkeeping takes on an invoice

TOO_MANY = msg("Een werkbon heeft hoogstens %(most)s regels.", most=MOST_LINES)
LINE_TOO_LARGE = msg("Aantal maal prijs is te groot: een regel komt op hoogstens %(most)s.", most=MOST)


def fits(quantity: Decimal, price: Decimal) -> bool:
    """Whether one line does."""
    return abs(line_total(quantity, price)) <= MOST


def total(lines: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """What lines of (quantity, price) come to together, excluding VAT. Raises Refusal when one of them, their number or
    their sum does not fit."""
    given = list(lines)
    if len(given) > MOST_LINES:
        raise Refusal(TOO_MANY)
    for place, (quantity, price) in enumerate(given, 1):
        if not fits(quantity, price):
            raise Refusal(msg("Regel %(n)s: %(what)s", n=place, what=LINE_TOO_LARGE))
    found = sum((line_total(quantity, price) for quantity, price in given), ZERO)
    if abs(found) > MOST:
        raise Refusal(too_large())
    return found


def too_large() -> Message:
    """What is said of a sum of lines that does not fit."""
    return msg(
        "Het totaal van de regels is te groot: hoogstens %(most)s. Kijk de aantallen en de prijzen na.", most=MOST
    )
