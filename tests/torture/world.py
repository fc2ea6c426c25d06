"""The world around Crafter changes in the middle of the work: databases and books come back from older copies, somebody
over there edits, a code moves, the clock is set back, the database or the worker is away. A lane with a database of
its own plays one event after another; after each the screens are held against the books, and then worker and people
bring every order to its end."""

from __future__ import annotations

import os
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from domain.reconciliation import looks_cut_off
from tests.torture import deeds, plans, world_deeds
from tests.torture.campaign import gather, send
from tests.torture.lane import Tally
from tests.torture.stage import LATE_SECONDS, TIGHT, Child, Lane, Stage

TIMES = replace(TIGHT, customer_seen=timedelta(0))  # whom a code leads to is asked at every press
CUSTOMER, OTHER = "1001", "1002"
HOUR = 3600.0
_LEASE = TIGHT.lease.total_seconds()
PATIENCE = (90, 60)  # seconds, and rounds: on a crowded machine a minute is too short for one press to begin in time
_TICK_SECONDS = 0.6
_MISCHIEF: tuple[dict[str, Any] | None, ...] = (
    None,
    None,
    {"kind": "lost_answer"},
    {"kind": "reset_before"},
    {"kind": "half_answer"},
    {"kind": "slow", "seconds": TIGHT.post_seconds + 0.3},
)


