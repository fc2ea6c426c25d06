"""The small fixed cast: one person per role at Vos, support, and the neighbours at Buur."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID, uuid4

from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from domain.notes import note
from domain.permissions import OFFICE, OWNER, PLANNER, READER, WORKER, Actor
from domain.reconciliation import Cause, How, Kind, Stand
from models import (
    Article,
    BulkItem,
    BulkJob,
    LedgerAccount,
    Location,
    Membership,
    Person,
    Reconciliation,
    ReconciliationFinding,
    Relation,
    Token,
    Worker,
    WorkOrder,
)
from services.company import tenants
from services.dependencies import Dependencies
from services.orders import work_orders
from services.orders.work_orders import LineInput, OrderInput
from services.people import authentication, login_sessions
from services.transaction import write_transaction
from tenancy.clock import day_of
from tenancy.database import db

PASSWORD = "een lang wachtwoord voor de test"
ROLES = (OWNER, OFFICE, PLANNER, WORKER, READER)
EMAILS = {role: f"{role}@vos.example" for role in ROLES} | {
    "support": "support@crafter.example",
    "neighbour": "owner@buur.example",
}
EMAILS |= {f"neighbour_{role}": f"{role}@buur.example" for role in ROLES[1:]}


def numbered(serial: int, prefix: str = "") -> str:
    """The number that an order (or with a prefix an invoice) of this year has: `2026-0001` in 2026. The cast's own
    order is of the year in which it was made, which may be over by now: `Place.order_number`."""
    return f"{prefix}{day_of(datetime.now(UTC)).year}-{serial:04d}"


@dataclass(frozen=True)
class Place:
    """One tenant's twin data: the ids the tests press on."""

    slug: str
    tenant_id: int
    relation_id: UUID
    location_id: UUID
    article_id: UUID
    worker_id: UUID
    order_id: UUID
    job_id: UUID
    person_id: UUID
    invitation_id: UUID
    finding_id: UUID
    order_number: str


def line(**changes: object) -> LineInput:
    """A line of two hours at 62,50 with 21 % VAT."""
    given = {
        "kind": "hours", "description": "Arbeid monteur", "quantity": Decimal(2), "unit": "uur",
        "price": Decimal("62.50"),
        "vat_code": "high", "ledger_code": "8000", "code": "ARBEID",
    } | changes  # fmt: skip
    return LineInput(**given)  # type: ignore[arg-type]


def add_people(hashed: str) -> None:
    """Support, and everybody of Vos besides the owner."""
    now = datetime.now(UTC)
    with write_transaction() as session:
        session.add(
            Person(email=EMAILS["support"], name="Sam Steun", password_hash=hashed, is_support=True, created_at=now)
        )


def build(slug: str, name: str, hashed: str, roles: tuple[str, ...], sign: str) -> Place:
    """A tenant with people, a customer, a work site, an article, a worker and one executed order."""
    tenant_id, _token = tenants.create(slug, name, f"owner@{slug}.example", owner_name=f"Eigenaar {name}")
    now = datetime.now(UTC)
    with write_transaction() as session:
        owner = session.scalars(select(Person).where(Person.email == f"owner@{slug}.example")).one()
        owner.password_hash = hashed
        people = {}
        for role in roles:
            person = Person(
                email=f"{role}@{slug}.example", name=f"{role.capitalize()} {name}", password_hash=hashed, created_at=now
            )
            session.add(person)
            session.flush()
            session.add(Membership(tenant_id=tenant_id, person_id=person.id, role=role))
            people[role] = person.id
        relation = Relation(
            code="1001", name=f"Familie {name}", address="Dorpsstraat 1", postcode="1234 AB", city="Waterveen",
            seen_there_at=now,
        )  # fmt: skip
        worker = Worker(name=f"Wim {name}", person_id=people.get(WORKER))
        article = Article(code="40118", description="Expansievat 18 liter", price=Decimal("68.40"),
                          vat_code="high",
                          ledger_code="8000")  # fmt: skip
        session.add_all(
            [relation, worker, article, LedgerAccount(code="8000", description="Omzet", category="profit_and_loss")]
        )
        session.flush()
        location = Location(relation_id=relation.id, name="Thuis", address="Dorpsstraat 1", city="Waterveen")
        session.add(location)
        session.flush()
        ids = relation.id, location.id, article.id, worker.id
        person_id = people.get(WORKER, owner.id)
    actor = process(slug)
    order_id = make_order(actor, ids[0], location_id=ids[1], worker_id=ids[3], title=f"Onderhoud {sign}")
    job_id = finished_job(actor, order_id)
    finding_id = settled_finding()
    number = db.session.scalars(select(WorkOrder.number).where(WorkOrder.id == order_id)).one()
    tenants.leave()
    invitation_id = waiting_invitation(slug, tenant_id)
    return Place(slug, tenant_id, *ids, order_id, job_id, person_id, invitation_id, finding_id, number)


