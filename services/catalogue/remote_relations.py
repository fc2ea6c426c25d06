"""Relations in the bookkeeping itself: fetched one by one, made there, and changed there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.limits import field_note
from domain.message import Message, Refusal, msg
from domain.outcome import Problem
from domain.permissions import Actor
from domain.relation import LED_THERE, RelationDetails
from domain.same_customer import fingerprint
from gateways.bookkeeping import (
    BookkeepingError,
    Busy,
    Credentials,
    Declined,
    Overtaken,
    RemoteRelation,
    Unfit,
    Unreachable,
)
from models import Relation
from oversight.audit_trail import record
from services.catalogue import lookalikes
from services.catalogue.lookalikes import Lookalike
from services.catalogue.relations import KIND, checked, get, locked
from services.dependencies import Dependencies
from services.link import connection
from services.link.merging import merge
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now
from tenancy.database import db

_MOST_CODES = 5


def fetch(deps: Dependencies, actor: Actor, code: str) -> UUID:
    """Read the one relation with this code, as for one that a list too long did not show; its id here.

    Raises Refusal when it is not there, or when they cannot be asked.
    """
    code = code.strip()
    if not code:
        raise Refusal(msg("Vul de code in die de relatie in e-Boekhouden heeft."), "code")
    credentials = _link(deps)
    stop_reading()
    try:
        found = deps.bookkeeping.relation(credentials, code)
    except BookkeepingError as error:
        raise _no(deps, actor, credentials, error) from None
    if found is None:
        raise Refusal(msg("e-Boekhouden heeft geen relatie met code %(code)s.", code=code), "code")
    with write_transaction() as session:
        link = connection.still(session, credentials)
        merge(session, KIND, found, database_now(session), link.administration_number)
        row = session.scalars(select(Relation).where(Relation.remote_id == found.remote_id)).one()
        record(session, actor, "relation.fetched", "relation", row.id, row.name)
        return row.id


class LooksLike(Refusal):
    """There are customers that look like the one that was to be made; nothing was sent."""

    def __init__(self, found: Sequence[Lookalike]) -> None:
        names = ", ".join(one.name for one in found)
        super().__init__(
            msg("Niet aangemaakt, want er is al een relatie die hierop lijkt: %(names)s. Gebruik die, of zeg hieronder "
                "dat u een nieuwe wilt.", names=names)
        )  # fmt: skip


def create_remote(deps: Dependencies, actor: Actor, relation_id: UUID, anyway: bool = False) -> str:
    """Make a relation of ours in the bookkeeping, under its own code or else the next free one; that code.

    Raises LookupError, or Refusal with the field that is wrong; LooksLike when others look like it and nobody said
    `anyway`. The code, and as what it is sent, are written down before the call: where no answer came they stay, so
    that the next press or the next sync recognises the relation instead of making another, also after a correction.
    """
    credentials = _link(deps)
    if not anyway:
        _nothing_like_it(relation_id)
    tried: set[str] = set()
    while True:
        new, own_code, sent_as = _ready_to_make(actor, relation_id, tried)
        stop_reading()
        try:
            found = _make_there(deps, credentials, new, sent_as)
        except BookkeepingError as error:
            if not (isinstance(error, Unreachable) and error.may_have_arrived) and not own_code:
                _take_back(actor, relation_id, new.code)
            raise _no(deps, actor, credentials, error) from None
        if found is not None:
            break
        tried.add(new.code)
        if own_code or len(tried) == _MOST_CODES:
            if not own_code:
                _take_back(actor, relation_id, new.code)
            said = msg("Code %(code)s is in e-Boekhouden al van een andere relatie.", code=new.code)
            raise Refusal(said, "code")
    with write_transaction() as session:
        link = connection.still(session, credentials)
        row = locked(session, relation_id)
        row.remote_id, row.synced_at, row.sent_as = found.remote_id, database_now(session), ""
        row.administration = link.administration_number
        record(session, actor, "relation.made_there", "relation", row.id, row.name, code=new.code)
    if found.before is not None:
        _bring_over(deps, actor, credentials, new, found.before)
    return new.code


def _nothing_like_it(relation_id: UUID) -> None:
    """Raises LookupError, or LooksLike. Who was sent before may be there already and is only to be recognised."""
    row = get(relation_id)
    if row is None:
        raise LookupError(relation_id)
    alike = lookalikes.of(row) if row.remote_id is None and not row.sent_as else []
    if alike:
        raise LooksLike(alike)


def _bring_over(
    deps: Dependencies, actor: Actor, credentials: Credentials, new: RelationDetails, there: RemoteRelation
) -> None:
    """What was corrected here since the call of which no answer came goes there too. Raises Refusal when it does not:
    then ours is as theirs, and it is said."""
    was = {name: getattr(there, name) for name in LED_THERE if getattr(there, name) != getattr(new, name)}
    stop_reading()
    try:
        _change_there(deps, credentials, there.remote_id, new.code, {name: getattr(new, name) for name in was}, was)
    except BookkeepingError as error:
        connection.note_trouble(actor, credentials, error)
        _take_over(credentials, there)
        raise Refusal(
            msg("Deze relatie staat in e-Boekhouden zoals zij eerst was verstuurd. Wat u daarna wijzigde is daar niet "
                "aangekomen en staat ook hier niet meer (%(fields)s). Wijzig het opnieuw.",
                fields=[field_note(name) for name in was])
        ) from None  # fmt: skip


def _ready_to_make(actor: Actor, relation_id: UUID, tried: set[str]) -> tuple[RelationDetails, bool, frozenset[str]]:
    """The relation as it will be sent, written down with its code; whether a person chose that code; and as what it
    was sent before, and now."""
    with write_transaction() as session:
        connection.locked(session)
        row = locked(session, relation_id)
        if row.remote_id is not None:
            raise Refusal(msg("Deze relatie staat al in e-Boekhouden."))
        own_code = bool(row.code) and row.code not in tried
        if not own_code:
            row.code = _next_code(session, tried)
        new = checked(as_typed(row))
        sent_as = frozenset({*row.sent_as.splitlines(), fingerprint(new)})
        row.sent_as = "\n".join(sorted(sent_as))
        return new, own_code, sent_as


def _next_code(session: Session, tried: set[str]) -> str:
    """The number after the highest code that is one, as wide as that."""
    codes = session.scalars(select(Relation.code).where(Relation.code.is_not(None)))
    numbers = {code for code in [*codes, *tried] if code and code.isascii() and code.isdecimal() and len(code) < 12}
    highest = max(numbers, key=int, default="1000")
    return f"{int(highest) + 1:0{len(highest)}d}"


@dataclass(frozen=True)
class _Made:
    """The id over there; `before` is how it stands there, when that is how it was sent before it was corrected."""

    remote_id: int
    before: RemoteRelation | None = None


def _make_there(
    deps: Dependencies, credentials: Credentials, new: RelationDetails, sent_as: Collection[str]
) -> _Made | None:
    """None when the code is another one's. A relation that an earlier press made is ours."""
    try:
        return _Made(deps.bookkeeping.add_relation(credentials, new))
    except Declined as declined:
        if declined.problem is not Problem.CODE_TAKEN:
            raise
    there = deps.bookkeeping.relation(credentials, new.code)
    if there is None or fingerprint(there) not in sent_as or _is_known(there.remote_id):
        return None
    return _Made(there.remote_id, None if fingerprint(there) == fingerprint(new) else there)


