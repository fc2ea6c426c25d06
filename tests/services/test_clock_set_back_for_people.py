"""The clock is set back: who is let in, for how long, and what is read in, do not wait as long as that either."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pyotp
import pytest
from sqlalchemy import select

from jobs import rounds
from models import Person, Relation, SupportVisit
from services.catalogue import relations
from services.company import tenants
from services.people import authentication, second_factor
from services.people.authentication import SignedIn
from services.sealing import seal
from services.support import visits
from services.support.access import Consent
from services.support.visits import READING, Wish
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tests.support import clock
from tests.support.cast import process
from tests.support.client import HouseClient
from tests.support.sandbox_process import Sandbox

HOUR = timedelta(hours=1)


def ago(length: timedelta) -> datetime:
    """The moment to which the clock is set back."""
    return datetime.now(UTC) - length


def test_a_code_of_the_second_factor_is_taken_after_the_clock_was_set_back(vos: SimpleNamespace) -> None:
    tenants.leave()
    secret = pyotp.random_base32()

    def accepted(code: str) -> bool:
        with write_transaction() as session:
            person = session.scalars(select(Person).order_by(Person.email).limit(1)).one()
            place = second_factor.place(person.id)
            person.totp_sealed = seal(vos.deps.settings.credentials_keys, secret, place)
            return second_factor._accept(vos.deps, person, code)

    def now() -> str:
        return pyotp.TOTP(secret).at(int(time.time()))

    assert accepted(now())
    assert not accepted(now()), "once only"
    with clock.at(ago(HOUR)):
        assert accepted(now())
        assert not accepted(now())


def test_a_session_of_which_nobody_knows_how_old_it_is_is_over(
    client_as: Callable[[str], HouseClient], vos: SimpleNamespace
) -> None:
    client = client_as("office")
    with clock.at(ago(HOUR)):
        assert client.get("/t/vos/").status_code == 200, "an hour does no harm"
    with clock.at(ago(timedelta(hours=9))):
        assert client.get("/t/vos/").status_code == 303


def test_a_link_does_not_live_as_long_as_the_clock_was_set_back(vos: SimpleNamespace) -> None:
    tenants.leave()
    with write_transaction() as session:
        person_id = session.scalars(select(Person.id).limit(1)).one()
        token = authentication.issue_link(person_id, "a_test", HOUR)
    assert authentication.valid_token(db.session(), token, "a_test") is not None
    with clock.at(ago(timedelta(hours=2))):
        assert authentication.valid_token(db.session(), token, "a_test") is None


@pytest.fixture
def staff(vos: SimpleNamespace) -> SignedIn:
    """Somebody of support."""
    tenants.leave()
    found = db.session.scalars(select(Person.id).where(Person.email == "support@crafter.example")).one()
    person = authentication.person(found)
    assert person is not None
    return person


def test_a_visit_of_support_lasts_no_longer_for_it(vos: SimpleNamespace, staff: SignedIn) -> None:
    visit_id = visits.step_in(vos.deps, staff, "vos", Wish(READING, "de klant vroeg om hulp"))
    tenants.leave()
    assert visits.present_visit(visit_id) is not None
    with clock.at(ago(HOUR)):
        assert visits.present_visit(visit_id) is None
        assert visits.visitor_in("vos", staff.id, visit_id) is None
        tenants.leave()
        rounds.every_minute(vos.deps)
    process("vos")
    assert db.session.scalars(select(SupportVisit.ended_at)).one() is not None


def test_consent_to_act_lasts_no_longer_than_it_can_be_given_for() -> None:
    given = Consent(True, datetime.now(UTC) + timedelta(days=7))
    assert given.acting
    with clock.at(ago(timedelta(days=36))):
        assert not given.acting


def test_what_was_read_in_before_is_read_in_again(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """Who was in touch with the bookkeeping while a list was read is left alone, not who was so before the jump."""
    relations.sync_now(vos.deps, vos.actor)
    with write_transaction() as session:
        for row in session.scalars(select(Relation)):
            if row.synced_at is not None:
                row.name, row.synced_at = "Verouderd", database_now(session) + HOUR
    relations.sync_now(vos.deps, vos.actor)
    db.session.rollback()
    assert "Verouderd" not in db.session.scalars(select(Relation.name).where(Relation.synced_at.is_not(None))).all()
