"""Customers that were read in another administration and are not known in the one that is linked: who they are there.

A reading takes up again who has the same code and name (services/link/merging.py). Of the others a person says that one
is another that is there, has it made there, or puts it aside; who is sure enough is taken all at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, literal_column, select, update

from domain.message import Refusal, msg
from domain.permissions import Actor
from models import Administration, Connection, Relation
from oversight.audit_trail import record
from services.catalogue import lookalikes
from services.catalogue.lookalikes import Lookalike
from services.catalogue.relations import locked
from services.catalogue.use_instead import use_instead
from services.link import connection, runs
from services.paging import Page, page_of
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now
from tenancy.database import db

# said as the index of them says it, or SQLite takes the one of ids, where it supposes that NULL is found once
_NO_ID = func.coalesce(Relation.remote_id, literal_column("-1")) == literal_column("-1")
ELSEWHERE = (_NO_ID, Relation.synced_at.is_not(None), Relation.vanished_at.is_(None))
COUNTED = 100  # nobody reads the difference between 100 and 1,000
AT_ONCE = 500  # customers that one press looks at
_BATCH = 200  # rows


@dataclass(frozen=True)
class Waiting:
    """One of them; who looks like it, and the one that it certainly is."""

    relation: Relation
    alike: Sequence[Lookalike]
    sure: Lookalike | None


@dataclass(frozen=True)
class Taken:
    """What taking who is sure came to: how many, how many of them an open invoice kept back, and from behind which row
    somebody has to press again (empty: all were looked at)."""

    count: int
    held: int
    after: str


def is_one(row: Relation) -> bool:
    """Whether a customer was read in another administration and is not known in the one that is linked."""
    return row.remote_id is None and row.synced_at is not None


def ids() -> Select[UUID]:
    """The ids of all that wait, by name: in the order of their index, or SQLite goes through all customers for them."""
    return select(Relation.id).where(*ELSEWHERE).order_by(Relation.sort_name, Relation.id)


def count() -> int:
    """How many wait, 100 for 100 or more."""
    return len(db.session.scalars(ids().limit(COUNTED)).all())


def page(after: str = "") -> Page[Waiting]:
    """A page of them by name; `after` is the id of the last one seen, anything else begins at the start."""
    found = page_of(select(Relation).where(*ELSEWHERE), Relation, (Relation.sort_name,), after)
    return found.showing(_waiting(found.rows))


def _waiting(rows: Sequence[Relation]) -> Iterator[Waiting]:
    for row, alike in zip(rows, lookalikes.of_many(rows), strict=True):
        yield Waiting(row, alike.found, alike.sure)


@dataclass(frozen=True)
class There:
    """Whether the link is `active`, so that somebody can be made there; and whether the customers of there were `read`
    since it was linked, and nobody is reading now. Before that nobody knows whether one that looks alike is the only
    one."""

    active: bool
    read: bool


def there() -> There:
    """How far the linked administration is known."""
    here = Administration.number == Connection.administration_number
    query = select(Connection, Administration.seen_at).outerjoin(Administration, here)
    link, seen_at = db.session.execute(query).one()
    last = runs.last_success("relations")
    read = last is not None and (seen_at is None or last.started_at >= seen_at)
    return There(link.shown_state.is_active, read and runs.under_way("relations") is None)


def take_sure(actor: Actor, after: str = "") -> Taken:
    """Each of them that certainly is one who is there becomes that one, an entry in the trail for each; five hundred
    are looked at, from behind `after` on. Raises Refusal while the customers of there are not read."""
    if not there().read:
        raise Refusal(
            msg(
                "De relaties van deze administratie zijn nog niet opgehaald. Haal ze eerst op; dan ziet Crafter wie "
                "erbij past."
            )
        )
    taken = held = looked = 0
    while looked < AT_ONCE:
        found = page(after)
        pairs = [(one.relation.id, one.sure.id) for one in found.rows if one.sure is not None]
        stop_reading()
        gone = {row_id for row_id, other_id in pairs if _take(actor, row_id, other_id)}
        taken, held, looked = taken + len(gone), held + len(pairs) - len(gone), looked + len(found.rows)
        left = [str(one.relation.id) for one in found.rows if one.relation.id not in gone]
        if not found.next:
            return Taken(taken, held, "")
        after = left[-1] if left else after
    return Taken(taken, held, after)


def _take(actor: Actor, relation_id: UUID, other_id: UUID) -> bool:
    try:
        use_instead(actor, relation_id, other_id, sure=True)
    except (LookupError, Refusal):
        return False
    return True


def put_aside(actor: Actor, relation_id: UUID) -> None:
    """Leave one as it is: it is not asked about any more, and stands in no list that one chooses from. Raises
    LookupError, or Refusal when it is not (any more) of another administration."""
    with write_transaction() as session:
        connection.locked(session)
        row = locked(session, relation_id)
        if not is_one(row):
            raise Refusal(msg("Deze relatie is intussen herkend. Er is niets gewijzigd."))
        row.vanished_at = row.vanished_at or database_now(session)
        record(session, actor, "relation.put_aside", "relation", row.id, row.name)


def put_aside_all(actor: Actor) -> int:
    """The same for all of them, in steps of two hundred; how many, which the trail tells as one."""
    done = 0
    while True:
        with write_transaction() as session:
            connection.locked(session)
            some = session.scalars(ids().limit(_BATCH).with_for_update()).all()
            aside = update(Relation).where(Relation.id.in_(some)).values(vanished_at=database_now(session))
            if some:
                session.execute(aside.execution_options(synchronize_session=False))
                record(session, actor, "relations.put_aside", count=len(some))
        done += len(some)
        if len(some) < _BATCH:
            return done


def bring_back(actor: Actor, relation_id: UUID) -> None:
    """Take one up again that was put aside. Raises LookupError."""
    with write_transaction() as session:
        connection.locked(session)
        row = locked(session, relation_id)
        if is_one(row) and row.vanished_at is not None:
            row.vanished_at = None
            record(session, actor, "relation.brought_back", "relation", row.id, row.name)


def with_code(code: str) -> UUID:
    """The customer that has this code in the linked administration. Raises Refusal on `code`."""
    code = code.strip()
    query = select(Relation.id).where(Relation.code == code, Relation.remote_id.is_not(None))
    found = db.session.scalars(query).one_or_none() if code else None
    if found is None:
        raise Refusal(
            msg("Er is hier geen relatie met die code uit deze administratie. Haal haar eerst op bij Relaties."), "code"
        )
    return found
