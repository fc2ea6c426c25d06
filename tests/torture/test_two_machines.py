"""Two machines on one database, a database file put back, and a machine put back to a snapshot: real portals under
gunicorn, each in programs of their own, and who has to look back before it sends.

Fifteen minutes without a sign of life are ten seconds here, and a sign comes every second.
"""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import func, make_url, select

from models import Heartbeat, Tenant
from tenancy.clock import database_now
from tenancy.database import db
from tests.torture.lane import Runner, Tally
from tests.torture.programs import Portal, ask, portal, signed_in, until, wait_for
from tests.torture.stage import Child, Lane, set_up

AWAY, EVERY = 10.0, 1.0
LONG = 900.0  # as in production: no silence of this test is as long
BOTH = pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))])


class Company:
    """A lane, who works there, and what came of it."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.runner = Runner(lane)
        self._signed = Child(partial(signed_in, lane)).end().value

    @contextmanager
    def machine(self, every: float = EVERY, away: float = AWAY) -> Iterator[Portal]:
        """A machine with a portal on this company's database; returns when it serves."""
        with portal(self.lane, away=away, every=every) as running:
            wait_for(f"{running.url}/t/{self.lane.slug}/work-orders/", self._signed)
            yield running

    def press(self, machine: Portal, order_id: str) -> int:
        """*Gecontroleerd* on a machine; the status."""
        return ask(f"{machine.url}/t/{self.lane.slug}/work-orders/{order_id}/approve", self._signed, "POST")

    def looked(self) -> int:
        """How often the list of invoices was asked for."""
        return len(self.lane.sandbox.calls(self.lane.administration, "GetFacturen"))

    def silence(self) -> float:
        """How many seconds ago anybody gave a sign of life in this database."""
        return float(Child(partial(_silence, self.lane)).end().value)

    def signs(self) -> int:
        """How many signs of life were given in this database."""
        assert self.lane.copies is not None
        return signs_in(self.lane.copies.url)

    def must_look_back(self) -> bool:
        """Whether it is marked to look back before it sends."""
        return bool(Child(partial(_marked, self.lane)).end().value)

    def states(self, order_ids: list[str]) -> set[str]:
        """How these orders' invoices stand."""
        return {row["state"] for row in self.runner.look(order_ids)["orders"].values()}

    def assert_kept(self, expected: int) -> None:
        """Every order has exactly one right invoice."""
        tally = Tally()
        self.runner.verify(tally)
        assert tally.problems == []
        assert (tally.expected, tally.found, tally.duplicates) == (expected, expected, 0)


def signs_in(url: str) -> int:
    """How many signs of life were given in the SQLite file at this URL."""
    with closing(sqlite3.connect(str(make_url(url).database))) as it:
        return int(it.execute("SELECT sum(beats) FROM heartbeat").fetchone()[0])


def put_rows_back(kept: str, here: str) -> None:
    """All rows of a SQLite file are those of another, while others have it open."""
    source, target = (str(make_url(url).database) for url in (kept, here))
    with closing(sqlite3.connect(source)) as copy, closing(sqlite3.connect(target, timeout=30)) as live:
        copy.backup(live)


def _silence(lane: Lane) -> float:
    with lane.app.app_context():
        session = db.session()
        newest = session.scalar(select(func.max(Heartbeat.beat_at)))
        assert newest is not None
        return (database_now(session) - newest).total_seconds()


def _marked(lane: Lane) -> bool:
    with lane.app.app_context():
        return db.session.scalar(select(Tenant.look_back_since).where(Tenant.slug == lane.slug)) is not None


@contextmanager
def company(kind: str, used_number: str = "let_through") -> Iterator[Company]:
    """One company. Used numbers are let through: only a look back keeps it from sending twice."""
    with set_up(kind, sandboxes=1, lanes_each=1, own=True) as stage:
        stage.lanes[0].sandbox.switches(stage.lanes[0].administration, used_number=used_number)
        yield Company(stage.lanes[0])


@pytest.mark.timeout(300)
@BOTH
def test_one_of_two_machines_that_is_deployed_anew_does_not_look_back(kind: str) -> None:
    with company(kind) as vos, vos.machine() as stays:
        before, after = vos.runner.make_orders(2)
        with vos.machine() as deployed:
            assert vos.press(deployed, before) == 200
            looked = vos.looked()
            assert looked == 1, "nobody was here before"
        assert not until(lambda: vos.silence() > AWAY / 2, seconds=AWAY + 2), "the one that stayed gives its signs"
        with vos.machine() as deployed:
            assert not vos.must_look_back()
            assert vos.press(deployed, after) == 200
        assert vos.looked() == looked
        assert stays.running.poll() is None
        vos.assert_kept(2)


