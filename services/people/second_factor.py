"""The second factor: codes of an authenticator app (TOTP), each good once, and recovery codes for a lost phone."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from domain import moments
from domain.message import N_, Message, Refusal, msg
from models import Person, RecoveryCode
from services import mail
from services.dependencies import Dependencies
from services.people import login_sessions, passwords, throttle, told
from services.people.authentication import SignedIn, given_with
from services.sealing import CannotUnseal, seal, unseal
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now
from tenancy.database import db

STEP = 30
LATE = 1  # steps: a code counts in its own and, for who types slowly, in the next (RFC 6238, 5.2)
SET_UP = timedelta(minutes=10)  # how long a secret waits for its first code
CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike on paper
_PARTS = 7  # of four letters: the first is kept as it is, the other 24 letters are 118 bits
_WRONG = N_("Deze code klopt niet, of hij is al gebruikt. Wacht op de volgende en probeer het opnieuw.")
logger = logging.getLogger("crafter.login")


@dataclass(frozen=True)
class Stand:
    """How somebody's second factor stands: since when it is on (or None) and how many recovery codes are left."""

    since: datetime | None
    codes_left: int


def place(person_id: UUID) -> str:
    """What a person's sealed secret is bound to (services/sealing.py)."""
    return f"person|totp|{person_id}"


def must_have(deps: Dependencies, person: SignedIn) -> bool:
    """Whether this person has to set one up before anything else: owners and support, in production, and
    everybody of a company that asks it."""
    always = deps.settings.production and (person.is_owner or person.is_support)
    return (always or person.factor_asked) and not person.second_factor


def stand(person_id: UUID) -> Stand:
    """How a person's second factor stands."""
    since = db.session.scalar(select(Person.totp_since).where(Person.id == person_id))
    return Stand(since, _left(db.session(), person_id))


class PasswordChanged(Exception):
    """The password was changed since it was given as the first step."""


def begin(deps: Dependencies, person_id: UUID) -> str:
    """Make a secret that waits ten minutes to be confirmed; one that waited already is forgotten. Returns the mark of
    it, which only this session gets and which the rest of setting up asks for. Raises Refusal when the second factor
    is on already."""
    with write_transaction() as session:
        person = _locked(session, person_id)
        if person.totp_since is not None:
            raise Refusal(msg("Uw tweede stap staat al aan."))
        person.totp_sealed = seal(deps.settings.credentials_keys, pyotp.random_base32(), place(person_id))
        person.totp_begun_at = database_now(session)
        return _mark(person)


def pending(deps: Dependencies, person_id: UUID, mark: str) -> tuple[str, str] | None:
    """The set-up with this mark as (secret, address for the QR code), or None when it is on already, another one was
    begun since, or it waited too long."""
    person = db.session.get(Person, person_id)
    if person is None or not _waits(person, mark):
        return None
    secret = _opened(deps, person)
    if secret is None:
        return None
    issuer = "Crafter" if deps.settings.production else f"Crafter ({deps.settings.env})"
    return secret, pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=issuer)


def confirm(deps: Dependencies, person_id: UUID, code: str, mark: str, but: str) -> list[str]:
    """Switch the second factor on with a first code of the set-up with this mark; all other sessions end, the one with
    the cookie token `but` stays. Returns the recovery codes, shown this once. Raises Refusal, on "code" when that is
    wrong."""
    gate = _gate_inside(person_id)
    throttle.attempt([gate])
    person = db.session.get(Person, person_id)
    if person is None or not _waits(person, mark):
        raise Refusal(msg("Deze stap duurde te lang, of is elders opnieuw begonnen. Begin opnieuw."))
    step = _fitting(deps, person, code)
    if step is None:
        raise Refusal(msg(_WRONG), "code")
    stop_reading()
    codes, rows = _new_codes(person_id)
    with write_transaction() as session:
        person = _locked(session, person_id)
        if not _waits(person, mark) or step <= _last(person, step):
            raise Refusal(msg(_WRONG), "code")
        person.totp_step = step
        throttle.forgive(session, [gate])
        person.totp_since, person.totp_begun_at = datetime.now(UTC), None
        _notify(session, deps, person, msg("De tweede stap bij het inloggen staat nu aan."))
        logger.info("second factor of person %s switched on", person_id)
        _put(session, person_id, rows)
        login_sessions.end_all_within(session, person_id, but)
    told.of_person(person_id, "second_factor.on")
    return codes


