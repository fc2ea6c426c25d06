"""Relations (customers): reading them in from the bookkeeping, finding, making and editing them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session, selectinload

from domain.message import Refusal, msg
from domain.permissions import Actor
from gateways.bookkeeping import (
    BookkeepingError,
    Busy,
    Credentials,
    Declined,
    NewRelation,
    RelationRows,
    Unfit,
    Unreachable,
)
from models import Connection, Location, Relation, SyncRun, WorkOrder
from oversight.audit_trail import record
from services import _syncing, connection, official_numbers
from services._transaction import stop_reading, write_transaction
from services.parts import Parts
from tenancy.clock import database_now
from tenancy.database import db

PAGE = 50
CODE_TAKEN = "CREL001"
_MOST_CODES = 5
REMOTE_FIELDS = (
    "name", "is_company", "contact", "address", "postcode", "city", "country", "phone", "mobile", "email",
    "vat_number", "coc_number", "iban",
)  # fmt: skip
KIND = _syncing.Kind("relations", Relation, REMOTE_FIELDS, "name", ("contact", "code"))


@dataclass(frozen=True)
class RelationInput:
    """A relation as typed; `code` is the one it has (or gets) in the bookkeeping."""

    name: str
    code: str = ""
    is_company: bool = True
    contact: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""
    mobile: str = ""
    email: str = ""
    vat_number: str = ""
    coc_number: str = ""
    iban: str = ""


@dataclass(frozen=True)
class Page:
    """A page of relations; `next` asks the following one, or is empty."""

    rows: tuple[Relation, ...]
    next: str


def sync(parts: Parts, actor: Actor) -> SyncRun:
    """Read all relations and write what differs. Raises Refusal without an active link or when it is switched off."""
    link = connection.present()
    if link.enabled and not link.sync_relations:
        raise Refusal(msg("Relaties synchroniseren staat uit bij de instellingen. Er is niets opgehaald."))
    return _syncing.fetch(parts, actor, KIND, parts.bookkeeping.relations, parts.bookkeeping.relation)


def fetch(parts: Parts, actor: Actor, code: str) -> UUID:
    """Read the one relation with this code, as for one that a list too long did not show; its id here.

    Raises Refusal when it is not there, or when they cannot be asked.
    """
    code = code.strip()
    if not code:
        raise Refusal(msg("Vul de code in die de relatie in e-Boekhouden heeft."), "code")
    given = _link(parts)
    stop_reading()
    try:
        found = parts.bookkeeping.relation(given, code)
    except BookkeepingError as error:
        raise _no(parts, actor, given, error) from None
    if found is None:
        raise Refusal(msg("e-Boekhouden heeft geen relatie met code %(code)s.", code=code), "code")
    with write_transaction() as session:
        _same_link(session, given)
        _syncing.merge(session, KIND, RelationRows((found,), complete=False), database_now(session))
        session.flush()
        row = session.scalars(select(Relation).where(Relation.remote_id == found.remote_id)).one()
        record(session, actor, "relation.fetched", "relation", row.id, row.name)
        return row.id


def create_remote(parts: Parts, actor: Actor, relation_id: UUID) -> str:
    """Make a relation of ours in the bookkeeping, under its own code or else the next free one; that code.

    Raises LookupError, or Refusal with the field that is wrong. The code is written down before the call: where no
    answer came it stays, so that the next press or the next sync recognises the relation instead of making another.
    """
    given = _link(parts)
    tried: set[str] = set()
    while True:
        new, own_code = _ready_to_make(actor, relation_id, tried)
        stop_reading()
        try:
            remote_id: int | None = _make_there(parts, given, new)
        except BookkeepingError as error:
            if not (isinstance(error, Unreachable) and error.may_have_arrived) and not own_code:
                _take_back(actor, relation_id, new.code)
            raise _no(parts, actor, given, error) from None
        if remote_id is not None:
            break
        tried.add(new.code)
        if own_code or len(tried) == _MOST_CODES:
            if not own_code:
                _take_back(actor, relation_id, new.code)
            said = msg("Code %(code)s is in e-Boekhouden al van een andere relatie.", code=new.code)
            raise Refusal(said, "code")
    with write_transaction() as session:
        _same_link(session, given)
        row = locked(session, relation_id)
        row.remote_id, row.synced_at = remote_id, database_now(session)
        record(session, actor, "relation.made_there", "relation", row.id, row.name, code=new.code)
    return new.code


def _ready_to_make(actor: Actor, relation_id: UUID, tried: set[str]) -> tuple[NewRelation, bool]:
    """The relation as it will be sent, its code written down; and whether a person chose that code."""
    with write_transaction() as session:
        row = locked(session, relation_id)
        if row.remote_id is not None:
            raise Refusal(msg("Deze relatie staat al in e-Boekhouden."))
        own_code = bool(row.code) and row.code not in tried
        if not own_code:
            row.code = _next_code(session, tried)
        values = {name: getattr(row, name) for name in REMOTE_FIELDS}
        checked = _checked(RelationInput(code=row.code or "", **values))
        return NewRelation(**asdict(checked)), own_code


def _next_code(session: Session, tried: set[str]) -> str:
    """The number after the highest code that is one, as wide as that."""
    codes = session.scalars(select(Relation.code).where(Relation.code.is_not(None)))
    numbers = {code for code in [*codes, *tried] if code and code.isascii() and code.isdecimal() and len(code) < 12}
    highest = max(numbers, key=int, default="1000")
    return f"{int(highest) + 1:0{len(highest)}d}"


def _make_there(parts: Parts, given: Credentials, new: NewRelation) -> int | None:
    """The id over there; None when the code is another one's. A relation that an earlier press made is ours."""
    try:
        return parts.bookkeeping.add_relation(given, new)
    except Declined as declined:
        if declined.code != CODE_TAKEN:
            raise
    there = parts.bookkeeping.relation(given, new.code)
    same = there is not None and all(
        getattr(there, name).strip().casefold() == getattr(new, name).casefold()
        for name in ("name", "postcode", "email")
    )
    return there.remote_id if there is not None and same else None


