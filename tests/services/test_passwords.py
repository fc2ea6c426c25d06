"""Which passwords are refused, how many are hashed at once, and that hashes of before are made anew."""

from __future__ import annotations

import gzip
import random
import threading
import time
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher, extract_parameters
from flask import Flask
from sqlalchemy import select

from domain.message import Refusal
from models import Person
from services.company import tenants
from services.people import authentication, passwords
from services.transaction import write_transaction
from tenancy.database import db
from tests.support import quick_start
from tests.support.cast import EMAILS, PASSWORD


@pytest.fixture(autouse=True)
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing as in production."""
    monkeypatch.setattr(passwords, "_hasher", quick_start.REAL_HASHER)
    monkeypatch.setattr(passwords, "_DUMMY", quick_start.REAL_DUMMY)


ABOUT = ("j.jansen@installatie-vos.example", "Jan Jansen", "Installatiebedrijf Vos")


@pytest.mark.parametrize(
    "password",
    ["correct paard batterij niet", "zeven stoelen rond een tafel", "Kx7#pQ2!vLm9",
     "ñandú øl smørrebrød", "a" * 6 + " bcdefg hij",
     "12 fietsen, 3 bruggen", "jansen houdt van drop met pinda"],
)  # fmt: skip
def test_a_long_password_of_any_composition_is_fine(password: str) -> None:
    passwords.check(password, ABOUT)


@pytest.mark.parametrize(
    "password",
    ["kort", "elf tekens.", "x" * 129, "wachtwoord123", "Wachtwoord2026!", "W@chtw00rd123", "p@ssw0rd1234",
     "welkom123456", "welkomwelkom", "123456789012", "qwertyuiopas", "zomerzomerzomer", "Feyenoord1908!",
     "aaaaaaaaaaaaaaaa", "abcabcabcabc",
     "liverpool123", "boekhouden123", "basketball12", "zomervakantie", "chelseafc1905", "administratie1",
     "2026administratie", "manchester2026", "sunshine2026!", "welkom-wachtwoord", "zomer vakantie", "liverpoolchelsea",
     "b0ekhouden2026", "crafter2026!", "crafterliverpool", "werkbonwelkom1", "vos-loodgieter-1",
     "123456loodgieter", "Loodgieter1234567890", "qwertyuiop123", "iloveyou1234",
     "mijnwachtwoord", "installatievos", "Jansen-Jansen", "crafter werkbon", "installatiebedrijf1"],
)  # fmt: skip
def test_a_password_that_anybody_guesses_is_refused(password: str) -> None:
    with pytest.raises(Refusal) as refused:
        passwords.check(password, ABOUT)
    assert refused.value.field == "password"


def test_the_list_has_more_than_a_hundred_thousand_and_each_is_refused_as_it_stands() -> None:
    listed = gzip.decompress(passwords.LIST.read_bytes()).decode().split("\n")[:-1]
    assert len(listed) == len(set(listed)) > 100_000
    assert listed == sorted(listed)
    long = [word for word in listed if passwords.MIN_LENGTH <= len(word) <= passwords.MAX_LENGTH]
    assert len(long) > 5_000
    for word in random.Random(12).sample(long, 200):
        with pytest.raises(Refusal):
            passwords.check(word)


def test_several_words_drawn_from_the_list_itself_are_a_good_password() -> None:
    draw = random.Random(6)
    words = [word for word in gzip.decompress(passwords.LIST.read_bytes()).decode().split() if word.isalpha()]
    for between in (" ", "-", ""):
        for _ in range(70):
            passwords.check(between.join(draw.choice(words) for _ in range(5))[: passwords.MAX_LENGTH], ABOUT)


def test_a_flood_of_logins_hashes_only_a_few_at_once() -> None:
    hashed, running, most = passwords.hash_password(PASSWORD), threading.Semaphore(0), []
    free = lambda: passwords._room._value  # noqa: E731

    def flood() -> None:
        passwords.matches(hashed, "mis")
        running.release()

    threads = [threading.Thread(target=flood) for _ in range(16)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most.append(passwords.AT_ONCE - free())
        time.sleep(0.005)
    assert max(most) == passwords.AT_ONCE
    assert free() == passwords.AT_ONCE


def test_who_waits_too_long_for_a_place_hears_that_it_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE", 0.05)
    for _ in range(passwords.AT_ONCE):
        passwords._room.acquire()
    try:
        with pytest.raises(Refusal, match="te druk"):
            passwords.matches(None, "wat dan ook")
    finally:
        for _ in range(passwords.AT_ONCE):
            passwords._room.release()


def test_an_unknown_address_costs_as_much_work_as_a_wrong_password(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash of the same parameters each: what the work is, whatever a clock says of it on a busy machine."""
    with write_transaction() as session:
        office = session.scalars(select(Person).where(Person.email == EMAILS["office"])).one()
        office.password_hash = passwords.hash_password(PASSWORD)
    tenants.leave()
    real, work = passwords._hasher, []

    def verify(stored: str, given: str) -> bool:
        work.append(extract_parameters(stored))
        return real.verify(stored, given)

    monkeypatch.setattr(passwords, "_hasher", SimpleNamespace(verify=verify))
    for email in (EMAILS["office"], "niemand@nergens.example"):
        with pytest.raises(Refusal, match="kennen we niet"):
            authentication.log_in(email, "een verkeerd wachtwoord", "10.0.0.1")
        tenants.leave()
    known, unknown = work
    assert known == unknown
    assert known.memory_cost == 46 * 1024


def test_a_hash_with_other_parameters_is_made_anew_at_login(app: Flask) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with write_transaction() as session:
        session.scalars(select(Person).where(Person.email == EMAILS["office"])).one().password_hash = old
    authentication.log_in(EMAILS["office"], PASSWORD, "10.0.0.1")
    tenants.leave()
    now = db.session.scalars(select(Person.password_hash).where(Person.email == EMAILS["office"])).one()
    assert now != old
    assert "m=47104,t=1,p=1" in (now or "")
    assert (now or "").startswith("$argon2id$")
