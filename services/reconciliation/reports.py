"""What a page shows of how our books and theirs stand to each other; nothing is called or changed here.

The shape: a run (models.Reconciliation: why, when, what it cost, whether it waits and why) has months (what each side
counts, in invoices and euros), and findings go on from run to run: one per invoice that does not stand alike, since
when, what differs with both values, and how it ended. `standing()` is the head of the page, `months(run)` its table,
`findings(state, mark)` the list below it, `runs(mark)` the history, `all_findings()` the export. The words are in
domain/reconciliation.py (KIND_NAMES, STAND_NAMES, HOW_NAMES, CAUSE_NAMES) and domain/differing.py (NAMES).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from domain import posting as states
from domain.message import NOTHING, Message
from domain.reconciliation import CALLS_A_DAY, TELLS, Kind, Stand
from models import (
    Administration,
    Connection,
    InvoicePosting,
    Reconciliation,
    ReconciliationFinding,
    ReconciliationMonth,
    WorkOrder,
)
from services.link import administrations, connection
from services.paging import Page, Part, all_of, page_of
from services.reconciliation.findings import is_open
from tenancy.clock import today
from tenancy.database import db

AT_ONCE = 100
COUNTED = 100  # nobody reads the difference between 100 and 1,000
ELSEWHERE = "elsewhere"  # for `findings`: open, and of an administration that is not linked
_LINKED = select(Connection.administration_number).scalar_subquery()


@dataclass(frozen=True)
class Standing:
    """How the books of the linked administration stand. `last`: the newest run with a result; `failed`: the newest that
    ended, when it has none; `under_way`: the one that did not end, which may wait for a reason (`remark`,
    `resumes_at`). `open`: findings that somebody has to look at, `gone`: invoices proved to be missing there,
    `accepted`: findings that somebody left as they are, `elsewhere`: open ones of administrations that are not linked
    (100 is 100 or more), `behind`: invoices of ours are there that we do not know. `left`: calls that may still be made
    today. At `payments_at` the open items were last read whole; `payments_remark`: what kept them from it since."""

    last: Reconciliation | None
    failed: Reconciliation | None
    under_way: Reconciliation | None
    open: int
    gone: int
    accepted: int
    elsewhere: int
    behind: bool
    left: int
    payments_at: datetime | None
    payments_remark: Message

    @property
    def agree(self) -> bool:
        """Whether both books say the same, as far as was seen last."""
        return self.last is not None and not (self.open or self.gone or self.behind)


@dataclass(frozen=True)
class Shown:
    """A finding, and the order that its invoice bills: the one named first where there are several; none for an invoice
    of theirs that nothing of ours has. `administration`: its name, and `elsewhere` whether that is not linked now."""

    finding: ReconciliationFinding
    order_id: UUID | None
    order_number: str
    administration: str = ""
    elsewhere: bool = False

    @property
    def may_be_accepted(self) -> bool:
        """Whether somebody may leave it as it is."""
        return self.finding.may_be_accepted(self.elsewhere)


def standing() -> Standing:
    """How the books stand now."""
    ended_last = db.session.scalars(_newest_that_ended()).first()
    open_, gone_, accepted, elsewhere, payments_at, payments_remark = db.session.execute(_COUNTS).one()
    return Standing(
        last_with_result(),
        ended_last if ended_last is not None and ended_last.error else None,
        under_way(),
        open_,
        gone_,
        accepted,
        elsewhere,
        connection.present().shown_behind_since is not None,
        max(CALLS_A_DAY - spent_today(), 0),
        payments_at,
        payments_remark,
    )


def last_with_result() -> Reconciliation | None:
    """The newest run in the linked administration that came to its end."""
    return db.session.scalars(_newest_that_ended().where(Reconciliation.error == NOTHING)).first()


def _newest_that_ended() -> Select[Reconciliation]:
    ended = select(Reconciliation).where(Reconciliation.finished_at.is_not(None))
    ended = ended.where(Reconciliation.administration == _LINKED)
    return ended.order_by(Reconciliation.id.desc()).limit(1)  # ids rise with time


def told() -> tuple[ColumnElement[bool], ...]:
    """What makes a finding one that somebody has to look at: of an administration that is not linked nobody can."""
    told_kinds = ReconciliationFinding.kind.in_(sorted(TELLS))
    return *is_open(), told_kinds, ReconciliationFinding.administration == _LINKED


def gone() -> tuple[ColumnElement[bool], ...]:
    """What makes an invoice one that is proved to be missing in the linked administration."""
    return InvoicePosting.state == states.GONE, InvoicePosting.administration == _LINKED


def _elsewhere() -> tuple[ColumnElement[bool], ...]:
    """Open, and of an administration that is not linked; what is decided with the order is told there."""
    kinds = ReconciliationFinding.kind.in_(sorted(TELLS | {Kind.SUSPECTED}))
    return *is_open(), kinds, ReconciliationFinding.administration != _LINKED


def _counts() -> Select[Any]:
    left = ReconciliationFinding.state == Stand.ACCEPTED, ReconciliationFinding.administration == _LINKED
    each: list[Select[UUID]] = [
        select(ReconciliationFinding.id).where(*told()),
        select(InvoicePosting.id).where(*gone()),
        select(ReconciliationFinding.id).where(*left),
        select(ReconciliationFinding.id).where(*_elsewhere()),
    ]
    counts = (select(func.count()).select_from(one.limit(COUNTED).subquery()).scalar_subquery() for one in each)
    linked = Administration.number == _LINKED
    payments = (
        select(column).where(linked).scalar_subquery()
        for column in (Administration.payments_at, Administration.payments_remark)
    )
    return select(*counts, *payments)


_COUNTS = _counts()


def under_way() -> Reconciliation | None:
    """The run that did not end yet, if there is one."""
    return db.session.scalars(select(Reconciliation).where(Reconciliation.finished_at.is_(None))).first()


def spent_today() -> int:
    """How many calls today's runs made to the linked administration (the day in Amsterdam)."""
    query = select(func.sum(Reconciliation.calls_that_day)).where(Reconciliation.day == today(db.session()))
    return db.session.scalar(query.where(Reconciliation.administration == _LINKED)) or 0