class World:
    """One lane, whose events follow from the seed."""

    def __init__(self, lane: Lane, seed: str) -> None:
        assert lane.copies is not None, "what is put back may be nobody else's"
        self._lane = lane
        self._copies = lane.copies
        self._dice = random.Random(seed)
        self._prices: dict[str, str] = {}  # of every order that is here, by id
        self._made = 0
        self._of_no_order: list[str] = []  # prices of invoices whose orders got lost with a newer database
        self._tally = Tally()
        self._now: list[str] = []  # the orders of this event
        self._linked = lane.administration
        world_deeds.know_customer(lane, CUSTOMER)

    def play(self, name: str) -> Tally:
        """One event from beginning to end; what came of it."""
        self._tally, self._now = Tally(), []
        self._clear()
        self._used_number(self._dice.choice(("refuse", "let_through")))
        EVENTS[name](self)
        self._tally.faults[f"world: {name}"] += 1
        time.sleep(_LEASE + 0.2)  # whoever was at it is known to be gone
        self._hold_screens_against_books(f"after {name}", noticed=name not in _NOTICED_LATER)
        self._clear()
        self._bring_to_an_end()
        self._verify(name)
        return self._tally

    # -- events --------------------------------------------------------------------------------------

    def ours_restored(self) -> None:
        """Our database is put back by whoever says so (`flask restore`). One order since the copy is lost for good, and
        the next new one gets its number."""
        others = self._work_after_a_copy()
        self._child(partial(world_deeds.mark, self._lane))
        self._press_in_any_order([*others, *self._orders(1)])

    def ours_restored_unsaid(self) -> None:
        """The same, and nobody says so: a portal begins on it, and the newest sign of life in it is young."""
        self._child(partial(world_deeds.begin, self._lane))
        others = self._work_after_a_copy()
        self._child(partial(world_deeds.begin, self._lane))
        self._press_in_any_order([*others, *self._orders(1)])

    def ours_restored_unnoticed(self) -> None:
        """The same, and nobody gives a sign; used numbers are refused, and each number since the copy came to be
        used."""
        self._used_number("refuse")
        others = self._work_after_a_copy(until_settled=True)
        self._press_in_any_order([*others, *self._orders(1)])

    def theirs_restored(self) -> None:
        """Their books come back from an older copy, without the invoices since."""
        self._press(*self._orders(1))
        moment = self._lane.sandbox.take_moment(self._lane.administration)
        self._press(*self._orders(3))
        self._lane.sandbox.go_back(self._lane.administration, moment)
        self._off_a_round_number()

    def edited_there(self) -> None:
        """Somebody over there gives one invoice another number, and deletes one."""
        self._press(*self._orders(3), mischief=False)
        there = [one["Factuurnummer"] for one in self._invoices(self._linked) if self._price(one) in self._prices_now()]
        if len(there) > 1:
            lane = self._lane
            lane.sandbox.edit_invoice(lane.administration, there[0], Factuurnummer=f"HAND-{len(self._prices)}")
            lane.sandbox.remove_invoice(lane.administration, there[1])
            self._off_a_round_number()

    def code_moved(self) -> None:
        """The customer's code is given to somebody else over there, for a while or for as long as the event lasts."""
        lane = self._lane
        lane.sandbox.swap_relation_codes(lane.administration, CUSTOMER, OTHER)
        before = self._books()
        orders = self._orders(2)
        self._press(*orders)
        if self._books() != before:
            self._tally.problems.append(f"{lane.slug}: an invoice went out for a code that moved")
        if self._dice.random() < 0.5:  # somebody reads the relations, and the customer keeps the other code a while
            self._child(partial(world_deeds.sync, lane))
            self._press(*orders)
            self._bring_to_an_end()
        lane.sandbox.swap_relation_codes(lane.administration, CUSTOMER, OTHER)
        self._child(partial(world_deeds.sync, lane))

    def database_away(self) -> None:
        """The database fails in the middle of a press, once the invoice is over there and nobody knows that here."""
        for order_id in self._orders(2):
            answered, tell = os.pipe()
            go_on, let_go = os.pipe()
            child = Child(partial(world_deeds.press_and_wait, self._lane, order_id, tell, go_on))
            self._tally.presses += 1
            os.close(tell)  # so that a child that never comes so far ends the waiting as well
            os.read(answered, 1)
            with self._no_database(child):
                os.write(let_go, b"." * 9)  # one for each number that it tries
                end = child.end()
            for pipe in (answered, go_on, let_go):
                os.close(pipe)
            if end.error:
                self._tally.problems.append(end.error)
            self._tally.came[str(end.value)] += 1

    def worker_away(self) -> None:
        """Presses are killed or lose their answer, and nobody comes to look."""
        for order_id in self._orders(4):
            self._press(order_id, point=self._dice.choice(("", *plans.PRESS_POINTS)))

    def clock_back(self) -> None:
        """Presses that are killed while the clock is an hour ahead; then it is put right."""
        for order_id in self._orders(3):
            self._press(order_id, point=self._dice.choice(("", *plans.PRESS_POINTS)), ahead=HOUR)

    def linked_elsewhere(self) -> None:
        """Another administration is linked while invoices are open, orders are pressed there too, and then the first
        one is linked again."""
        orders = self._orders(4)
        for order_id in orders[:3]:
            self._press(order_id, point=self._dice.choice(("", *plans.PRESS_POINTS)))
        self._link(self._lane.other)
        self._press_in_any_order([*orders, *self._orders(1)])
        self._bring_to_an_end(elsewhere=True)
        self._link(self._lane.administration)
        self._press(*self._orders(1), mischief=False)  # whoever sends first looks back first

    def _link(self, administration: str) -> None:
        self._child(partial(world_deeds.link, self._lane, administration))
        self._linked = administration

    def _work_after_a_copy(self, until_settled: bool = False) -> list[str]:
        """Orders, a copy, and work that the copy does not know, among which an order that is lost; the other orders. By
        `until_settled` every number that was given out since has its invoice."""
        orders = self._orders(self._dice.randint(3, 5))
        self._press(*orders[: self._dice.randint(0, 1)])
        self._copies.take()
        (lost,) = self._orders(1)
        self._press(*orders[: self._dice.randint(1, len(orders))], lost)
        if until_settled:
            self._bring_to_an_end()
        time.sleep(LATE_SECONDS)  # nothing may be under way any more
        self._copies.put_back()
        price = self._prices.pop(lost)
        self._now.remove(lost)
        if price in self._books():
            self._of_no_order.append(price)
        return orders

    def _off_a_round_number(self) -> None:
        """A list of exactly so many proves nothing (docs/reliability.md), and here one customer gets them all on one
        day; a next invoice makes it another number."""
        if looks_cut_off(len(self._invoices(self._lane.administration))):
            self._press(*self._orders(1), mischief=False)

    # -- what people do ------------------------------------------------------------------------------

    def _orders(self, count: int) -> list[str]:
        prices = [f"{40 + (self._made + i) / 100:.2f}" for i in range(count)]
        self._made += count
        made: list[str] = self._child(partial(deeds.make_orders, self._lane, prices))
        self._prices |= dict(zip(made, prices, strict=True))
        self._now += made
        return made

    def _press(self, *orders: str, point: str = "", ahead: float = 0, mischief: bool = True) -> None:
        for order_id in orders:
            rule = self._dice.choice(_MISCHIEF) if mischief else None
            rules = [{"operation": "AddFactuur"} | rule] if rule else []
            self._lane.sandbox.mischief(self._linked, rules)
            self._press_as_it_is(order_id, point, ahead)
            used = Counter(one["kind"] for one in rules)
            used -= Counter(one["kind"] for one in self._lane.sandbox.mischief_left(self._linked))
            self._tally.faults.update({f"far side: {kind}": times for kind, times in used.items()})
        self._clear()

    def _press_as_it_is(self, order_id: str, point: str = "", ahead: float = 0) -> None:
        """One press, whatever the far side was told to do."""
        end = Child(partial(world_deeds.press_once, self._lane, order_id, ahead), point).end()
        self._tally.presses += 1
        if end.killed:
            self._tally.faults[f"press killed at {point}"] += 1
        if end.error:
            self._tally.problems.append(end.error)

    def _press_in_any_order(self, orders: list[str]) -> None:
        self._dice.shuffle(orders)
        self._press(*orders)

    def _bring_to_an_end(self, elsewhere: bool = False) -> None:
        """Worker and people go on until every order of this event is posted and read back, and nothing is behind.
        `elsewhere`: of those only that belong to the administration that is linked now."""
        (seconds, most), began, rounds = PATIENCE, time.monotonic(), 0
        while time.monotonic() - began < seconds or rounds < most:
            rounds += 1
            rows = self._stand()
            if elsewhere:
                rows = {key: row for key, row in rows.items() if row["here"]}
            open_ = [key for key, row in rows.items() if not (row["state"] == "posted" and row["read_back"])]
            if not open_ and not self._told()["behind"]:
                return
            work = partial(world_deeds.work_on, self._lane, open_, self._of_no_order)
            end = Child(work).end()
            if end.error:
                self._tally.problems.append(end.error)
                return
            self._tally.presses += int(end.value or 0)
            time.sleep(_TICK_SECONDS)

    # -- what is held against what -------------------------------------------------------------------

    def _hold_screens_against_books(self, when: str, noticed: bool) -> None:
        """Every order of this event that stands otherwise here than over there, and of which no screen says so. Without
        `noticed` nobody can know yet that what was posted is not there any more."""
        rows, books, told = self._stand(), self._books(), self._told()
        for order_id, row in rows.items():
            here, there = row["state"] == "posted", len(books.get(self._prices[order_id], []))
            said = told["behind"] or row["order"] in told["orders"]
            unseen = here and not there and not noticed
            if int(here) != there and not said and not unseen:
                self._tally.silent += 1
                words = f"{row['order']} is {row['state'] or 'not invoiced'} here, and {there} times there"
                self._tally.problems.append(f"{self._lane.slug} {when}: {words}, and nothing says so")

    def _verify(self, name: str) -> None:
        """Every order of this event has exactly one invoice, under the number it is shown with; and every invoice ever
        made is one of a kind, and the customer's."""
        rows, books = self._stand(), self._books()
        for order_id in self._now:
            row, found = rows[order_id], books.get(self._prices[order_id], [])
            self._tally.expected += 1
            self._tally.found += len(found)
            self._tally.lost += not found
            self._tally.stuck += row["state"] != "posted"
            if row["state"] != "posted" or [one["Factuurnummer"] for one in found] != [row["number"]]:
                there = ", ".join(one["Factuurnummer"] for one in found)
                words = f"{row['order']} {row['number']} ({row['state']}), there {there or 'nothing'}: {row['why']}"
                self._tally.problems.append(f"{self._lane.slug} {name}: {words}")
        for price, found in books.items():
            if len(found) > 1:
                self._tally.duplicates += len(found) - 1
                self._tally.problems.append(f"{self._lane.slug} {name}: {len(found)} invoices of {price}")
            wrong = {one["Relatiecode"] for one in found} - {CUSTOMER}
            if wrong or price not in self._all_prices():
                self._tally.problems.append(f"{self._lane.slug} {name}: an invoice of {price} for {wrong}")
        self._hold_screens_against_books(f"at the end of {name}", noticed=True)

    def _all_prices(self) -> set[str]:
        return {*self._prices.values(), *self._of_no_order}

    def _prices_now(self) -> set[str]:
        return {self._prices[order_id] for order_id in self._now}

    def _invoices(self, administration: str) -> list[dict[str, Any]]:
        return self._lane.sandbox.invoices(administration)

    @staticmethod
    def _price(invoice: dict[str, Any]) -> str:
        return f"{float(invoice['Regels'][0]['PrijsPerEenheid']):.2f}"

    def _books(self) -> dict[str, list[dict[str, Any]]]:
        """The invoices over there, in both administrations, by the price that only one order has."""
        by_price: dict[str, list[dict[str, Any]]] = {}
        for invoice in (one for name in self._both for one in self._invoices(name)):
            by_price.setdefault(self._price(invoice), []).append(invoice)
        return by_price

    def _stand(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self._child(partial(world_deeds.stand, self._lane, self._now))
        return found

    def _told(self) -> dict[str, Any]:
        found: dict[str, Any] = self._child(partial(world_deeds.told, self._lane))
        return found

    @property
    def _both(self) -> tuple[str, str]:
        return self._lane.administration, self._lane.other

    def _clear(self) -> None:
        for administration in self._both:
            self._lane.sandbox.clear_mischief(administration)

    def _used_number(self, switch: str) -> None:
        for administration in self._both:
            self._lane.sandbox.switches(administration, used_number=switch)

    @staticmethod
    def _child(work: Callable[[], Any]) -> Any:
        end = Child(work).end()
        if end.error:
            raise RuntimeError(end.error)
        return end.value

    @contextmanager
    def _no_database(self, child: Child) -> Iterator[None]:
        """The database is away for a child: a server that turns everybody out, or a file that cannot grow."""
        if self._copies.turn_out():
            try:
                yield
            finally:
                self._copies.let_in()
        else:
            resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            yield


EVENTS: dict[str, Callable[[World], None]] = {
    "our database put back, said": World.ours_restored,
    "our database put back, unsaid": World.ours_restored_unsaid,
    "our database put back, unnoticed": World.ours_restored_unnoticed,
    "another administration linked, and back": World.linked_elsewhere,
    "their books put back": World.theirs_restored,
    "renumbered and deleted there": World.edited_there,
    "the customer's code moved": World.code_moved,
    "database away in mid press": World.database_away,
    "worker away": World.worker_away,
    "clock set back an hour": World.clock_back,
}
_NOTICED_LATER = {"their books put back", "renumbered and deleted there"}  # when their totals are read


def run(
    stage: Stage,
    seed: int,
    rounds: int,
    heard: Callable[[Tally], None] = lambda total: None,
    names: Sequence[str] = tuple(EVENTS),
) -> Tally:
    """Each of these events so many times in each lane, in an order of its own; the lanes side by side."""
    reading, writing = os.pipe()
    workers = [Child(partial(_live, lane, f"{seed} {lane.slug}", rounds, names, writing)) for lane in stage.lanes]
    os.close(writing)
    return gather(reading, workers, heard)


def _live(lane: Lane, seed: str, rounds: int, names: Sequence[str], writing: int) -> None:
    signal.alarm(0)  # a lane lives as long as its events
    world, dice = World(lane, seed), random.Random(seed)
    for _ in range(rounds):
        for name in dice.sample(names, len(names)):
            send(world.play(name), writing)
