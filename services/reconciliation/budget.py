"""So many calls a day to one administration for all that is held against each other, counted where they are made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast

from domain.invoice import InvoiceDraft, RemoteInvoice
from domain.notes import note
from domain.reconciliation import CALLS_A_DAY
from gateways.bookkeeping import Bookkeeping, Busy, Credentials, InvoiceRows
from services.dependencies import Dependencies


class DaySpent(Busy):
    """What may be asked for this in a day is used up; nothing was sent."""

    def __init__(self) -> None:
        super().__init__(note("reconciliation.day_spent", most=CALLS_A_DAY))


class Budgeted:
    """A bookkeeping that is asked at most `left` times for invoices; `made` is how often it was. Whoever is handed it
    need not know: what it has no say in goes to the bookkeeping itself."""

    def __init__(self, real: Bookkeeping, left: int) -> None:
        self._real = real
        self._left = left
        self.made = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def _spend(self) -> None:
        if self.made >= self._left:
            raise DaySpent
        self.made += 1

    def find_invoice(
        self, credentials: Credentials, number: str, ours: InvoiceDraft | None = None
    ) -> RemoteInvoice | None:
        """As the port says. Raises DaySpent too."""
        self._spend()
        return self._real.find_invoice(credentials, number, ours)

    def invoices_between(self, credentials: Credentials, first: date, last: date) -> InvoiceRows:
        """As the port says. Raises DaySpent too."""
        self._spend()
        return self._real.invoices_between(credentials, first, last)

    def invoices_of(
        self, credentials: Credentials, relation_code: str, since: date, until: date | None = None
    ) -> InvoiceRows:
        """As the port says. Raises DaySpent too."""
        self._spend()
        return self._real.invoices_of(credentials, relation_code, since, until)


def within(deps: Dependencies, left: int) -> tuple[Dependencies, Budgeted]:
    """The same collaborators with a bookkeeping that is asked at most `left` times, and that one."""
    budgeted = Budgeted(deps.bookkeeping, left)
    return replace(deps, bookkeeping=cast(Bookkeeping, budgeted)), budgeted
