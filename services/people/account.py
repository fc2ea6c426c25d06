"""What people do with their own account: another password."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from domain.message import Refusal
from models import Person
from services.people import authentication, passwords, reset
from services.transaction import stop_reading, write_transaction
from tenancy.database import db


def change_password(person_id: UUID, old: str, new: str, address: str, token: str) -> None:
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
        reset.change_within(session, person, hashed, but=token)
