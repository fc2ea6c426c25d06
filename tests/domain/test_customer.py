"""Whom a code leads to: the customer, or somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.customer import ANOTHER, CHANGED, TOLD_BY, Found, compare, is_warm, standing, went_out_unsure
from domain.message import NOTHING, Message
from domain.notes import note
from domain.relation import RelationDetails

OURS = RelationDetails("Bakkerij De Oven", code="1011", address="Kade 1", postcode="1234 AB", city="Gouda")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TEN = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("our_id", "theirs", "their_id", "found"),
    [
        (5, OURS, 5, Found.SAME),
        (5, replace(OURS, name=" bakkerij de oven"), 5, Found.SAME),  # no other customer by blanks or capitals
        (5, replace(OURS, phone="0182 1234"), 5, Found.SAME),  # does not tell who it is: the sync brings it
        (5, replace(OURS, name="De Oven B.V."), 5, Found.CHANGED),
        *((5, replace(OURS, **{field: "Anders"}), 5, Found.CHANGED) for field in TOLD_BY),
        (5, OURS, 6, Found.ANOTHER),  # of the same name, even
        (5, replace(OURS, name="Slagerij"), 6, Found.ANOTHER),
        (None, OURS, 6, Found.ADOPTED),
        (None, replace(OURS, city="Delft"), 6, Found.ADOPTED),
        (None, replace(OURS, name="Slagerij"), 6, Found.STRANGER),
        (5, None, None, Found.NOBODY),
        (None, None, None, Found.NOBODY),
    ],
)
def test_whom_a_code_leads_to(our_id: int | None, theirs: RelationDetails, their_id: int | None, found: Found) -> None:
    assert compare(OURS, our_id, theirs, their_id) is found


def test_only_somebody_else_keeps_an_invoice_back_and_only_the_customer_is_followed() -> None:
    assert {one for one in Found if one.keeps_back} == {Found.ANOTHER, Found.STRANGER}
    assert {one for one in Found if one.is_followed} == {Found.CHANGED, Found.ADOPTED}


@pytest.mark.parametrize(
    ("seen", "since", "warm"),
    [
        (None, None, False),
        (timedelta(0), None, True),
        (-TEN, None, True),
        (-TEN - timedelta(seconds=1), None, False),
        (timedelta(seconds=30), None, True),  # the clocks of two machines
        (timedelta(minutes=2), None, False),  # a clock that was put back
        (-timedelta(hours=1), -timedelta(hours=2), True),  # the bulk job asked an hour ago
        (-timedelta(hours=1), -timedelta(minutes=30), False),
        (None, -timedelta(hours=2), False),
    ],
)
def test_how_long_a_customer_counts_as_seen(seen: timedelta | None, since: timedelta | None, warm: bool) -> None:
    seen_at = None if seen is None else NOW + seen
    assert is_warm(seen_at, NOW, TEN, None if since is None else NOW + since) is warm


@pytest.mark.parametrize(
    ("sent", "read", "seen", "unsure"),
    [
        (None, None, None, False),
        (NOW, None, None, True),  # nobody ever saw whose the code was
        (NOW, -TEN, None, True),
        (NOW - TEN, -timedelta(minutes=1), None, False),  # a list that was read later still had it right
        (NOW, timedelta(0), None, False),
        (NOW, None, timedelta(0), False),  # the press looked, and sent
        (NOW, None, -timedelta(seconds=59), False),
        (NOW, None, -timedelta(minutes=5), True),  # a press that was warm
        (NOW, -TEN, timedelta(seconds=30), False),
        (NOW, TEN, None, True),  # by a clock that was put back
        (NOW, None, TEN, True),
    ],
)
def test_what_went_out_after_its_code_was_last_seen_right(
    sent: datetime | None, read: timedelta | None, seen: timedelta | None, unsure: bool
) -> None:
    moments = [None if one is None else NOW + one for one in (read, seen)]
    assert went_out_unsure(sent, (moments[0], None), moments[1], NOW) is unsure


SAID = note(ANOTHER, code="1011", there="Slagerij")
RENAMED = note(CHANGED, code="1011", before="De Oven", there="Bakkerij")


@pytest.mark.parametrize(
    ("asked", "said", "seen", "at", "told"),
    [
        (None, NOTHING, None, None, NOTHING),
        (None, NOTHING, -TEN, -TEN, NOTHING),
        (-TEN, SAID, None, -TEN, SAID),
        (-TEN - timedelta(seconds=1), SAID, None, None, NOTHING),  # so long ago that it is asked anew
        (-TEN, SAID, -timedelta(minutes=1), -timedelta(minutes=1), NOTHING),  # a press saw the customer since
        (-timedelta(minutes=1), SAID, -TEN, -timedelta(minutes=1), SAID),
        (-TEN, RENAMED, -TEN, -TEN, RENAMED),  # both written at once
        (-TEN, note(ANOTHER, code="1012", there="Slagerij"), None, None, NOTHING),  # the customer has another code now
        (-TEN, note(ANOTHER, code="1012", there="Slagerij"), -TEN, -TEN, NOTHING),
        (timedelta(minutes=2), SAID, None, None, NOTHING),  # by a clock that was put back
    ],
)
def test_what_counts_of_what_was_asked_ahead(
    asked: timedelta | None, said: Message, seen: timedelta | None, at: timedelta | None, told: Message
) -> None:
    moments = [None if one is None else NOW + one for one in (asked, seen, at)]
    found = standing("1011", moments[0], said, moments[1], NOW, TEN)
    assert (found.at, found.said) == (moments[2], told)
    assert found.keeps_back is (told.key == ANOTHER)
    assert found.is_ours is (found.at is not None and told.key in {"", CHANGED})