@pytest.mark.timeout(300)
@BOTH
def test_a_copied_database_that_is_put_back_looks_back_before_it_sends(kind: str) -> None:
    with company(kind) as vos:
        first, *sent, other = vos.runner.make_orders(5)
        with vos.machine() as machine:
            assert vos.press(machine, first) == 200
        assert not vos.must_look_back()
        copies = vos.lane.copies
        assert copies is not None
        copies.take()
        with vos.machine() as machine:
            assert [vos.press(machine, one) for one in sent] == [200] * 3
        copies.put_back()
        assert vos.states(sent) == {""}
        assert until(lambda: vos.silence() > AWAY)
        looked = vos.looked()
        with vos.machine() as machine:
            assert vos.press(machine, other) == 200
            assert vos.looked() == looked + 1
            assert vos.states([*sent, other]) == {"posted"}, "what was sent since the copy is taken over"
            assert {vos.press(machine, one) for one in sent} == {422}
        vos.assert_kept(5)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("used_number", ["refuse", "let_through"])
@BOTH
def test_a_copy_that_is_put_back_at_once_looks_back_also_when_its_first_number_stayed_unused(
    kind: str, used_number: str
) -> None:
    """Nobody marked it, the newest sign in it is young, and the number that is given out next proves nothing."""
    with company(kind, used_number) as vos:
        first, refused, *sent = vos.runner.make_orders(5)
        with vos.machine() as machine:
            assert vos.press(machine, first) == 200
        copies = vos.lane.copies
        assert copies is not None
        copies.take()
        with vos.machine() as machine:
            rule = {"operation": "AddFactuur", "kind": "refuse", "times": 1}
            vos.lane.sandbox.mischief(vos.lane.administration, [rule])
            assert [vos.press(machine, one) for one in (refused, *sent)] == [200] * 4
            assert vos.states([refused]) == {"refused"}
            assert vos.states(sent) == {"posted"}
        copies.put_back()
        assert vos.silence() < LONG
        looked = vos.looked()
        with vos.machine(away=LONG) as machine:
            assert {vos.press(machine, one) for one in sent} == {422}, "each of them is over there"
            assert vos.looked() == looked + 1
            assert vos.press(machine, refused) == 200
            assert vos.states([first, refused, *sent]) == {"posted"}
        vos.assert_kept(5)


@pytest.mark.timeout(300)
def test_a_server_that_is_put_back_beneath_a_machine_makes_it_look_back() -> None:
    """The portal goes on; its connections break, and what it connects to next is an older state of the database."""
    with company("postgres") as vos:
        first, *sent, other = vos.runner.make_orders(5)
        with vos.machine() as machine:
            assert vos.press(machine, first) == 200
        copies = vos.lane.copies
        assert copies is not None
        copies.take()
        with vos.machine(away=LONG, every=3600) as machine:
            assert [vos.press(machine, one) for one in sent] == [200] * 3
            copies.put_back()
            assert vos.states(sent) == {""}
            looked = vos.looked()
            assert vos.press(machine, other) == 200
            assert vos.looked() == looked + 1
            assert vos.states([*sent, other]) == {"posted"}
        vos.assert_kept(5)


@pytest.mark.timeout(300)
def test_rows_that_are_put_back_beneath_a_machine_are_noticed_with_its_next_sign() -> None:
    """No connection breaks and nobody begins anew: the process knows how many signs it gave."""
    with company("sqlite") as vos, vos.machine(away=LONG) as machine:
        first, *sent, other = vos.runner.make_orders(5)
        assert vos.press(machine, first) == 200
        copies = vos.lane.copies
        assert copies is not None
        kept = copies.beside()
        assert [vos.press(machine, one) for one in sent] == [200] * 3
        assert until(lambda: vos.signs() > signs_in(kept.url))
        put_rows_back(kept.url, copies.url)
        assert vos.states(sent) == {""}
        assert until(vos.must_look_back)
        assert vos.press(machine, other) == 200
        assert vos.states([*sent, other]) == {"posted"}
        vos.assert_kept(5)


@pytest.mark.timeout(300)
def test_a_machine_that_is_put_back_to_a_snapshot_looks_back_before_it_sends() -> None:
    """The snapshot is the machine with all that runs on it: it stands still, what happens since happens to a copy of
    its disk, and then it goes on where it was. Its own clock stood still too: no sign is due before a press."""
    with company("sqlite") as vos, vos.machine(every=3600) as machine:
        first, *sent, other = vos.runner.make_orders(5)
        assert vos.press(machine, first) == 200
        machine.signal(signal.SIGSTOP)
        try:
            copies = vos.lane.copies
            assert copies is not None
            since = copies.beside()
            settings = replace(vos.lane.deps.settings, database_url=since.url)
            lost = Company(replace(vos.lane, deps=replace(vos.lane.deps, settings=settings)))
            with lost.machine() as went_on:
                assert [vos.press(went_on, one) for one in sent] == [200] * 3
            assert until(lambda: vos.silence() > AWAY)
            assert vos.states(sent) == {""}
        finally:
            machine.signal(signal.SIGCONT)
        looked = vos.looked()
        assert vos.press(machine, other) == 200
        assert vos.looked() == looked + 1
        assert vos.states([first, *sent, other]) == {"posted"}
        vos.assert_kept(5)