def get(run_id: UUID) -> Reconciliation:
    """A run. Raises LookupError when there is none."""
    found = db.session.scalars(select(Reconciliation).where(Reconciliation.id == run_id)).one_or_none()
    if found is None:
        raise LookupError(run_id)
    return found


def runs(mark: str = "") -> Page[Reconciliation]:
    """A page of runs, newest first. `mark` as in services.paging."""
    return page_of(select(Reconciliation), Reconciliation, (), mark, down=True)


def months(run_id: UUID) -> Sequence[ReconciliationMonth]:
    """What a run counted, month by month, newest first."""
    query = select(ReconciliationMonth).where(ReconciliationMonth.run_id == run_id)
    return db.session.scalars(query.order_by(ReconciliationMonth.month.desc())).all()


def findings(state: str = Stand.OPEN, mark: str = "") -> Page[Shown]:
    """A page of findings that stand so, newest first; also those that are only suspected, which nobody has to look at
    yet. An empty `state`: all. What is open is of the linked administration, with ELSEWHERE of any other."""
    query = select(ReconciliationFinding)
    if state == ELSEWHERE:
        query = query.where(*_elsewhere())
    elif state:
        query = query.where(ReconciliationFinding.state == state)
    if state == Stand.OPEN:
        query = query.where(ReconciliationFinding.administration == _LINKED)
    page = page_of(query, ReconciliationFinding, (), mark, down=True)
    return page.showing(_shown(page.rows))


def finding(finding_id: UUID) -> Shown:
    """One finding. Raises LookupError when there is none."""
    query = select(ReconciliationFinding).where(ReconciliationFinding.id == finding_id)
    for shown in _shown(db.session.scalars(query).all()):
        return shown
    raise LookupError(finding_id)


def all_findings() -> Iterator[Shown]:
    """Every finding there ever was, first found first, for the export; never more than 100 rows in memory."""
    query = select(ReconciliationFinding, ReconciliationFinding.id)
    for rows in all_of(query, ReconciliationFinding, Part(()), down=False, at_once=AT_ONCE):
        yield from _shown([row[0] for row in rows])


def _shown(rows: Sequence[ReconciliationFinding]) -> list[Shown]:
    orders = _orders([row.posting_id for row in rows if row.posting_id])
    linked, names = _names() if rows else (0, {})
    return [
        Shown(
            row,
            *orders.get(row.posting_id, (None, "")),
            administration=names.get(row.administration, ""),
            elsewhere=row.administration != linked,
        )
        for row in rows
    ]


def _names() -> tuple[int, dict[int, str]]:
    """The number of the linked administration, and what each is called."""
    link = connection.present()
    names = {one.number: one.label or one.username for one in administrations.all_()}
    return link.administration_number, names | {link.administration_number: link.administration}


def _orders(postings: Sequence[UUID]) -> dict[UUID | None, tuple[UUID | None, str]]:
    if not postings:
        return {}
    query = (
        select(InvoicePosting.id, WorkOrder.id, WorkOrder.number)
        .join(InvoicePosting.orders)
        .where(InvoicePosting.id.in_(postings))
        .order_by(WorkOrder.number.desc())
    )
    return {posting_id: (order_id, number) for posting_id, order_id, number in db.session.execute(query)}
