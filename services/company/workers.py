"""Workers (medewerkers): who does the work, their colour on the planning, and their login. Nobody is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.meanwhile import Opened
from domain.message import N_, Refusal, msg
from domain.permissions import Actor
from domain.visible import bare
from models import Membership, Person, Worker
from oversight.audit_trail import record
from services import meanwhile
from services.transaction import write_transaction
from tenancy.database import db

# Names of tokens in the stylesheet (`.swatch-<name>`) with their Dutch words. Violet and yellow are left out on
# purpose: they mean "onzeker" and "meekijken" and nothing else.
COLOURS = {
    "petrol": N_("petrol"),
    "ocean": N_("blauw"),
    "moss": N_("groen"),
    "ochre": N_("oker"),
    "clay": N_("terra"),
    "rose": N_("roze"),
    "brown": N_("bruin"),
    "slate": N_("grijs"),
}


SEE_TEAM = "team:read"  # who may see who is in the team; support never, while looking or acting


@dataclass(frozen=True)
class WorkerInput:
    """A worker as typed; `person_id` is the member who logs in as this worker, if any. It stays what it was when
    somebody writes who may not see the team."""

    name: str
    colour: str = "petrol"
    active: bool = True
    person_id: UUID | None = None


@dataclass(frozen=True)
class Login:
    """A member of the tenant who can be tied to a worker."""

    person_id: UUID
    name: str
    email: str
    role: str


def list_(actor: Actor) -> list[tuple[Worker, str]]:
    """All workers with the e-mail address they log in with (or an empty text, also for who may not see the team):
    active ones first, by name."""
    known = actor.may(SEE_TEAM)
    query = select(Worker, Person.email).outerjoin(Person, Person.id == Worker.person_id)
    rows = db.session.execute(query.order_by(Worker.active.desc(), Worker.sort_name, Worker.id))
    return [(worker, (email or "") if known else "") for worker, email in rows]


def get(worker_id: UUID) -> Worker:
    """One worker. Raises LookupError when it is not there."""
    return _found(db.session(), worker_id)


def of_person(person_id: UUID) -> UUID | None:
    """The worker as whom somebody logs in, or None."""
    return db.session.scalar(select(Worker.id).where(Worker.person_id == person_id))


def next_colour() -> str:
    """The colour that is used least, for the next worker."""
    used = list(db.session.scalars(select(Worker.colour)))
    return min(COLOURS, key=used.count)


def logins(actor: Actor, worker_id: UUID | None = None) -> list[Login]:
    """The members of this tenant who are tied to no worker yet, and the one tied to this worker, by name; nobody for
    who may not see the team."""
    if not actor.may(SEE_TEAM):
        return []
    taken = select(Worker.person_id).where(Worker.person_id.is_not(None))
    if worker_id is not None:
        taken = taken.where(Worker.id != worker_id)
    query = (
        select(Person.id, Person.name, Person.email, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.tenant_id == actor.tenant_id, Person.id.not_in(taken))
        .order_by(Person.sort_name, Person.id)
    )
    return [Login(*row) for row in db.session.execute(query)]


def create(actor: Actor, typed: WorkerInput) -> UUID:
    """Add a worker. Raises Refusal with the field that is wrong."""
    with write_transaction() as session:
        worker = Worker()
        _fill(session, actor, worker, typed)
        session.add(worker)
        session.flush()
        record(session, actor, "worker.created", "worker", worker.id, worker.name)
        return worker.id


def stands(worker: Worker) -> WorkerInput:
    """A worker as the form is filled in."""
    return WorkerInput(worker.name, worker.colour, worker.active, worker.person_id)


def edit(actor: Actor, worker_id: UUID, typed: WorkerInput, opened: Opened | None = None) -> bool:
    """Change a worker, whose form was opened on `opened`. False when nothing changed. Raises LookupError, or Refusal
    with the field that is wrong."""
    with write_transaction() as session:
        worker = _found(session, worker_id, lock=True)
        before = stands(worker)
        typed = meanwhile.settle(session, opened, typed, before, worker.id, "worker.changed")
        _fill(session, actor, worker, typed)
        changed = stands(worker) != before
        if changed:
            record(session, actor, "worker.changed", "worker", worker.id, worker.name)
    return changed


def _found(session: Session, worker_id: UUID, lock: bool = False) -> Worker:
    query = select(Worker).where(Worker.id == worker_id)
    worker = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if worker is None:
        raise LookupError(worker_id)
    return worker


def _fill(session: Session, actor: Actor, worker: Worker, typed: WorkerInput) -> None:
    name = bare(typed.name)
    if not name:
        raise Refusal(msg("Vul de naam van de medewerker in."), "name")
    same_name = session.scalar(select(Worker.id).where(Worker.name == name))
    if same_name is not None and same_name != worker.id:
        raise Refusal(msg("Er is al een medewerker met de naam %(name)s.", name=name), "name")
    if typed.colour not in COLOURS and typed.colour != worker.colour:
        raise Refusal(msg("Kies een kleur uit de lijst."), "colour")
    login = typed.person_id if actor.may(SEE_TEAM) else worker.person_id
    if (
        login is not None
        and login != worker.person_id
        and login not in {login.person_id for login in logins(actor, worker.id)}
    ):
        raise Refusal(msg("Deze login hoort niet bij uw bedrijf of is al van een andere medewerker."), "person_id")
    worker.name, worker.colour, worker.active, worker.person_id = name, typed.colour, typed.active, login