def forget_unconfirmed(person: Person) -> None:
    """A secret that was never confirmed goes with the password under which it was made."""
    if person.totp_since is None:
        person.totp_sealed = person.totp_begun_at = None


def renew_codes(deps: Dependencies, person_id: UUID) -> list[str]:
    """Ten new recovery codes; the old ones open nothing any more. Raises Refusal without a second factor."""
    if db.session.scalar(select(Person.totp_since).where(Person.id == person_id)) is None:
        raise Refusal(msg("Uw tweede stap staat uit."))
    stop_reading()
    codes, rows = _new_codes(person_id)
    with write_transaction() as session:
        person = _locked(session, person_id)
        if person.totp_since is None:
            raise Refusal(msg("Uw tweede stap staat uit."))
        _notify(session, deps, person, msg("Er zijn nieuwe herstelcodes gemaakt; de oude werken niet meer."))
        _put(session, person_id, rows)
    told.of_person(person_id, "second_factor.renewed")
    return codes


def switch_off(deps: Dependencies, person_id: UUID, but: str = "") -> None:
    """Forget the secret and the recovery codes; all sessions end, but the one with the cookie token `but`. Off already,
    the person is not told."""
    with write_transaction() as session:
        person = _locked(session, person_id)
        was_on = person.totp_since is not None
        forget(session, person)
        login_sessions.end_all_within(session, person_id, but)
        if was_on:
            _notify(session, deps, person, msg("De tweede stap bij het inloggen staat nu uit."))
            logger.warning("second factor of person %s switched off", person_id)
    if was_on:
        told.of_person(person_id, "second_factor.off")


def forget(session: Session, person: Person) -> None:
    """Forget a person's secret and recovery codes inside a write transaction."""
    person.totp_sealed = person.totp_since = person.totp_step = person.totp_begun_at = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


def prove(
    deps: Dependencies, person_id: UUID, code: str, address: str = "", device: throttle.Gate | None = None,
    of: str | None = None,
) -> None:  # fmt: skip
    """Check a code of the app or a recovery code; each opens once. With `of`, the mark of the password that was given
    (authentication.given_with), as the second step of logging in, else as somebody who is in. Raises Refusal on
    "code", or PasswordChanged."""
    gates = [_gate_inside(person_id)] if of is None else _gates_of_logging_in(person_id, address, device)
    throttle.attempt(gates)
    paper = _recovery_code(person_id, code)
    try:
        _take(deps, person_id, code, paper, gates, of)
    except Refusal:
        logger.warning("second factor of person %s refused, from %s", person_id, address)
        told.of_person(person_id, "confirmation.refused" if of is None else "login.factor_refused")
        raise
    if of is not None:
        told.of_person(person_id, "login.succeeded")


def _take(
    deps: Dependencies, person_id: UUID, code: str, paper: UUID | None, gates: list[throttle.Gate], of: str | None
) -> None:
    with write_transaction() as session:
        person = _locked(session, person_id)
        if of is not None and given_with(person.password_hash) != of:
            raise PasswordChanged
        on_paper = person.totp_since is not None and _use(session, paper)
        if person.totp_since is None or not (on_paper or _accept(deps, person, code)):
            raise Refusal(msg(_WRONG), "code")
        throttle.forgive(session, gates)
        if on_paper:
            left = _left(session, person_id)
            _notify(session, deps, person, msg("Er is een herstelcode gebruikt. U hebt er nog %(left)s.", left=left))


def _left(session: Session, person_id: UUID) -> int:
    unused = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def _gate_inside(person_id: UUID) -> throttle.Gate:
    """Of who is logged in: nobody else can fill it."""
    return throttle.account(f"second factor of {person_id}, inside")


