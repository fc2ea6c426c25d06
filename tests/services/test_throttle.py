"""Slowing down guesses: many at once, several addresses, IPv6 neighbours, and the way back for who is right."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from domain.message import Refusal
from models import Throttle
from services.company import tenants
from services.people import throttle
from services.transaction import write_transaction
from tenancy.database import db


def gates(name: str = "jan@vos.example", address: str = "10.0.0.1") -> tuple[throttle.Gate, throttle.Gate]:
    """The gates of a login."""
    return throttle.account(name), throttle.address(address)


def failures(gate: throttle.Gate) -> int:
    """What is counted at a gate."""
    tenants.leave()
    return db.session.scalar(select(Throttle.failures).where(Throttle.key == gate.key)) or 0


def test_many_guesses_at_the_same_moment_do_not_slip_through_together(app: Flask) -> None:
    tenants.leave()
    barrier, passed = threading.Barrier(20), []

    def guess() -> None:
        with app.app_context():
            barrier.wait()
            try:
                throttle.attempt(gates())
                passed.append(1)
            except Refusal:
                pass
            finally:
                tenants.leave()

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 5
    assert failures(gates()[0]) == 5


def test_nobody_waits_as_long_as_a_clock_was_set_back(app: Flask, leap: Callable[[timedelta], None]) -> None:
    for _ in range(5):
        throttle.attempt(gates())
    with pytest.raises(Refusal):
        throttle.attempt(gates())
    db.session.rollback()
    leap(-timedelta(hours=1))
    throttle.attempt(gates())
    assert failures(gates()[0]) == 1


def test_waiting_grows_and_ends(app: Flask) -> None:
    waits = []
    for _ in range(5):
        throttle.attempt(gates())
    for _ in range(3):
        with pytest.raises(Refusal) as refused:
            throttle.attempt(gates())
        seconds = int(refused.value.message.values["seconds"])  # type: ignore[call-overload]
        waits.append(seconds)
        with write_transaction() as session:
            for row in session.scalars(select(Throttle)):
                row.last_at -= timedelta(seconds=seconds + 1)
        throttle.attempt(gates())  # and now it may
    assert waits[0] <= 30 < waits[1] <= 60 < waits[2] <= 120


def test_being_right_frees_the_account_and_gives_the_address_one_back(app: Flask) -> None:
    for _ in range(3):
        throttle.attempt(gates())
    with write_transaction() as session:
        throttle.forgive(session, gates())
    assert failures(gates()[0]) == 0
    assert failures(gates()[1]) == 2


def test_an_address_is_slowed_down_however_many_accounts_it_tries(app: Flask) -> None:
    for number in range(20):
        throttle.attempt(gates(f"p{number}@vos.example", "2001:db8:1:2::1"))
    with pytest.raises(Refusal):
        throttle.attempt(gates("nog-een@vos.example", "2001:db8:1:2:ffff::9"))  # the same /64
    throttle.attempt(gates("nog-een@vos.example", "2001:db8:1:3::1"))


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("192.0.2.7", "address:192.0.2.7"),
        ("::ffff:192.0.2.7", "address:192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("nergens", "address:nergens"),
    ],
)
def test_what_counts_as_one_address(given: str, key: str) -> None:
    assert throttle.address(given).key == key


def test_no_mail_address_stands_in_the_table(app: Flask) -> None:
    throttle.attempt(gates("geheim@vos.example"))
    tenants.leave()
    assert "geheim" not in str([row.key for row in db.session.scalars(select(Throttle))])
