"""Support staff who leave, and people who lost phone and recovery codes: what an operator does by hand, from the
machine itself (cli.py)."""

from __future__ import annotations

import logging

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import email_address
from domain.message import Refusal, msg
from models import Person, Token
from services.dependencies import Dependencies
from services.people import authentication, login_sessions, second_factor, told
from services.support import visits
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db

COMMAND = "opdrachtregel"
logger = logging.getLogger("crafter.login")


def end(email: str) -> None:
    """End the account of somebody of support at once: visits, sessions, password, second factor and waiting links. What
    they did stays in the trails under their name. Raises Refusal when nobody of support has this address."""
    address = email_address.of_person(email)
    found = db.session.scalar(select(Person.id).where(Person.email == address, Person.is_support))
    if found is None:
        raise Refusal(msg("Niemand van support heeft dit e-mailadres."), "email")
    staff = authentication.person(found)
    assert staff is not None
    _close(address)  # first, so that no new visit begins while the running ones end
    visits.stop_all(staff)
    logger.warning("support account of person %s ended", found)


def _close(address: str) -> None:
    with write_transaction() as session:
        person = session.scalars(select(Person).where(Person.email == address).with_for_update()).one()
        person.is_support, person.password_hash = False, None
        second_factor.forget(session, person)
        _end_links(session, person)
        login_sessions.end_all_within(session, person.id)


def _end_links(session: Session, person: Person) -> None:
    waiting = update(Token).where(Token.person_id == person.id, Token.used_at.is_(None))
    session.execute(waiting.values(used_at=database_now(session)))


def reset_factor(deps: Dependencies, email: str) -> None:
    """Forget the second factor of somebody who lost phone and codes, and whom the operator knows by other means: they
    are logged out everywhere and told by mail. Raises Refusal when nobody has this address, or no second factor."""
    address = email_address.of_person(email)
    found = db.session.execute(select(Person.id, Person.totp_since).where(Person.email == address)).one_or_none()
    if found is None or found.totp_since is None:
        raise Refusal(msg("Niemand met dit e-mailadres heeft een tweede stap."), "email")
    second_factor.switch_off(deps, found.id)
    told.of_person(found.id, "command.run", by=COMMAND, what="support reset-factor")