def waiting_invitation(slug: str, tenant_id: int) -> UUID:
    """Somebody who was invited and did not answer yet; the link in the mail ends in `invited-<slug>`."""
    now = datetime.now(UTC)
    with write_transaction() as session:
        row = Token(
            key=authentication.token_key(f"invited-{slug}"), purpose="invitation", id=uuid4(), tenant_id=tenant_id,
            email=f"nieuw@{slug}.example", role=PLANNER, created_at=now, expires_at=now + timedelta(days=7),
        )  # fmt: skip
        session.add(row)
        return row.id


def finished_job(actor: Actor, order_id: UUID) -> UUID:
    """A bulk job that was stopped before it came to its one order."""
    with write_transaction() as session:
        now = datetime.now(UTC)
        job = BulkJob(state="stopped", started_at=now, started_by_id=actor.person_id, started_by="Test", ended_at=now,
                      reason=note("bulk.stopped_by", who="Test"), size=1, excl=Decimal(125))  # fmt: skip
        session.add(job)
        session.flush()
        session.add(BulkItem(job_id=job.id, order_id=order_id, position=1, order_version=1, state="waiting"))
        return job.id


def settled_finding() -> UUID:
    """An invoice that once was changed over there, and is equal again; the run that found it ended without a result."""
    with write_transaction() as session:
        at = datetime(2026, 1, 2, tzinfo=UTC)
        run = Reconciliation(cause=Cause.NIGHT, by="Test", first=at.date(), last=at.date(), started_at=at,
                             finished_at=at, link_version=1, day=at.date(), error=note("link.inactive"))  # fmt: skip
        session.add(run)
        session.flush()
        found = ReconciliationFinding(
            run_id=run.id, number="WB2025-0999", kind=Kind.CHANGED, day=at.date(), since=at, seen_at=at,
            state=Stand.SETTLED, how=How.EQUAL, settled_at=at, by="Test",
        )  # fmt: skip
        session.add(found)
        session.flush()
        return found.id


def process(slug: str) -> Actor:
    """An actor with full rights in a tenant; enters it."""
    tenants.leave()
    return tenants.process(slug, "Test")


def make_order(
    actor: Actor,
    relation_id: UUID | None,
    state: str = "done",
    lines: tuple[LineInput, ...] | None = None,
    **fields: object,
) -> UUID:
    """An order in a state that needs no invoice."""
    given = {"title": "Onderhoud", "executed_on": date(2026, 11, 18)} | fields
    given.setdefault("yes", (f"day:{given['executed_on']}",))  # so that a year later nothing is asked about it
    order_id = work_orders.create(
        actor,
        OrderInput(relation_id=relation_id, lines=(line(),) if lines is None else lines, **given),  # type: ignore[arg-type]
    )
    for verb in {"done": ("finish",), "cancelled": ("cancel",)}.get(state, ()):
        work_orders.move(actor, order_id, verb)
    return order_id


def connect(deps: Dependencies, slug: str, account: dict[str, str]) -> None:
    """Switch the link on and start it for real."""
    from services.catalogue import connecting
    from services.link import connection

    actor = process(slug)
    connection.switch_feature(actor, True)
    connection.save_credentials(deps, actor, account["username"], account["code1"], account["code2"])
    started = connecting.start(deps, actor)
    assert started.ok, started
    tenants.leave()


def cookie_for(email: str, secret_key: str) -> SimpleNamespace:
    """A logged-in session made the way logging in makes it: the cookie's token and a CSRF token that fits it."""
    tenants.leave()
    from tenancy.database import db

    person = db.session.scalars(select(Person).where(Person.email == email)).one()
    raw = hashlib.sha1(email.encode()).hexdigest()
    token = login_sessions.new_token()
    data = {"_user_id": str(person.id), "_fresh": True, "csrf_token": raw, "fresh_at": int(time.time())}
    login_sessions.save(token, data, new=True)
    tenants.leave()
    signed = URLSafeTimedSerializer(secret_key, salt="wtf-csrf-token").dumps(raw)
    return SimpleNamespace(token=token, csrf=signed, person_id=person.id)


def hashed_password() -> str:
    """The cast's password, hashed once a run."""
    return authentication.hash_password(PASSWORD)
