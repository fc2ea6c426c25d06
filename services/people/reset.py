"""A forgotten password: a link by mail, good for an hour and once. Whether an address is known never shows, not in the
words and not in the time; the second factor stays asked for, and nobody is logged in by a link."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import email_address
from domain.languages import DUTCH
from domain.message import Refusal, msg
from models import Person, Token
from services import mail
from services.dependencies import Dependencies
from services.people import login_sessions, passwords, second_factor, throttle, told
from services.people.authentication import guessable, token_key, valid_token
from services.transaction import stop_reading, write_transaction
from tenancy.database import db

PURPOSE = "reset"
LIFE = timedelta(minutes=60)
MOST = 20  # letters to one address before it gets no more for a while; the throttle waits less long than a link lives
logger = logging.getLogger("crafter.login")


def ask(deps: Dependencies, email: str, address: str) -> None:
    """Send a link to an address that is known. Raises Refusal only when one asker asks too often, known or not.

    However many ask for somebody else's account, its person is not refused for that; past twenty in a quarter of an
    hour nothing more is sent, for the links that went then all still work.
    """
    email = email_address.as_known(email)
    asker = throttle.address(address).key
    by_address = throttle.named(f"reset:{asker}", 20)  # apart from logging in
    throttle.attempt([throttle.account(f"reset of {email} by {asker}"), by_address])
    wanted = _not_flooded(email)
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with write_transaction() as session:
        person = session.scalar(select(Person).where(Person.email == email)) if wanted else None
        # An unknown address costs the same rows; they open and send nothing.
        row = Token(key=token_key(token), purpose=PURPOSE, person_id=person.id if person else None, created_at=now,
                    expires_at=now + LIFE, used_at=None if person else now)  # fmt: skip
        session.add(row)
        link = f"{deps.settings.base_url}/new-password/{token}"
        if person is not None:
            mail.write(session, deps, person.email, person.language, PURPOSE, name=person.name, link=link)
        else:
            mail.pretend(session, deps, DUTCH, PURPOSE, name="", link=link)


def _not_flooded(email: str) -> bool:
    try:
        throttle.attempt([throttle.Gate(throttle.account(f"reset of {email}").key, MOST)])
    except Refusal:
        logger.warning("many ask a reset of one account; nothing more is sent for a while")
        return False
    return True


def finish(deps: Dependencies, token: str, password: str) -> None:
    """Set a new password with the link from the mail; ends every session and every other link of that person.
    Raises Refusal when the link is used or expired, or on "password" when that is weak."""
    row = valid_token(db.session(), token, PURPOSE)
    person = db.session.get(Person, row.person_id) if row else None
    about = guessable(db.session(), person) if person else ()
    stop_reading()
    passwords.check(password, about)
    hashed = passwords.hash_password(password)
    with write_transaction() as session:
        row = valid_token(session, token, PURPOSE, lock=True)
        if row is None:
            raise Refusal(msg("Deze link is al gebruikt of verlopen. Vraag een nieuwe aan."))
        person = session.scalars(select(Person).where(Person.id == row.person_id).with_for_update()).one()
        change_within(session, deps, person, hashed)
        person_id = person.id
        logger.info("password of person %s reset by a link", person_id)
    told.of_person(person_id, "login.reset")


def change_within(session: Session, deps: Dependencies, person: Person, hashed: str, but: str = "") -> None:
    """Give a person another password inside a write transaction: links and sessions end, but the session whose token
    is `but`, and the person is told by mail."""
    person.password_hash = hashed
    second_factor.forget_unconfirmed(person)
    unused = update(Token).where(
        Token.person_id == person.id, Token.purpose.in_((PURPOSE, "first_login")), Token.used_at.is_(None)
    )
    session.execute(unused.values(used_at=datetime.now(UTC)))
    login_sessions.end_all_within(session, person.id, but)
    mail.write(session, deps, person.email, person.language, "password_changed", name=person.name)