def _is_known(remote_id: int) -> bool:
    """Whether a customer of ours has this id: then one that is only called the same is not that one."""
    known = db.session.scalars(select(Relation.id).where(Relation.remote_id == remote_id)).first()
    stop_reading()
    return known is not None


def _take_back(actor: Actor, relation_id: UUID, code: str) -> None:
    """A code that was made up for a relation that certainly was not made."""
    with write_transaction() as session:
        connection.locked(session)
        row = locked(session, relation_id)
        if row.code == code and row.remote_id is None:
            row.code, row.sent_as = None, ""


class Moved(Refusal):
    """Fields that were typed have another value over there by now; ours follow it. `told` says so, by field."""

    def __init__(self, told: dict[str, Message]) -> None:
        name, message = next(iter(told.items()))
        super().__init__(message, name)
        self.told = told


def as_typed(row: Relation) -> RelationDetails:
    """A relation as it would be typed."""
    return RelationDetails(code=row.code or "", **{name: getattr(row, name) for name in LED_THERE})


def edit_remote(
    deps: Dependencies, actor: Actor, relation_id: UUID, typed: RelationDetails, seen: RelationDetails
) -> tuple[str, ...]:
    """Change a relation in the bookkeeping, and here once it is changed there; the names of the fields that changed.

    Only what was typed otherwise than it was `seen` goes out; codes stay. Nothing is changed here when they refuse or
    do not answer: raises LookupError, Refusal (with the field, where there is one), or Moved.
    """
    sound = checked(typed, seen)
    was = {name: getattr(seen, name) for name in LED_THERE if getattr(seen, name) != getattr(sound, name)}
    changes = {name: getattr(sound, name) for name in was}
    credentials = _link(deps)
    remote_id, code = _there(relation_id)
    if not changes:
        return ()
    stop_reading()
    try:
        _change_there(deps, credentials, remote_id, code, changes, was)
    except Overtaken as overtaken:
        _take_over(credentials, overtaken.there)
        raise Moved({name: _moved(name, overtaken.there) for name in overtaken.fields}) from None
    except Unreachable as error:
        raise _unchanged(error) from None
    except BookkeepingError as error:
        raise _no(deps, actor, credentials, error) from None
    with write_transaction() as session:
        connection.still(session, credentials)
        row = locked(session, relation_id)
        for name, value in changes.items():
            setattr(row, name, value)
        row.synced_at = database_now(session)
        fields = [field_note(name) for name in changes]
        record(session, actor, "relation.changed_there", "relation", row.id, row.name, fields=fields)
    return tuple(changes)


