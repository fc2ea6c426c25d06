"""The date of an invoice: the day of the press, or an earlier one that somebody chose.

It decides in which period the VAT is due, so that it lies on or after the day of the work and not ahead (Wet OB 1968
art. 13 and 34g), and in the months that are still held against the bookkeeping. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.message import Message, msg
from domain.reconciliation import open_period


def of(chosen: Iterable[date | None], today: date) -> date:
    """The date of one invoice of orders for which these dates were chosen: the one that they have in common, else
    today."""
    found = set(chosen)
    one = found.pop() if len(found) == 1 else None
    return one or today


def why_not(chosen: date, executed: date | None, today: date) -> Message | None:
    """Why an invoice of work that was done on the day `executed` cannot have this date; None when it can."""
    first = open_period(today)[0]
    if chosen > today:
        return msg("Deze dag moet nog komen. Een factuur krijgt hoogstens de datum van vandaag.")
    if chosen < first:
        return msg("Dat is te lang geleden. Kies een dag vanaf %(day)s.", day=first)
    if executed is not None and chosen < executed:
        return msg("Toen was het werk nog niet gedaan (%(day)s).", day=executed)
    return None
