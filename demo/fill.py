"""Filling the demo on its first start: everything goes through the services that the screens use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from uuid import UUID

from demo import cast_installatie, story_bouw, story_installatie
from demo.cast_installatie import LOCALS, MECHANIC, OFFICE, OWNER, PLANNER, SITES, SLUG, WORKERS
from demo.play_books import CannotFill, ask, check_own, credentials_of
from demo.story import Entry, Line, Somebody
from domain import vat
from domain.permissions import Actor
from domain.relation import RelationDetails
from services.catalogue import articles, connecting, locations, relations
from services.catalogue.locations import LocationInput
from services.company import details, status, tenants, workers
from services.company.details import CompanyInput
from services.company.workers import WorkerInput
from services.dependencies import Dependencies
from services.invoicing import crediting, in_terms, invoice_settings, missing, press
from services.invoicing.invoice_settings import LineSetting
from services.link import connection
from services.orders import agreement, start, work_orders
from services.orders.work_orders import LineInput, OrderInput
from services.people import authentication, demo_people, joining
from services.support import desk

SUPPORT = Somebody("support@crafter.example", "Karin Smeets", "support")
ALL_ARTICLES = 1000  # more than the play bookkeeping has
LEDGERS = {"article": "8020", "hours": "8000", "material": "8010", "travel": "8020", "text": "8000"}
# what a line is called and costs when the books do not have its article: description, unit, price
SPARE = {
    "article": ("Service en onderhoud", "keer", "95.00"),
    "hours": ("Arbeid", "uur", "60.00"),
    "material": ("Materiaal", "stuk", "12.50"),
    "travel": ("Voorrijkosten", "keer", "35.00"),
    "text": ("Overig", "keer", "0.00"),
}
EXECUTED = frozenset({"done", story_installatie.COLLECTED, *story_installatie.APPROVED})
Say = Callable[[str], None]


@dataclass
class _Company:
    """A tenant being filled: who acts, and what has been made by name."""

    deps: Dependencies
    owner: Actor
    office: Actor
    planner: Actor
    mechanic: Actor
    workers: dict[str, UUID] = field(default_factory=dict)
    relations: dict[str, UUID] = field(default_factory=dict)
    sites: dict[tuple[str, str], UUID] = field(default_factory=dict)
    catalogue: dict[str, articles.Choice] = field(default_factory=dict)
    collected: list[UUID] = field(default_factory=list)


def fill(deps: Dependencies, say: Say = print) -> None:
    """Make both demo companies and the support person; nothing when they are there. Raises CannotFill."""
    if any(row.slug == SLUG for row in desk.list_tenants(SLUG)):
        if not any(person.role is None for person in demo_people.list_()):
            say("De demo is niet helemaal gevuld. Begin opnieuw met: make demo-reset")
        return
    check_own(deps)
    credentials = credentials_of(deps, SLUG)
    say("Demo vullen ...")
    password_hash = authentication.hash_password(demo_people.PASSWORD)
    try:
        _installatie(deps, credentials, password_hash, say)
        tenants.leave()
        _bouw(password_hash)
        tenants.leave()
        joining.add_support(SUPPORT.email, SUPPORT.name, password_hash, is_demo=True)
    finally:
        tenants.leave()
    say("Demo gevuld.")


def _begin(slug: str, name: str, owner: Somebody, others: tuple[Somebody, ...], password_hash: str) -> dict[str, Actor]:
    """A tenant with its people; their actors by e-mail address."""
    tenants.create(slug, name, owner.email, owner.name, is_demo=True)
    maker = tenants.process(slug, "Crafter")
    ids = {
        who.email: joining.add_member(maker, who.email, who.name, who.role, password_hash, is_demo=True)
        for who in (owner, *others)
    }
    return {email: _actor(slug, person_id) for email, person_id in ids.items()}


def _actor(slug: str, person_id: UUID) -> Actor:
    person = authentication.person(person_id)
    actor = tenants.actor_for(slug, person) if person else None
    assert actor is not None
    return actor


def _add_workers(owner: Actor, names: tuple[str, ...], logins: Mapping[str, UUID]) -> dict[str, UUID]:
    return {
        name: workers.create(owner, WorkerInput(name, workers.next_colour(), True, logins.get(name))) for name in names
    }


def _installatie(deps: Dependencies, credentials: Mapping[str, str], password_hash: str, say: Say) -> None:
    actors = _begin(SLUG, cast_installatie.NAME, OWNER, (PLANNER, MECHANIC, OFFICE), password_hash)
    owner = actors[OWNER.email]
    details.save(owner, CompanyInput(**cast_installatie.COMPANY))
    crew = _add_workers(owner, WORKERS, {MECHANIC.name: actors[MECHANIC.email].person_id})
    mechanic = _actor(SLUG, actors[MECHANIC.email].person_id)  # anew, for now they are a worker, too
    here = _Company(deps, owner, actors[OFFICE.email], actors[PLANNER.email], mechanic, crew)
    _connect(here, credentials, say)
    _know_customers(here)
    here.catalogue = {choice.code: choice for choice in articles.find("", ALL_ARTICLES) if choice.code}
    entries = story_installatie.timeline(start.the_day())
    for number, entry in enumerate(entries, 1):
        _live_through(here, entry, say)
        if number % 10 == 0 or number == len(entries):
            say(f"werkbonnen {number}/{len(entries)}")
    status.count_postings(owner.tenant_id)


def _connect(here: _Company, credentials: Mapping[str, str], say: Say) -> None:
    """The link, as its own page does it: switch on, save, start, settle the invoices."""
    connection.switch_feature(here.owner, True)
    codes = credentials["username"], credentials["code1"], credentials["code2"]
    connection.save_credentials(here.deps, here.owner, *codes)
    started = connecting.start(here.deps, here.owner)
    if not started.ok:
        raise CannotFill(f"Verbinden met de oefenomgeving lukte niet: {started.code} {started.text or started.why}")
    say(f"Verbonden met {started.administration}: {started.relations} relaties, {started.articles} artikelen")
    present = invoice_settings.present()
    known = {account.code for account in connection.ledger_accounts()}
    lines = {
        kind: LineSetting(line.code, LEDGERS[kind] if LEDGERS[kind] in known else "8000", line.vat_code)
        for kind, line in present.lines.items()
    }
    given = invoice_settings.InvoiceSettings(
        "Factuursjabloon", 14, True, present.prefix, present.next_number, lines, present.year
    )
    invoice_settings.save(here.owner, given)


def _know_customers(here: _Company) -> None:
    for local in LOCALS:
        relations.create(here.planner, RelationDetails(**asdict(local)))
    page = relations.list_()
    here.relations = {row.name: row.id for row in page.rows}
    while page.next:
        page = relations.list_(after=page.next)
        here.relations |= {row.name: row.id for row in page.rows}
    for name, own in cast_installatie.KEPT_OURSELVES.items():
        if name in here.relations:
            relations.save_own(here.planner, here.relations[name], own)
    for site in SITES:
        relation_id = here.relations.get(site.customer)
        if relation_id is not None:
            place = LocationInput(site.address, site.name, site.postcode, site.city, site.notes)
            here.sites[site.customer, site.name] = locations.create(here.planner, relation_id, place)


def _live_through(here: _Company, entry: Entry, say: Say) -> None:
    """Write an order down and take it as far as the story does."""
    order_id = work_orders.create(here.planner, _typed(here, entry))
    if entry.ending == "cancelled":
        work_orders.move(here.planner, order_id, "cancel")
    own = (
        entry.worker == MECHANIC.name
    )  # the mechanic with a login reports; for the others the planner does, afterwards
    if entry.ending == "started" or (own and entry.ending in EXECUTED):
        work_orders.move(here.mechanic if own else here.planner, order_id, "start")
    if entry.ending in EXECUTED:
        if own:
            work_orders.report(here.mechanic, order_id, entry.note, ())
        work_orders.move(here.mechanic if own else here.planner, order_id, "finish")
    if entry.ending == story_installatie.COLLECTED:
        here.collected.append(order_id)
    if entry.ending == story_installatie.DEPOSIT:
        _bill_a_deposit(here, order_id)
    if entry.ending in story_installatie.APPROVED:
        _approve(here, entry, order_id, say)


def _bill_a_deposit(here: _Company, order_id: UUID) -> None:
    """Agree what the story says, and send the deposit."""
    agreement.agree(here.office, order_id, story_installatie.AGREED)
    pressed = in_terms.send(here.deps, here.office, order_id, 1)
    if pressed.state == "posted" and pressed.posting_id:
        missing.read_back(here.deps, here.office, pressed.posting_id)


def _typed(here: _Company, entry: Entry) -> OrderInput:
    executed = entry.ending in EXECUTED
    # What a job took is known afterwards; before it, only what was agreed stands on the order.
    lines = entry.lines if executed else tuple(line for line in entry.lines if line.kind in {"article", "travel"})
    return OrderInput(
        title=entry.title,
        relation_id=here.relations.get(entry.customer),
        location_id=here.sites.get((entry.customer, entry.site)),
        worker_id=here.workers.get(entry.worker),
        planned_on=entry.on,
        planned_from=entry.at,
        planned_hours=entry.hours,
        executed_on=entry.on if executed else None,
        customer_order_number=entry.order_number,
        description=entry.asked,
        work_done=entry.note if executed and entry.worker != MECHANIC.name else "",
        office_note=entry.reason if entry.ending == "cancelled" else entry.office_note,
        lines=tuple(_line(here.catalogue, line) for line in lines),
    )


def _line(catalogue: Mapping[str, articles.Choice], line: Line) -> LineInput:
    """A line with what its article gives, or with plain words when the books do not have that article."""
    spare_description, spare_unit, spare_price = SPARE[line.kind]
    known = catalogue.get(line.code)
    price = line.price if line.price is not None else (known.price if known else None)
    vat_code = line.vat if line.vat is not None else (known.vat_code if known else vat.HIGH)
    return LineInput(
        kind=line.kind,
        description=line.description or (known.description if known else spare_description),
        quantity=line.quantity,
        unit=known.unit if known else spare_unit,
        price=price if price is not None else Decimal(spare_price),
        vat_code=vat_code,
        ledger_code=known.ledger_code if known else "",
        code=known.code if known else "",
        article_id=known.id if known else None,
    )


def _approve(here: _Company, entry: Entry, order_id: UUID, say: Say) -> None:
    """Gecontroleerd, with the trouble that the story wants made for real."""
    if entry.ending == "not_billable":
        work_orders.set_billable(here.office, order_id, entry.reason)
    if entry.ending == "not_linked":
        connection.switch_feature(here.owner, False)
    if entry.ending == "not_sent":
        rule = {"kind": "limit_reached"}  # of their calls, once
        ask(here.deps, "PUT", f"{SLUG}/mischief", [rule])
    try:
        pressed = _press_together(here, order_id) if entry.ending == "together" else _press(here, order_id)
    finally:
        if entry.ending == "not_linked":
            connection.switch_feature(here.owner, True)
        if entry.ending == "not_sent":
            ask(here.deps, "PUT", f"{SLUG}/mischief", [])
    # a slow machine; a certain no may be sent again
    if pressed.state == "not_sent" and entry.ending in {"posted", "credited"}:
        pressed = press.send(here.deps, here.office, order_id)
    if entry.ending == "credited" and pressed.state == "posted":
        credit = crediting.credit_order(here.deps, here.office, order_id, entry.reason)
        for posting_id in filter(None, (pressed.posting_id, credit.posting_id)):
            missing.read_back(here.deps, here.office, posting_id)
        work_orders.move(here.office, order_id, "reopen")
        pressed = press.approve(here.deps, here.office, order_id)
    if pressed.state == "posted" and pressed.posting_id:
        missing.read_back(here.deps, here.office, pressed.posting_id)
    if pressed.state != ("posted" if entry.ending in {"credited", "together"} else entry.ending):
        say(f"Werkbon {entry.title}: factuur is {pressed.state} in plaats van {entry.ending}")


def _press(here: _Company, order_id: UUID) -> press.Pressed:
    """The press, by somebody who says yes to what is asked."""
    try:
        return press.approve(here.deps, here.office, order_id)
    except press.Asked as asked:
        yes = [question.answer for question in asked.questions]
        return press.approve(here.deps, here.office, order_id, yes=yes)


def _press_together(here: _Company, order_id: UUID) -> press.Pressed:
    """One invoice for an order and for those that wait for it."""
    orders = [work_orders.get(here.office, one) for one in (*here.collected, order_id)]
    return press.approve_together(here.deps, here.office, {one.id: one.version for one in orders if one is not None})


def _bouw(password_hash: str) -> None:
    """A company that has just begun: no link, no company data, a few things of its own."""
    actors = _begin(story_bouw.SLUG, story_bouw.NAME, story_bouw.OWNER, (), password_hash)
    owner = actors[story_bouw.OWNER.email]
    _add_workers(owner, (story_bouw.WORKER,), {})
    customers = {who.name: relations.create(owner, RelationDetails(**asdict(who))) for who in story_bouw.CUSTOMERS}
    for draft in story_bouw.DRAFTS:
        lines = tuple(_line({}, line) for line in draft.lines)
        given = OrderInput(
            title=draft.title, relation_id=customers[draft.customer], description=draft.asked, lines=lines
        )
        work_orders.create(owner, given)
