"""Told by mail: each event once, to owner and office who want it, in their language; nothing when there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select

from domain import notices
from domain.permissions import OFFICE, OWNER, PLANNER, READER, WORKER
from gateways.bookkeeping import CredentialsRefused
from jobs import rounds
from models import Connection, Heartbeat, InvoicePosting, Mail, Membership, Notice, Person, Tenant
from services import heartbeat, telling
from services.company import tenants
from services.invoicing import press
from services.link import connection
from services.orders import attention, start
from services.transaction import write_transaction
from tenancy.clock import AMSTERDAM, database_now
from tenancy.database import db
from tests.support.cast import EMAILS, process
from tests.support.letters import letters_to
from tests.support.sandbox_process import Sandbox

Leap = Callable[[timedelta], None]


def everybody() -> list[tuple[str, str]]:
    """(to, subject) of every letter in the outbox."""
    tenants.leave()
    return sorted((one.to_address, one.subject) for one in db.session.scalars(select(Mail)))


def break_link(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """They do not take the codes any more, and a press finds out."""
    sandbox.change_password("demo")
    vos.deps.bookkeeping.forget(vos.tenant_id)
    press.approve(vos.deps, process("vos"), vos.order_id)
    process("vos")
    assert connection.present().shown_state.is_broken


def test_a_broken_link_is_told_once_to_owner_and_office(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    break_link(vos, sandbox)
    for _ in range(3):
        rounds.every_minute(vos.deps)
    told = everybody()
    assert [to for to, _subject in told] == sorted([EMAILS[OWNER], EMAILS[OFFICE]])
    assert {subject for _to, subject in told} == {"Vos: de koppeling met e-Boekhouden is verbroken"}
    (letter,) = letters_to(EMAILS[OWNER])
    assert "E001.1" in letter.text  # what they said
    assert "/t/vos/settings/e-boekhouden" in letter.text  # where it is mended
    assert "/t/vos/settings/notices" in letter.text  # where letters are switched off
    assert "sinds" in letter.text


def test_a_link_that_was_mended_before_the_letter_was_written_is_not_told(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    break_link(vos, sandbox)
    connection.save_credentials(vos.deps, vos.actor, *(sandbox.credentials("demo")[name] for name in (
        "username", "code1", "code2")))  # fmt: skip
    rounds.every_minute(vos.deps)
    assert everybody() == []


def test_what_somebody_switched_off_goes_to_the_others_only(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    owner = _as(vos, OWNER)
    assert telling.choose(owner, frozenset(notices.KINDS) - {notices.LINK_BROKEN})
    assert not telling.choose(owner, frozenset(notices.KINDS) - {notices.LINK_BROKEN})
    break_link(vos, sandbox)
    rounds.every_minute(vos.deps)
    assert [to for to, _subject in everybody()] == [EMAILS[OFFICE]]


def test_a_letter_is_in_the_language_of_who_gets_it(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with write_transaction() as session:
        session.scalars(select(Person).where(Person.email == EMAILS[OFFICE])).one().language = "en"
    break_link(vos, sandbox)
    rounds.every_minute(vos.deps)
    assert letters_to(EMAILS[OFFICE])[0].subject == "Vos: the link with e-Boekhouden is broken"


def test_an_address_that_takes_no_letter_keeps_nobody_else_from_one(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with write_transaction() as session:
        session.scalars(select(Person).where(Person.email == EMAILS[OFFICE])).one().email = "geen adres"
    break_link(vos, sandbox)
    rounds.every_minute(vos.deps)
    assert [to for to, _subject in everybody()] == [EMAILS[OWNER]]


def test_a_visit_of_support_neither_gets_nor_causes_a_letter(vos: SimpleNamespace) -> None:
    staff = db.session.scalars(select(Person).where(Person.email == EMAILS["support"])).one()
    with write_transaction() as session:  # as a row of before may say
        session.add(Membership(tenant_id=vos.tenant_id, person_id=staff.id, role=OWNER))
    assert EMAILS["support"] not in [one.email for one in telling.receivers(vos.actor)]
    visitor = replace(vos.actor, person_id=staff.id, on_behalf_of="Vos", visit_id=uuid4(), acting=True)
    credentials = connection.active_credentials(vos.deps)
    assert credentials is not None
    connection.note_trouble(visitor, credentials, CredentialsRefused("nee", "E001.1"))
    process("vos")
    assert connection.present().shown_state.is_broken
    rounds.every_minute(vos.deps)
    assert everybody() == []


def test_what_is_over_before_the_letter_was_written_is_not_told(vos: SimpleNamespace) -> None:
    with write_transaction() as session:
        telling.tell(session, vos.tenant_id, notices.BEHIND, "VF2026-0017")
    rounds.every_minute(vos.deps)
    assert everybody() == []


def test_what_another_part_found_is_told_by_its_kind(vos: SimpleNamespace) -> None:
    with write_transaction() as session:
        session.scalars(select(Connection)).one().behind_since = database_now(session)
    for _ in range(2):
        with write_transaction() as session:
            telling.tell(session, vos.tenant_id, notices.BEHIND, "VF2026-0017")
    rounds.every_minute(vos.deps)
    with write_transaction() as session:
        telling.tell(session, vos.tenant_id, notices.BEHIND, "VF2026-0017")
    rounds.every_minute(vos.deps)
    assert [to for to, _subject in everybody()] == sorted([EMAILS[OWNER], EMAILS[OFFICE]])
    (letter,) = letters_to(EMAILS[OWNER])
    assert "achter" in letter.subject
    assert "/t/vos/settings/e-boekhouden/looking-back\n" in letter.text  # where it is mended


def test_a_closed_company_gets_none(vos: SimpleNamespace) -> None:
    with write_transaction() as session:
        telling.tell(session, vos.tenant_id, notices.BEHIND, "x")
        session.get(Tenant, vos.tenant_id).suspended_at = database_now(session)
    rounds.every_minute(vos.deps)
    assert everybody() == []


# a worker that is away


def two_portals() -> list[telling.Watch]:
    return [telling.Watch(), telling.Watch()]


def test_a_worker_away_over_15_minutes_is_told_once_by_however_many_portals(vos: SimpleNamespace, leap: Leap) -> None:
    heartbeat.beat(heartbeat.WORKER, uuid4())
    portals = two_portals()
    leap(timedelta(minutes=14))
    for _ in range(2):
        for portal in portals:
            portal.look(vos.deps)
    assert everybody() == []
    leap(timedelta(minutes=2))
    for _ in range(3):
        for portal in portals:
            portal.look(vos.deps)
    told = everybody()
    assert [to for to, _subject in told] == sorted([EMAILS[OWNER], EMAILS[OFFICE]])  # Vos has a link, Buur has none
    assert "ligt stil" in told[0][1]
    heartbeat.beat(heartbeat.WORKER, uuid4())
    leap(timedelta(minutes=16))
    for _ in range(2):
        for portal in portals:
            portal.look(vos.deps)
    assert len(everybody()) == 4  # another absence


def test_a_worker_that_comes_with_the_machine_is_not_missed(vos: SimpleNamespace, leap: Leap) -> None:
    worker, portal = uuid4(), telling.Watch()
    heartbeat.beat(heartbeat.WORKER, worker)
    leap(timedelta(hours=8))  # it slept, or an older copy of the database came back
    portal.look(vos.deps)
    heartbeat.beat(heartbeat.WORKER, worker)
    portal.look(vos.deps)
    assert everybody() == []


def test_where_there_never_was_a_worker_the_portals_begin_counts(vos: SimpleNamespace, leap: Leap) -> None:
    assert heartbeat.away_over(telling.AWAY_FOR) is None
    heartbeat.beat(heartbeat.PORTAL, uuid4())
    leap(timedelta(minutes=16))
    began = db.session.scalar(select(Heartbeat.started_at))
    assert heartbeat.away_over(telling.AWAY_FOR) == began


def test_a_worker_that_is_back_before_the_letter_was_written_is_not_told(vos: SimpleNamespace, leap: Leap) -> None:
    heartbeat.beat(heartbeat.WORKER, uuid4())
    leap(timedelta(minutes=16))
    with write_transaction() as session:
        telling.tell(session, vos.tenant_id, notices.WORKER_AWAY, "then")
    heartbeat.beat(heartbeat.WORKER, uuid4())
    rounds.every_minute(vos.deps)
    assert everybody() == []


# the letter of the morning


def test_the_daily_letter_tells_what_stands_over_a_working_day_once_a_day(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Leap
) -> None:
    since = refused(vos, sandbox)
    leap(_at(since, working_days=1, hour=6) - database_now(db.session()))
    mornings(vos)
    assert everybody() == []
    leap(timedelta(days=3))  # over a working day, whatever day this is
    while not notices.is_working_day(_now().date()) or _now().hour < 7:
        leap(timedelta(hours=1))
    mornings(vos, times=3)
    assert [to for to, _subject in everybody()] == sorted([EMAILS[OWNER], EMAILS[OFFICE]])
    (letter,) = letters_to(EMAILS[OWNER])
    assert letter.subject == "Vos: 1 bon vraagt aandacht"
    assert f"/t/vos/work-orders/{vos.order_id}" in letter.text
    assert "geweigerd" in letter.text
    assert "Familie Voorbeeld" in letter.text


def test_no_letter_when_nothing_stands(vos: SimpleNamespace, leap: Leap) -> None:
    while not notices.is_working_day(_now().date()) or _now().hour < 7:
        leap(timedelta(hours=1))
    mornings(vos)
    assert everybody() == []
    assert rounds.daily_letter.due() == []  # and it was looked at


def test_what_stands_since_friday_afternoon_does_not_stand_a_working_day_on_monday_morning() -> None:
    monday = datetime(2026, 11, 30, 7, 10, tzinfo=AMSTERDAM)
    assert rounds.daily_letter.over_a_working_day(monday) == datetime(2026, 11, 27, 7, 10, tzinfo=AMSTERDAM)
    assert rounds.daily_letter.over_a_working_day(monday + timedelta(days=1)) == monday


@pytest.mark.parametrize(
    "moment", ["2026-11-28T12:00", "2026-11-29T12:00", "2026-11-30T06:59"], ids=["saturday", "sunday", "too early"]
)
def test_no_letter_at_the_weekend_or_before_seven(vos: SimpleNamespace, moment: str) -> None:
    assert rounds.daily_letter.due(datetime.fromisoformat(moment).replace(tzinfo=AMSTERDAM)) == []
    assert vos.tenant_id in rounds.daily_letter.due(datetime(2026, 11, 30, 7, 0, tzinfo=AMSTERDAM))


def test_a_link_that_stays_broken_is_in_the_daily_letter(vos: SimpleNamespace, leap: Leap) -> None:
    with write_transaction() as session:
        row = session.scalars(select(Connection)).one()
        row.state, row.broken_at, row.broken_code = "broken", database_now(session), "E001.3"
    leap(timedelta(days=4))
    while not notices.is_working_day(_now().date()) or _now().hour < 7:
        leap(timedelta(hours=1))
    mornings(vos)
    assert letters_to(EMAILS[OWNER])[0].subject == "Vos: de koppeling vraagt aandacht"


def test_data_that_stay_behind_count_in_the_menu_and_are_in_the_daily_letter(vos: SimpleNamespace, leap: Leap) -> None:
    before = attention.count(vos.actor)
    with write_transaction() as session:
        session.scalars(select(Connection)).one().behind_since = database_now(session)
    assert attention.count(vos.actor) == before + 1
    assert start.link_panel().behind
    for on in (False, True):  # while the link is off there is no page that helps
        with write_transaction() as session:
            session.scalars(select(Connection)).one().enabled = on
        assert (attention.count(vos.actor) - before, start.link_panel().behind) == (on, on)
    while not notices.is_working_day(_now().date()) or _now().hour < 7:
        leap(timedelta(hours=1))
    mornings(vos)
    assert everybody() == [], "not over a working day yet"
    leap(timedelta(days=4))
    while not notices.is_working_day(_now().date()):
        leap(timedelta(hours=24))
    mornings(vos)
    (letter,) = letters_to(EMAILS[OWNER])
    assert letter.subject == "Vos: onze gegevens lopen achter, er wordt niets verstuurd"
    assert "Onze gegevens lopen achter, sinds" in letter.text


def test_what_was_told_long_ago_is_forgotten(vos: SimpleNamespace, leap: Leap) -> None:
    with write_transaction() as session:
        telling.tell(session, vos.tenant_id, notices.BEHIND, "x")
    leap(timedelta(days=89))
    assert telling.tidy() == 0
    leap(timedelta(days=2))
    assert telling.tidy() == 1
    assert db.session.scalars(select(Notice)).all() == []


def test_the_roles_that_get_letters_are_those_that_may_choose(client_as: Callable[[str], SimpleNamespace]) -> None:
    for role in (OWNER, OFFICE):
        assert client_as(role).get("/t/vos/settings/notices").status_code == 200
    for role in (PLANNER, WORKER, READER):
        assert client_as(role).get("/t/vos/settings/notices").status_code == 403


def _now() -> datetime:
    db.session.rollback()
    return database_now(db.session()).astimezone(AMSTERDAM)


def _at(since: datetime, working_days: int, hour: int) -> datetime:
    day = since.astimezone(AMSTERDAM).date()
    while working_days:
        day += timedelta(days=1)
        working_days -= notices.is_working_day(day)
    return datetime.combine(day, datetime.min.time(), AMSTERDAM).replace(hour=hour)


def mornings(vos: SimpleNamespace, times: int = 1) -> None:
    """The worker's morning rounds."""
    for _ in range(times):
        rounds.every_morning(vos.deps)


def refused(vos: SimpleNamespace, sandbox: Sandbox) -> datetime:
    """An order whose invoice they refuse; since when."""
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    process("vos")
    return db.session.scalars(select(InvoicePosting.settled_at)).one()


def _as(vos: SimpleNamespace, role: str) -> SimpleNamespace:
    person = db.session.scalars(select(Person.id).where(Person.email == EMAILS[role])).one()
    return SimpleNamespace(tenant_id=vos.tenant_id, person_id=person)