def _gates_of_logging_in(person_id: UUID, address: str, device: throttle.Gate | None) -> list[throttle.Gate]:
    if device is not None:
        return [throttle.account(f"second factor of {person_id} at {device.key}")]
    return [throttle.account(f"second factor of {person_id}"), throttle.address(address)]


def _mark(person: Person) -> str:
    return hashlib.sha256((person.totp_sealed or "").encode()).hexdigest()[:32]


def _waits(person: Person, mark: str) -> bool:
    """Whether the set-up with this mark may still be confirmed."""
    begun, now = person.totp_begun_at, datetime.now(UTC)
    known = person.totp_since is None and begun is not None and moments.is_recent(begun, now, SET_UP)
    return known and secrets.compare_digest(_mark(person), mark)


def _locked(session: Session, person_id: UUID) -> Person:
    return session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()


def _opened(deps: Dependencies, person: Person) -> str | None:
    if person.totp_sealed is None:
        return None
    try:
        return unseal(deps.settings.credentials_keys, person.totp_sealed, place(person.id)).reveal()
    except CannotUnseal:
        logger.error("the second factor of person %s cannot be unsealed: is its key gone?", person.id)
        return None


def _accept(deps: Dependencies, person: Person, code: str) -> bool:
    """Whether a code fits a step that was not accepted before; that step and the earlier ones then fit no more."""
    step = _fitting(deps, person, code)
    if step is not None:
        person.totp_step = step
    return step is not None


def _fitting(deps: Dependencies, person: Person, code: str) -> int | None:
    """The step, present or just past and not accepted before, that a code is of."""
    secret, digits = _opened(deps, person), re.sub(r"\s", "", code)
    if secret is None or not re.fullmatch(r"[0-9]{6}", digits):
        return None
    totp, now = pyotp.TOTP(secret), int(time.time()) // STEP
    for step in range(now - LATE, now + 1):
        if step > _last(person, now) and secrets.compare_digest(totp.at(step * STEP), digits):
            return step
    return None


def _last(person: Person, now: int) -> int:
    """The last step that was accepted; 0 for none, and for one so far ahead that the clock was set back since, for else
    every code would be refused until it is there again."""
    furthest = now + 1 + int(moments.CLOCKS_DIFFER.total_seconds()) // STEP
    return person.totp_step if person.totp_step is not None and person.totp_step <= furthest else 0


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _old_key(person_id: UUID, code: str) -> str:
    """What was kept of a code before they were hashed as passwords; those open until they are used or renewed."""
    return hashlib.sha256(f"{person_id}|{_plain(code)}".encode()).hexdigest()


def _new_codes(person_id: UUID) -> tuple[list[str], list[RecoveryCode]]:
    """Codes and what is kept of them. Takes most of a second: not inside a transaction."""
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(_PARTS)) for _ in range(CODES)]
    rows = [
        RecoveryCode(person_id=person_id, start=code[:4], key=passwords.hash_password(_plain(code))) for code in codes
    ]
    return codes, rows


def _put(session: Session, person_id: UUID, rows: list[RecoveryCode]) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.add_all(rows)


def _recovery_code(person_id: UUID, code: str) -> UUID | None:
    """The unused recovery code that this is, found before the transaction in which it is used."""
    plain, old = _plain(code), _old_key(person_id, code)
    unused = select(RecoveryCode.id, RecoveryCode.key, RecoveryCode.start).where(
        RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None), RecoveryCode.start.in_((plain[:4], ""))
    )
    rows = db.session.execute(unused).all()
    stop_reading()
    for row_id, key, start in rows:
        if passwords.matches(key, plain) if start else secrets.compare_digest(key, old):
            return row_id
    return None


def _use(session: Session, paper: UUID | None) -> bool:
    """Whether a recovery code is still unused; now it is used."""
    row = session.get(RecoveryCode, paper, with_for_update=True) if paper else None
    if row is None or row.used_at is not None:
        return False
    row.used_at = datetime.now(UTC)
    return True


def _notify(session: Session, deps: Dependencies, person: Person, what: Message) -> None:
    mail.write(session, deps, person.email, person.language, "second_factor", name=person.name, what=what)