def _take_back(actor: Actor, relation_id: UUID, code: str) -> None:
    """A code that was made up for a relation that certainly was not made."""
    with write_transaction() as session:
        row = locked(session, relation_id)
        if row.code == code and row.remote_id is None:
            row.code = None


def _link(parts: Parts) -> Credentials:
    given = connection.active_credentials(parts)
    if given is None:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Er is niets opgehaald of verstuurd."))
    return given


def _same_link(session: Session, given: Credentials) -> None:
    """What was answered to other credentials may be about other books. Raises Refusal."""
    if session.scalars(select(Connection).with_for_update()).one().version != given.version:
        raise Refusal(msg("De koppeling is intussen gewijzigd. Er is hier niets opgeslagen."))


def _no(parts: Parts, actor: Actor, given: Credentials, error: BookkeepingError) -> Refusal:
    """What a person is told of a call that did not succeed."""
    connection.note_code(actor, given.version, error.code)
    if isinstance(error, Unfit):
        return Refusal(msg("Dit past niet in e-Boekhouden: %(why)s.", why=error.why), error.field or None)
    told = parts.bookkeeping.explain(error.code) if error.code else None
    if told is not None:
        return Refusal(msg("%(what)s %(now)s (%(code)s)", what=told.what, now=told.now, code=error.code))
    if error.code:
        return Refusal(msg("e-Boekhouden weigerde dit met code %(code)s: %(said)s", code=error.code, said=error.text))
    if isinstance(error, Busy):
        return Refusal(msg("e-Boekhouden is nu te druk. Er is niets verstuurd; probeer het over een minuut opnieuw."))
    return Refusal(
        msg("e-Boekhouden gaf geen bruikbaar antwoord (%(why)s). Probeer het over een paar minuten opnieuw; "
            "er wordt niets dubbel aangemaakt.", why=error.why)
    )  # fmt: skip


def last_run(what: str) -> SyncRun | None:
    """The newest run of `relations` or `articles`, failed or not."""
    return _syncing.last_run(what)


def last_success(what: str) -> SyncRun | None:
    """The newest run of `relations` or `articles` that read something."""
    return _syncing.last_success(what)


def list_(text: str = "", show_vanished: bool = False, after: str = "") -> Page:
    """A page of relations by name. `after` is the id of the last one seen; anything else begins at the start."""
    query = select(Relation).order_by(func.lower(Relation.name), Relation.id).limit(PAGE + 1)
    if not show_vanished:
        query = query.where(Relation.vanished_at.is_(None))
    for word in text.split():
        columns = (Relation.name, Relation.code, Relation.city, Relation.email, Relation.contact, Relation.address,
                   Relation.postcode)  # fmt: skip
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    anchor = get(_as_id(after)) if after else None
    if anchor is not None:
        query = query.where(tuple_(func.lower(Relation.name), Relation.id) > tuple_(func.lower(anchor.name), anchor.id))
    found = db.session.scalars(query).all()
    return Page(tuple(found[:PAGE]), str(found[PAGE - 1].id) if len(found) > PAGE else "")


