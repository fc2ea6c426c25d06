"""The world around Crafter changes in the middle of the work: still one invoice per order, and never in silence."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.torture import world, world_deeds
from tests.torture.lane import Tally
from tests.torture.stage import set_up

BOTH = pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))])


def played(kind: str, *names: str) -> Tally:
    """Each of these events once, in one lane."""
    with set_up(kind, sandboxes=1, lanes_each=1, times=world.TIMES, own=True) as stage:
        return world.run(stage, seed=7, rounds=1, names=names)


@pytest.mark.timeout(900)
@BOTH
def test_every_event_leaves_one_invoice_per_order_and_the_screens_say_how_it_stands(kind: str) -> None:
    total = played(kind, *world.EVENTS)
    assert total.problems == []
    assert total.found == total.expected > 2 * len(world.EVENTS)
    assert (total.duplicates, total.lost, total.stuck, total.silent) == (0, 0, 0, 0)
    assert {name for name in world.EVENTS if total.faults[f"world: {name}"]} == set(world.EVENTS)
    assert total.came["no database: away"] + total.came["no database: full"] == 2, "in the middle of both presses"


@pytest.mark.timeout(300)
def test_outside_the_claim_a_copy_that_nobody_looks_for_doubles_and_that_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Used numbers are let through, and nobody says that it was put back."""
    monkeypatch.setattr(world_deeds, "mark", lambda lane: None)
    monkeypatch.setattr(world, "PATIENCE", (10, 3))  # with two of them under one number it never ends
    _always(monkeypatch, "let_through")
    total = played("sqlite", "our database put back, said")
    assert total.duplicates > 0


@pytest.mark.timeout(300)
@pytest.mark.parametrize("switch", ["refuse", "let_through"])
@BOTH
def test_a_young_copy_whose_next_number_stayed_unused_doubles_nothing_once_a_portal_begins(
    kind: str, switch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is pressed now would go out under a number that proves nothing, though these orders have their invoices
    under later ones."""
    _always(monkeypatch, switch)
    monkeypatch.setitem(world.EVENTS, "unused", _over_unused_numbers)
    total = played(kind, "unused")
    assert (total.problems, total.duplicates, total.silent) == ([], 0, 0)


@pytest.mark.timeout(300)
def test_outside_the_claim_it_doubles_when_nobody_begins_and_that_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are put back beneath a process that goes on, and pressed there before its next sign of life."""
    _always(monkeypatch, "refuse")
    monkeypatch.setattr(world_deeds, "begin", lambda lane: None)
    monkeypatch.setitem(world.EVENTS, "unused", _over_unused_numbers)
    total = played("sqlite", "unused")
    assert total.duplicates > 0


def _always(monkeypatch: pytest.MonkeyPatch, switch: str) -> None:
    def turn(self: Any, _wanted: str) -> None:
        self._lane.sandbox.switches(self._lane.administration, used_number=switch)

    monkeypatch.setattr(world.World, "_used_number", turn)


def _over_unused_numbers(here: world.World) -> None:
    refused, sent = here._orders(2)
    here._child(partial(world_deeds.begin, here._lane))
    here._press(*here._orders(1), mischief=False)
    here._copies.take()
    rule = {"kind": "refuse", "operation": "AddFactuur"}
    here._lane.sandbox.mischief(here._lane.administration, [rule])
    here._press_as_it_is(refused)
    here._clear()
    here._press_as_it_is(sent)
    here._copies.put_back()
    here._child(partial(world_deeds.begin, here._lane))
    here._press_as_it_is(sent)
