"""Which numbers of our series are in use over there: one list, read when a number turns out taken.

A list proves only what it holds (domain/reconciliation.py): a number that is in it is in use, one that is not may be so
all the same, and is found out by sending.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.orm import Session

from domain.behind import proves_behind
from domain.invoice import RemoteInvoice
from domain.message import Message
from domain.notes import note
from domain.numbering import written
from domain.permissions import Actor
from domain.reconciliation import proves_absence
from gateways.bookkeeping import BookkeepingError, Credentials
from models import Connection
from services.dependencies import Dependencies
from services.invoicing import numbers, unknown
from services.link import connection
from services.transaction import stop_reading

IN_A_ROW = "posting.numbers_in_use_by"  # why an invoice was not sent in the end
_WORTH_ASKING = 1.0  # seconds
MOST = 1000  # numbers passed at once; who uses more of our series over there chooses another


@dataclass(eq=False)
class InUse:
    """What a press knows of it, or all presses of a job together: the list of a year is read once, whatever came of it,
    and who asks for it meanwhile waits for that."""

    _whole: dict[int, bool] = field(default_factory=dict)  # of each year that was asked for
    _by_number: dict[str, RemoteInvoice] = field(default_factory=dict)
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def is_whole(self, year: int) -> bool:
        """Whether the list of a year came, and nothing shows that it was cut off."""
        return self._whole.get(year, False)

    def ask(self, deps: Dependencies, actor: Actor | str, credentials: Credentials, year: int, within: float) -> None:
        """Read the list of a year within so many seconds, unless that was done. What goes wrong proves nothing and is
        no trouble for who sends; credentials that are refused break the link. No transaction may be open."""
        end = time.monotonic() + within
        stop_reading()
        if within < _WORTH_ASKING or not self._reading.acquire(timeout=within):
            return
        try:
            left = end - time.monotonic()
            if year not in self._whole and left >= _WORTH_ASKING:
                self._whole[year] = False
                self._read(deps, actor, credentials, year, left)
        finally:
            self._reading.release()

    def _read(self, deps: Dependencies, actor: Actor | str, credentials: Credentials, year: int, within: float) -> None:
        try:
            read = deps.bookkeeping.invoices_between(credentials, date(year, 1, 1), date(year, 12, 31), within)
        except BookkeepingError as error:
            connection.note_trouble(actor, credentials, error)
            return
        self._by_number |= {one.number: one for one in read.rows}
        self._whole[year] = proves_absence(read.size, sum(one.lost for one in read.odd))

    def following(self, session: Session, year: int, administration: int) -> list[RemoteInvoice]:
        """The invoices that stand under the next numbers of our series, without a gap; the link is locked, so nobody
        takes those numbers meanwhile."""
        prefix, serial = numbers.invoice_series(session, year, administration)
        found: list[RemoteInvoice] = []
        while len(found) < MOST and (there := self._by_number.get(written(prefix, year, serial))) is not None:
            found.append(there)
            serial += 1
        return found


_of_jobs: WeakValueDictionary[UUID, InUse] = WeakValueDictionary()
_jobs = threading.Lock()


def of_job(job_id: UUID) -> InUse:
    """What is known of it for a job, by all lanes of this process that carry it out, as long as one of them does."""
    with _jobs:
        found = _of_jobs.get(job_id)
        if found is None:
            found = _of_jobs[job_id] = InUse()
        return found


def ours_among(session: Session, deps: Dependencies, link: Connection, there: list[RemoteInvoice]) -> str:
    """The number of one of these invoices that proves that our database is an older copy; empty when none does."""
    news = unknown.among(session, deps, link, there) if there else []
    return next((one.number for one in news if proves_behind(one.whose)), "")


def told(theirs: RemoteInvoice) -> Message:
    """A number that is in use there, and by what."""
    return note("posting.number_in_use", number=theirs.number, code=theirs.relation_code, day=theirs.on)


def pass_over(session: Session, there: list[RemoteInvoice], administration: int) -> None:
    """Their numbers are taken, and the series passes them over."""
    reasons = {one.number: note("number.taken_by", code=one.relation_code, day=one.on) for one in there}
    numbers.taken_there(session, reasons, administration)
