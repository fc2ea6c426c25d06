"""What people do with their own account: another password, another language."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from domain.languages import LANGUAGES
from domain.message import Refusal, msg
from models import Person
from services.dependencies import Dependencies
from services.people import authentication, passwords, reset, told
from services.transaction import stop_reading, write_transaction
from tenancy.database import db


def change_password(deps: Dependencies, person_id: UUID, old: str, new: str, address: str, token: str) -> None:
    """Another password; all other sessions end, the one with this cookie token stays. Raises Refusal on "old" or
    "password"."""
    person = db.session.get(Person, person_id)
    assert person is not None
    about = authentication.guessable(db.session(), person)
    stop_reading()
    try:
        authentication.prove(person_id, old, address)
    except Refusal as refusal:
        raise Refusal(refusal.message, "old") from None
    passwords.check(new, about)
    hashed = passwords.hash_password(new)
    with write_transaction() as session:
        person = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()
        reset.change_within(session, deps, person, hashed, but=token)
    told.of_person(person_id, "password.changed")


def choose_language(person_id: UUID, language: str) -> None:
    """The language somebody reads Crafter and its mails in. Raises Refusal on "language"."""
    if language not in LANGUAGES:
        raise Refusal(msg("Kies een taal uit de lijst."), "language")
    with write_transaction() as session:
        session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one().language = language
