"""Relations (customers): reading them in from the bookkeeping, finding, making and editing them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import chain_liability, official_numbers, vat_regime
from domain.chain_liability import Agreed
from domain.meanwhile import Opened
from domain.message import Refusal, msg
from domain.permissions import Actor
from domain.relation import LED_THERE, RelationDetails
from domain.visible import bare
from models import BY_NUMBER, Relation, SyncRun, WorkOrder, load_lists
from oversight.audit_trail import record
from services import meanwhile
from services.dependencies import Dependencies
from services.link import connection, reading
from services.link.merging import RELATIONS
from services.paging import Page
from services.searching import ByName
from services.transaction import write_transaction
from tenancy.database import db

KIND = RELATIONS
_BY_NAME = ByName(Relation)
_NAMED = (Relation.id, Relation.name, Relation.city, Relation.code)


@dataclass(frozen=True)
class Named:
    """A relation as it is chosen: by its label (name, place and code), its name, or its code."""

    id: UUID
    name: str
    label: str
    code: str


def sync(deps: Dependencies, actor: Actor) -> SyncRun:
    """Read all relations and write what differs, however long it takes. Raises Refusal without an active link, when
    it is switched off, and while another run reads them."""
    _wanted()
    return reading.read_whole(deps, actor, KIND)


def sync_now(deps: Dependencies, actor: Actor) -> SyncRun:
    """As `sync`, but only what fits into one answer; a run that did not end yet is the worker's. Raises Refusal."""
    _wanted()
    return reading.read_what_fits(deps, actor, KIND)


def _wanted() -> None:
    link = connection.present()
    if link.enabled and not link.sync_relations:
        raise Refusal(msg("Relaties synchroniseren staat uit bij de instellingen. Er is niets opgehaald."))


def list_(text: str = "", show_vanished: bool = False, after: str = "") -> Page[Relation]:
    """A page of relations by name. `after` is the id of the last one seen; anything else begins at the start."""
    query = select(Relation)
    if not show_vanished:
        query = query.where(Relation.vanished_at.is_(None))
    return _BY_NAME.page(query, text, after)


def find(text: str, limit: int) -> list[Named]:
    """The first `limit` relations by name that did not vanish and have every word of a text."""
    query = select(*_NAMED).where(Relation.vanished_at.is_(None))
    return [_named(row) for row in db.session.execute(_BY_NAME.first(query, text, limit))]


def named(relation_id: UUID) -> Named | None:
    """One relation as a field shows it, vanished or not; None when it is not there."""
    row = db.session.execute(select(*_NAMED).where(Relation.id == relation_id)).one_or_none()
    return _named(row) if row else None


def names_of(codes: Collection[str]) -> dict[str, str]:
    """By code, the names of the relations here that have one of these."""
    if not codes:
        return {}
    query = select(Relation.code, Relation.name).where(Relation.code.in_(codes))
    return {code: name for code, name in db.session.execute(query) if code}


def _named(row: Any) -> Named:
    return Named(row.id, row.name, _label(row.name, row.city, row.code), row.code or "")


def _label(name: str, city: str, code: str | None) -> str:
    place = f"{name}, {city}" if city else name
    return f"{place} ({code})" if code else place


def get(relation_id: UUID) -> Relation | None:
    """One relation with its locations, or None."""
    query = select(Relation).where(Relation.id == relation_id)
    found = db.session.scalars(query.execution_options(populate_existing=True)).all()
    return next(iter(load_lists(db.session(), found, Relation.locations)), None)


def latest_orders(relation_id: UUID, limit: int = 10) -> list[WorkOrder]:
    """The newest work orders of a relation."""
    query = select(WorkOrder).where(WorkOrder.relation_id == relation_id)
    return list(db.session.scalars(query.order_by(*(key.desc() for key in BY_NUMBER)).limit(limit)))


def create(actor: Actor, typed: RelationDetails) -> UUID:
    """Make a relation here. Raises Refusal with the field that is wrong."""
    typed = checked(typed)
    with write_transaction() as session:
        connection.locked(session)  # who takes a code waits for who compares codes, and the other way round
        row = Relation()
        _fill(session, row, typed)
        session.add(row)
        session.flush()
        record(session, actor, "relation.created", "relation", row.id, row.name)
        return row.id


def stands(row: Relation) -> RelationDetails:
    """A relation as its form is filled in."""
    return RelationDetails(**{name: getattr(row, name) for name in LED_THERE}, code=row.code or "")


def edit(actor: Actor, relation_id: UUID, typed: RelationDetails, opened: Opened | None = None) -> None:
    """Change a relation made here, whose form was opened on `opened`. Raises LookupError, or Refusal with the field
    that is wrong."""
    typed = checked(typed)
    with write_transaction() as session:
        connection.locked(session)
        row = locked(session, relation_id)
        if row.remote_id is not None:
            raise Refusal(msg("Deze relatie staat in e-Boekhouden en wordt daar gewijzigd. Open haar opnieuw."))
        typed = meanwhile.settle(session, opened, typed, stands(row), row.id, "relation.changed")
        _fill(session, row, typed)
        record(session, actor, "relation.changed", "relation", row.id, row.name)


