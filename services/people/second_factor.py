"""The second factor: codes of an authenticator app (TOTP), each good once, and recovery codes for a lost phone."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from domain import moments
from domain.message import N_, Message, Refusal, msg
from models import Person, RecoveryCode
from services import mail
from services.dependencies import Dependencies
from services.people import throttle
from services.people.authentication import SignedIn
from services.sealing import CannotUnseal, seal, unseal
from services.transaction import write_transaction
from tenancy.database import db

STEP = 30
DRIFT = 1  # a phone's clock may be half a minute off, to either side
CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike on paper
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
    """Whether this person has to set one up before anything else: owners and support, in production."""
    return deps.settings.production and (person.is_owner or person.is_support) and not person.second_factor


def stand(person_id: UUID) -> Stand:
    """How a person's second factor stands."""
    since = db.session.scalar(select(Person.totp_since).where(Person.id == person_id))
    return Stand(since, _left(db.session(), person_id))


def begin(deps: Dependencies, person_id: UUID) -> None:
    """Make the secret of a set-up that is not confirmed yet; a second call keeps it. Raises Refusal when the second
    factor is on already."""
    with write_transaction() as session:
        person = _locked(session, person_id)
        if person.totp_since is not None:
            raise Refusal(msg("Uw tweede stap staat al aan."))
        if _opened(deps, person) is None:
            person.totp_sealed = seal(deps.settings.credentials_keys, pyotp.random_base32(), place(person_id))


def pending(deps: Dependencies, person_id: UUID) -> tuple[str, str] | None:
    """The set-up under way as (secret, address for the QR code), or None when there is none or it is on already."""
    person = db.session.get(Person, person_id)
    secret = _opened(deps, person) if person is not None and person.totp_since is None else None
    if person is None or secret is None:
        return None
    issuer = "Crafter" if deps.settings.production else f"Crafter ({deps.settings.env})"
    return secret, pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=issuer)


def confirm(deps: Dependencies, person_id: UUID, code: str) -> list[str]:
    """Switch the second factor on with a first code. Returns the recovery codes, shown this once.
    Raises Refusal on "code"."""
    throttle.attempt([_gate(person_id)])
    with write_transaction() as session:
        person = _locked(session, person_id)
        if person.totp_since is not None:
            raise Refusal(msg("Uw tweede stap staat al aan."))
        if not _accept(deps, person, code):
            raise Refusal(msg(_WRONG), "code")
        throttle.forgive(session, [_gate(person_id)])
        person.totp_since = datetime.now(UTC)
        _notify(session, deps, person, msg("De tweede stap bij het inloggen staat nu aan."))
        logger.info("second factor of person %s switched on", person_id)
        return _new_codes(session, person_id)


def renew_codes(deps: Dependencies, person_id: UUID) -> list[str]:
    """Ten new recovery codes; the old ones open nothing any more. Raises Refusal without a second factor."""
    with write_transaction() as session:
        person = _locked(session, person_id)
        if person.totp_since is None:
            raise Refusal(msg("Uw tweede stap staat uit."))
        _notify(session, deps, person, msg("Er zijn nieuwe herstelcodes gemaakt; de oude werken niet meer."))
        return _new_codes(session, person_id)


def switch_off(deps: Dependencies, person_id: UUID) -> None:
    """Forget the secret and the recovery codes. Off already changes nothing."""
    with write_transaction() as session:
        person = _locked(session, person_id)
        was_on = person.totp_since is not None
        person.totp_sealed = person.totp_since = person.totp_step = None
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
        if was_on:
            _notify(session, deps, person, msg("De tweede stap bij het inloggen staat nu uit."))
            logger.warning("second factor of person %s switched off", person_id)


def prove(deps: Dependencies, person_id: UUID, code: str, address: str) -> None:
    """Check a code of the app or a recovery code; each opens once. Raises Refusal on "code"."""
    gates = (_gate(person_id), throttle.address(address))
    throttle.attempt(gates)
    with write_transaction() as session:
        person = _locked(session, person_id)
        if person.totp_since is not None:
            on_paper = _use_recovery_code(session, person_id, code)
            if on_paper or _accept(deps, person, code):
                throttle.forgive(session, gates)
                if on_paper:
                    left = _left(session, person_id)
                    used = msg("Er is een herstelcode gebruikt. U hebt er nog %(left)s.", left=left)
                    _notify(session, deps, person, used)
                return
    logger.warning("second factor of person %s refused, from %s", person_id, address)
    raise Refusal(msg(_WRONG), "code")


def _left(session: Session, person_id: UUID) -> int:
    unused = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def _gate(person_id: UUID) -> throttle.Gate:
    return throttle.account(f"second factor of {person_id}")


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
    secret, digits = _opened(deps, person), re.sub(r"\s", "", code)
    if secret is None or not re.fullmatch(r"[0-9]{6}", digits):
        return False
    totp, now = pyotp.TOTP(secret), int(time.time()) // STEP
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > _last(person, now) and secrets.compare_digest(totp.at(step * STEP), digits):
            person.totp_step = step
            return True
    return False


def _last(person: Person, now: int) -> int:
    """The last step that was accepted; 0 for none, and for one so far ahead that the clock was set back since, for else
    every code would be refused until it is there again."""
    furthest = now + DRIFT + int(moments.CLOCKS_DIFFER.total_seconds()) // STEP
    return person.totp_step if person.totp_step is not None and person.totp_step <= furthest else 0


def _key(person_id: UUID, code: str) -> str:
    plain = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(f"{person_id}|{plain}".encode()).hexdigest()


def _new_codes(session: Session, person_id: UUID) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)) for _ in range(CODES)]
    session.add_all(RecoveryCode(person_id=person_id, key=_key(person_id, code)) for code in codes)
    return codes


def _use_recovery_code(session: Session, person_id: UUID, code: str) -> bool:
    unused = select(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    row = session.scalars(unused.where(RecoveryCode.key == _key(person_id, code)).with_for_update()).one_or_none()
    if row is None:
        return False
    row.used_at = datetime.now(UTC)
    return True


def _notify(session: Session, deps: Dependencies, person: Person, what: Message) -> None:
    mail.write(session, deps, person.email, person.language, "second_factor", name=person.name, what=what)