def _there(relation_id: UUID) -> tuple[int, str]:
    """Its id and code in the bookkeeping. Raises LookupError, or Refusal when it is not there."""
    row = get(relation_id)
    if row is None:
        raise LookupError(relation_id)
    if row.remote_id is None:
        raise Refusal(msg("Deze relatie staat nog niet in e-Boekhouden."))
    return row.remote_id, row.code or ""


def _change_there(
    deps: Dependencies,
    credentials: Credentials,
    remote_id: int,
    code: str,
    changes: Mapping[str, str | bool],
    was: Mapping[str, str | bool],
) -> None:
    """Returns when it is certain that they have it. Raises BookkeepingError."""
    try:
        deps.bookkeeping.update_relation(credentials, remote_id, changes, was)
    except Unreachable as lost:
        if not lost.may_have_arrived or not _arrived(deps, credentials, remote_id, code, changes):
            raise


def _arrived(
    deps: Dependencies, credentials: Credentials, remote_id: int, code: str, changes: Mapping[str, str | bool]
) -> bool:
    """Whether the relation, read back, has these values; no when it cannot be read."""
    try:
        there = deps.bookkeeping.relation(credentials, code) if code else None
    except BookkeepingError:
        return False
    if there is None or there.remote_id != remote_id:
        return False
    return all(getattr(there, name) == value for name, value in changes.items())


def _take_over(credentials: Credentials, there: RemoteRelation) -> None:
    """Our copy as it stands over there now, as a sync would make it."""
    with write_transaction() as session:
        link = connection.still(session, credentials)
        merge(session, KIND, there, database_now(session), link.administration_number)


def _moved(name: str, there: RemoteRelation) -> Message:
    value = getattr(there, name)
    if isinstance(value, bool):
        value = "zakelijk" if value else "particulier"
    return msg("In e-Boekhouden staat hier intussen ‘%(value)s’. Sla nog eens op om dat te vervangen.", value=value)


def _unchanged(error: Unreachable) -> Refusal:
    if error.may_have_arrived:
        return Refusal(
            msg("Het is niet zeker of e-Boekhouden de wijziging heeft: het antwoord bleef uit (%(why)s). In Crafter "
                "is niets gewijzigd. Wat u typte staat hier nog; sla over een paar minuten opnieuw op. Dat kan geen "
                "kwaad, ook als de wijziging daar toch is aangekomen.", why=error.why)
        )  # fmt: skip
    return Refusal(
        msg("Niet gewijzigd, hier niet en in e-Boekhouden niet: daar kwam geen bruikbaar antwoord (%(why)s). Dat "
            "gebeurt bij onderhoud daar en bij een haperende internetverbinding. Wat u typte staat hier nog; sla over "
            "een paar minuten opnieuw op.", why=error.why)
    )  # fmt: skip


def _link(deps: Dependencies) -> Credentials:
    credentials = connection.active_credentials(deps)
    if credentials is None:
        raise Refusal(msg("De koppeling met e-Boekhouden is niet actief. Er is niets opgehaald of verstuurd."))
    return credentials


def _no(deps: Dependencies, actor: Actor, credentials: Credentials, error: BookkeepingError) -> Refusal:
    """What a person is told of a call that did not succeed."""
    connection.note_trouble(actor, credentials, error)
    if isinstance(error, Unfit):
        return Refusal(msg("Dit past niet in e-Boekhouden: %(why)s.", why=error.why), error.field or None)
    told = deps.bookkeeping.explain(error.code) if error.code else None
    if told is not None:
        field = told.field or ("code" if told.mend == "relation_code" else None)
        return Refusal(msg("%(what)s %(now)s (%(code)s)", what=told.what, now=told.now, code=error.code), field)
    if error.code:
        return Refusal(msg("e-Boekhouden weigerde dit met code %(code)s: %(said)s", code=error.code, said=error.text))
    if isinstance(error, Declined):
        return Refusal(
            msg("Deze relatie staat niet meer in e-Boekhouden. Zet haar daar terug, of haal de relaties opnieuw op.")
        )
    if isinstance(error, Busy):
        return Refusal(msg("e-Boekhouden is nu te druk. Er is niets verstuurd; probeer het over een minuut opnieuw."))
    return Refusal(
        msg("e-Boekhouden gaf geen bruikbaar antwoord (%(why)s). Probeer het over een paar minuten opnieuw; "
            "er wordt niets dubbel aangemaakt.", why=error.why)
    )  # fmt: skip
