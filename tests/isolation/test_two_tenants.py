"""Two tenants work at random on twin data, now and then with an id of the other: each sees exactly its own model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import selectinload

from domain.message import Refusal
from domain.permissions import Actor
from domain.relation import RelationDetails
from domain.work_order import DRAFT, PLANNED, STARTED, transition
from models import AuditEntry, Relation, WorkOrder
from services.catalogue import locations, relations
from services.company import tenants, workers
from services.orders import choices, listing, visits, work_orders
from tenancy import fence
from tenancy.database import db
from tenancy.fence import FencedSession, ForeignRow, NoTenant
from tests.support.cast import process

SLUGS = ("vos", "buur")
VERBS = ("finish", "resume", "cancel", "revive")
TITLES = ("Lekkage", "Onderhoud ketel")
DAY = date(2026, 11, 23)
# (who, what, two ids to pick by number out of those of both tenants, a number for all other choices)
STEPS = st.tuples(
    st.sampled_from(SLUGS),
    st.sampled_from(("relation", "note", "location", "remove", "worker", "order", "order", "move", "move", "plan")),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 5),
)


@dataclass
class Model:
    """What one tenant has, as plain values."""

    relations: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    locations: dict[UUID, tuple[UUID, str]] = field(default_factory=dict)
    workers: dict[UUID, str] = field(default_factory=dict)
    orders: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def ids(self) -> set[UUID]:
        """The ids of everything it has."""
        return {*self.relations, *self.locations, *self.workers, *self.orders}


def seen(actor: Actor) -> Model:
    """What a tenant sees through the services, asked in more than one way."""
    db.session.rollback()
    found = Model()
    query = select(Relation).options(selectinload(Relation.locations))
    for row in db.session.scalars(query):
        found.relations[row.id] = row.name, row.notes
        found.locations |= {place.id: (row.id, place.address) for place in row.locations}
    found.workers = {row.id: row.name for row, _email in workers.list_(actor)}
    for row in visits.load(db.session(), db.session.scalars(select(WorkOrder)).all()):
        found.orders[row.id] = {
            "title": row.title, "state": row.state, "relation": row.relation_id, "worker": row.worker_id,
        }  # fmt: skip
    for title in TITLES:
        listed = listing.list_(actor, listing.Filter(text=title)).rows
        assert {one.id for one in listed} == {
            order_id for order_id, order in found.orders.items() if order["title"] == title
        }
    assert {row.id for row in relations.list_("klant").rows} == {
        relation_id for relation_id, (name, _notes) in found.relations.items() if name == "Klant"
    }
    assert {hit.id for hit in choices.customers().hits} == found.relations.keys()
    return found


@dataclass(frozen=True)
class Step:
    """What a tenant tries: the rows it names, whether its own rules allow it, how it is done and then remembered."""

    names: set[UUID]
    act: Callable[[], Any]
    remember: Callable[[Any], object]
    legal: bool = True


class House:
    """Both tenants with their models; `do` carries out one step and compares."""

    def __init__(self) -> None:
        self.models = {slug: seen(process(slug)) for slug in SLUGS}
        assert not self.models["vos"].ids() & self.models["buur"].ids()
        named = {place for slug in SLUGS for place in self._named(slug)}
        self.removable = {place for model in self.models.values() for place in model.locations} - named
        self.done = self.refused = 0

    def _named(self, slug: str) -> set[UUID | None]:
        process(slug)
        return set(db.session.scalars(select(WorkOrder.location_id)))

    def do(self, slug: str, what: str, first: int, second: int, other: int) -> None:
        """One step of one tenant: done when all rows are theirs and the rules allow it, else refused."""
        actor, mine = process(slug), self.models[slug]
        step: Step = getattr(self, f"_{what}")(actor, mine, first, second, other)
        expected = step.legal and step.names <= mine.ids()
        try:
            result, done = step.act(), True
        except (Refusal, LookupError):
            result, done = None, False
        assert done == expected, (slug, what)
        if done:
            step.remember(result)
        self.done, self.refused = self.done + done, self.refused + (not done)
        self.compare()

    def _relation(self, actor: Actor, mine: Model, *_: int) -> Step:
        return Step(
            set(),
            lambda: relations.create(actor, RelationDetails("Klant")),
            lambda made: mine.relations.update({made: ("Klant", "")}),
        )

    def _note(self, actor: Actor, mine: Model, first: int, _second: int, other: int) -> Step:
        row_id, notes = self._pick("relations", first), f"sleutel {other}"
        return Step(
            {row_id},
            lambda: relations.save_own(actor, row_id, relations.Own(notes)),
            lambda _: mine.relations.update({row_id: (mine.relations[row_id][0], notes)}),
        )

    def _location(self, actor: Actor, mine: Model, first: int, _second: int, other: int) -> Step:
        row_id, address = self._pick("relations", first), f"Dorpsstraat {other}"

        def remember(made: UUID) -> None:
            mine.locations[made] = row_id, address
            self.removable.add(made)

        return Step({row_id}, lambda: locations.create(actor, row_id, locations.LocationInput(address)), remember)

    def _remove(self, actor: Actor, mine: Model, first: int, *_: int) -> Step:
        place = self._pick("locations", first)
        of = next(model.locations[place][0] for model in self.models.values() if place in model.locations)
        legal = place in self.removable
        return Step({place}, lambda: locations.remove(actor, of, place), lambda _: mine.locations.pop(place), legal)

    def _worker(self, actor: Actor, mine: Model, *_: int) -> Step:
        name = f"Wim {len(mine.workers)}"
        return Step(
            set(),
            lambda: workers.create(actor, workers.WorkerInput(name)),
            lambda made: mine.workers.update({made: name}),
        )

    def _order(self, actor: Actor, mine: Model, first: int, _second: int, other: int) -> Step:
        relation_id, title = (self._pick("relations", first) if other else None), TITLES[other % 2]
        order = {"title": title, "state": DRAFT, "relation": relation_id, "worker": None}
        return Step(
            {relation_id} if relation_id else set(),
            lambda: work_orders.create(actor, work_orders.OrderInput(title, relation_id=relation_id)),
            lambda made: mine.orders.update({made: order}),
        )

    def _move(self, actor: Actor, mine: Model, first: int, _second: int, other: int) -> Step:
        order_id, verb = self._pick("orders", first), VERBS[other % len(VERBS)]
        order = mine.orders.get(order_id, {"state": ""})
        row = transition(order["state"], verb)
        return Step(
            {order_id},
            lambda: work_orders.move(actor, order_id, verb),
            lambda _: order.update(state=row and row.target),
            row is not None,
        )

    def _plan(self, actor: Actor, mine: Model, first: int, second: int, _other: int) -> Step:
        order_id, worker_id = self._pick("orders", first), self._pick("workers", second)
        order = mine.orders.get(order_id, {"state": ""})
        state = STARTED if order["state"] == STARTED else PLANNED
        return Step(
            {order_id, worker_id},
            lambda: work_orders.plan(actor, order_id, DAY, worker_id, None, None),
            lambda _: order.update(worker=worker_id, state=state),
            order["state"] in {DRAFT, PLANNED, STARTED},
        )

    def _pick(self, kind: str, number: int) -> UUID:
        """An id of either tenant."""
        ids = [row_id for slug in SLUGS for row_id in getattr(self.models[slug], kind)]
        found: UUID = ids[number % len(ids)]
        return found

    def compare(self) -> None:
        """Each sees exactly its model, and its trail names nothing else."""
        for slug, model in self.models.items():
            actor = process(slug)
            assert seen(actor) == model, slug
            other = self.models[SLUGS[1 - SLUGS.index(slug)]]
            assert not set(db.session.scalars(select(AuditEntry.subject_id))) & other.ids()


@pytest.fixture
def fresh(app: Flask, template: SimpleNamespace) -> Any:
    """Makes a house on a database as it was at first."""

    def make() -> House:
        tenants.leave()
        db.engine.dispose()
        template.original.renew(app.extensions["crafter"].settings.database_url)
        return House()

    return make


@settings(
    max_examples=3,  # the first of hypothesis is always the shortest
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=10, max_size=25))
def run_and_compare(fresh: Any, counts: list[tuple[int, int]], steps: list[tuple[Any, ...]]) -> None:
    """One random story of both."""
    house = fresh()
    for step in steps:
        house.do(*step)
    counts.append((house.done, house.refused))


@pytest.mark.parametrize("stories", range(4))  # a test each, so that none is long on a busy machine
def test_each_tenant_sees_exactly_what_it_did(fresh: Any, stories: int) -> None:
    counts: list[tuple[int, int]] = []
    seed(stories)(run_and_compare)(fresh, counts)
    done, refused = (sum(column) for column in zip(*counts, strict=True))
    assert done > 8, "a good part should really be done"
    assert refused > 4, "they should try the other's rows too"


@pytest.fixture
def no_fence(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Reads without the tenant's criterion, and no check of what was loaded."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("row-level security holds here")
    monkeypatch.setattr(fence, "_check_loaded", lambda *_: None)
    event.remove(FencedSession, "do_orm_execute", fence._fence)
    yield
    event.listen(FencedSession, "do_orm_execute", fence._fence)


def test_without_the_fence_the_models_differ_at_once(fresh: Any, no_fence: None) -> None:
    with pytest.raises((AssertionError, ForeignRow, NoTenant)):
        fresh().do("vos", "relation", 0, 0, 0)