def save_code(actor: Actor, relation_id: UUID, code: str) -> None:
    """Give a relation without a code the code it has in the bookkeeping. Raises LookupError or Refusal on `code`."""
    code = code.strip()
    if not code:
        raise Refusal(msg("Vul de code in die deze relatie in e-Boekhouden heeft."), "code")
    with write_transaction() as session:
        connection.locked(session)
        row = locked(session, relation_id)
        if row.code == code:
            return
        if row.code:
            raise Refusal(msg("Deze relatie heeft al een code: %(code)s.", code=row.code), "code")
        _take_code(session, row, code)
        record(session, actor, "relation.changed", "relation", row.id, row.name)


@dataclass(frozen=True)
class Own:
    """What we keep of a customer ourselves; a sync never touches it."""

    notes: str = ""
    asks_order_number: bool = False
    vat_regime: str = vat_regime.USUAL
    wage_percent: Decimal | None = None
    g_percent: Decimal | None = None


def own(row: Relation) -> Own:
    """What is kept of it, as its form is filled in."""
    return Own(row.notes, row.asks_order_number, row.vat_regime, row.wage_percent, row.g_percent)


def save_own(actor: Actor, relation_id: UUID, typed: Own, opened: Opened | None = None) -> None:
    """What we keep ourselves, whose form was opened on `opened`. Raises LookupError and Refusal."""
    chain_liability.checked(Agreed(typed.wage_percent, typed.g_percent))
    with write_transaction() as session:
        row = locked(session, relation_id)
        typed = meanwhile.settle(session, opened, typed, own(row), row.id, "relation.changed")
        typed = replace(typed, notes=typed.notes.strip())
        if typed != own(row):
            for name, value in asdict(typed).items():
                setattr(row, name, value)
            record(session, actor, "relation.changed", "relation", row.id, row.name)


def own_of(relation_id: UUID | None) -> Own:
    """What is kept of a customer, but for the notes; nothing when there is none."""
    kept = (Relation.asks_order_number, Relation.vat_regime, Relation.wage_percent, Relation.g_percent)
    query = select(*kept).where(Relation.id == relation_id)
    row = db.session.execute(query).one_or_none() if relation_id else None
    return Own("", *row) if row else Own()


def locked(session: Session, relation_id: UUID) -> Relation:
    """A relation with its row locked, inside the caller's transaction. Raises LookupError."""
    row = session.scalars(select(Relation).where(Relation.id == relation_id).with_for_update()).one_or_none()
    if row is None:
        raise LookupError(relation_id)
    return row


def _fill(session: Session, row: Relation, typed: RelationDetails) -> None:
    for name in LED_THERE:
        setattr(row, name, getattr(typed, name))
    _take_code(session, row, typed.code)


def _take_code(session: Session, row: Relation, code: str) -> None:
    if code:
        other = session.scalars(select(Relation).where(Relation.code == code)).one_or_none()
        if other is not None and other is not row:
            raise Refusal(msg("%(name)s heeft code %(code)s al.", name=other.name, code=code), "code")
    if row.code != (code or None):
        row.code, row.seen_there_at = code or None, None  # of another code it says nothing


def checked(typed: RelationDetails, seen: RelationDetails | None = None) -> RelationDetails:
    """A relation as typed, tidied. What still is as it was `seen` is left alone, right or wrong.

    Raises Refusal with the field that is wrong.
    """
    texts = {item.name: getattr(typed, item.name) for item in fields(typed) if item.name != "is_company"}
    tidy: dict[str, Any] = {name: bare(text) for name, text in texts.items()}
    typed = replace(typed, **tidy)
    if not typed.name:
        raise Refusal(msg("Vul een naam in."), "name")
    tidied: dict[str, Any] = {}
    if _touched(typed, seen, "postcode", "country"):
        tidied["postcode"] = official_numbers.postcode(typed.postcode, typed.country)
    if _touched(typed, seen, "vat_number", "country"):
        tidied["vat_number"] = official_numbers.vat_number(typed.vat_number, typed.country)
    if _touched(typed, seen, "coc_number", "country"):
        tidied["coc_number"] = official_numbers.coc_number(typed.coc_number, typed.country)
    if _touched(typed, seen, "iban"):
        tidied["iban"] = official_numbers.iban(typed.iban)
    return replace(typed, **tidied)


def _touched(typed: RelationDetails, seen: RelationDetails | None, *names: str) -> bool:
    return seen is None or any(getattr(typed, name) != getattr(seen, name) for name in names)