def _as_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def choices() -> list[tuple[UUID, str]]:
    """(id, label) of all relations that did not vanish, by name, for a select."""
    query = select(Relation.id, Relation.name, Relation.city, Relation.code).where(Relation.vanished_at.is_(None))
    rows = db.session.execute(query.order_by(func.lower(Relation.name), Relation.id))
    return [(row.id, _label(row.name, row.city, row.code)) for row in rows]


def _label(name: str, city: str, code: str | None) -> str:
    place = f"{name}, {city}" if city else name
    return f"{place} ({code})" if code else place


def get(relation_id: UUID) -> Relation | None:
    """One relation with its locations, or None."""
    query = select(Relation).where(Relation.id == relation_id).options(selectinload(Relation.locations))
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def latest_orders(relation_id: UUID, limit: int = 10) -> list[WorkOrder]:
    """The newest work orders of a relation."""
    query = select(WorkOrder).where(WorkOrder.relation_id == relation_id)
    return list(db.session.scalars(query.order_by(WorkOrder.number.desc()).limit(limit)))


def create(actor: Actor, given: RelationInput) -> UUID:
    """Make a relation here. Raises Refusal with the field that is wrong."""
    given = _checked(given)
    with write_transaction() as session:
        row = Relation()
        _fill(session, row, given)
        session.add(row)
        session.flush()
        record(session, actor, "relation.created", "relation", row.id, row.name)
        return row.id


def edit(actor: Actor, relation_id: UUID, given: RelationInput) -> None:
    """Change a relation made here. Raises LookupError, or Refusal with the field that is wrong."""
    given = _checked(given)
    with write_transaction() as session:
        row = locked(session, relation_id)
        if row.remote_id is not None:
            raise Refusal(msg("Deze relatie komt uit e-Boekhouden. Wijzig haar daar en haal de relaties opnieuw op."))
        _fill(session, row, given)
        record(session, actor, "relation.changed", "relation", row.id, row.name)


def save_code(actor: Actor, relation_id: UUID, code: str) -> None:
    """Give a relation without a code the code it has in the bookkeeping. Raises LookupError or Refusal on `code`."""
    code = code.strip()
    if not code:
        raise Refusal(msg("Vul de code in die deze relatie in e-Boekhouden heeft."), "code")
    with write_transaction() as session:
        row = locked(session, relation_id)
        if row.code == code:
            return
        if row.code:
            raise Refusal(msg("Deze relatie heeft al een code: %(code)s.", code=row.code), "code")
        _take_code(session, row, code)
        record(session, actor, "relation.changed", "relation", row.id, row.name)


def save_notes(actor: Actor, relation_id: UUID, notes: str) -> None:
    """Our own notes; a sync never touches them. Raises LookupError."""
    with write_transaction() as session:
        row = locked(session, relation_id)
        if row.notes != notes.strip():
            row.notes = notes.strip()
            record(session, actor, "relation.changed", "relation", row.id, row.name)


def locations_of(relation_id: UUID) -> list[Location]:
    """The work sites of a relation, by name and address."""
    query = select(Location).where(Location.relation_id == relation_id)
    return list(db.session.scalars(query.order_by(Location.name, Location.address, Location.id)))


def locked(session: Session, relation_id: UUID) -> Relation:
    """A relation with its row locked, inside the caller's transaction. Raises LookupError."""
    row = session.scalars(select(Relation).where(Relation.id == relation_id).with_for_update()).one_or_none()
    if row is None:
        raise LookupError(relation_id)
    return row


def _fill(session: Session, row: Relation, given: RelationInput) -> None:
    for name in REMOTE_FIELDS:
        setattr(row, name, getattr(given, name))
    _take_code(session, row, given.code)


def _take_code(session: Session, row: Relation, code: str) -> None:
    if code:
        other = session.scalars(select(Relation).where(Relation.code == code)).one_or_none()
        if other is not None and other is not row:
            raise Refusal(msg("%(name)s heeft code %(code)s al.", name=other.name, code=code), "code")
    row.code = code or None


def _checked(given: RelationInput) -> RelationInput:
    texts = {item.name: getattr(given, item.name) for item in fields(given) if item.name != "is_company"}
    given = replace(given, **{name: text.strip() for name, text in texts.items()})
    if not given.name:
        raise Refusal(msg("Vul een naam in."), "name")
    return replace(
        given,
        postcode=official_numbers.postcode(given.postcode, given.country),
        vat_number=official_numbers.vat_number(given.vat_number),
        coc_number=official_numbers.coc_number(given.coc_number, given.country),
        iban=official_numbers.iban(given.iban),
    )
