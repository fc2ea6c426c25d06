"""Devices from which somebody logged in before: they have a counter of failures of their own, so that a stranger who
fills the one of the account does not lock its person out (OWASP's device cookies). They are spared nothing else."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer

from domain import email_address
from services.people import throttle

LIFE = timedelta(days=90)


def name(email: str) -> str:
    """Which of the people of a browser: the beginning of a hash of their address."""
    return _of(email)[:12]


def make(key: str, email: str) -> str:
    """What a browser keeps of a login: signed, of this address, and of no other browser."""
    return _sealed(key).dumps([_of(email), secrets.token_urlsafe(16)])


def gate(key: str, given: str, email: str) -> throttle.Gate | None:
    """The counter of a device, or None when it is not known, not of this address, or of more than ninety days ago."""
    try:
        of, _number = _sealed(key).loads(given, max_age=int(LIFE.total_seconds()))
    except (BadSignature, ValueError, TypeError):
        return None
    return throttle.account(f"device {given}") if secrets.compare_digest(of, _of(email)) else None


def _of(email: str) -> str:
    return hashlib.sha256(email_address.as_known(email).encode(errors="replace")).hexdigest()[:32]


def _sealed(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="known device")
