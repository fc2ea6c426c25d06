"""The three ways Crafter runs, and what each asks of its settings. It fails closed: a way is said by name.

`demo` is what `make run` starts: one machine, a play bookkeeping, passwords that everybody knows. `trial` is for trying
out on any database, with everything outside still on loopback. `production` is the real thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import urlsplit

from domain.email_address import of_person
from domain.message import Refusal
from domain.this_machine import leads_here

if TYPE_CHECKING:
    from settings import Settings

Mode = Literal["demo", "trial", "production"]
NAMES: tuple[str, ...] = get_args(Mode)
SHORTEST_SECRET = 32
_DIFFERENT = 10  # signs in a secret of 32, or bytes in a key of 32: random ones have never fewer
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_SENDER = re.compile(r"[^<>\r\n]*<(?P<address>[^<>]+)>|(?P<bare>[^<>\r\n]+)")


def what_is_wrong(settings: Settings) -> list[str]:
    """A sentence for each setting that this mode does not start with, by its variable's name and never with its value.
    Empty when it may start."""
    return list(_RULES[settings.env](settings))


def _demo(settings: Settings) -> Iterator[str]:
    other = "CRAFTER_ENV=demo is for one machine; say trial or production"
    if not leads_here(settings.base_url):
        yield f"BASE_URL must be on loopback: {other}"
    if not settings.database_url.startswith("sqlite:"):
        yield f"DATABASE_URL must read sqlite:///...: {other}"
    if not leads_here(settings.eboekhouden_url):
        yield f"EBOEKHOUDEN_URL must be on loopback: {other}"
    if settings.mail_url:
        yield f"MAIL_URL must be left out, letters stay in the outbox: {other}"


def _trial(settings: Settings) -> Iterator[str]:
    if not leads_here(settings.eboekhouden_url):
        yield "EBOEKHOUDEN_URL must be on loopback: a trial sends nothing to real books"
    if settings.mail_url and not leads_here(settings.mail_url):
        yield "MAIL_URL must be on loopback: a trial sends nobody a letter"


def _production(settings: Settings) -> Iterator[str]:
    if not settings.database_url.startswith("postgresql+"):
        yield "DATABASE_URL must read postgresql+psycopg://...: SQLite has no wall of its own between customers"
    if not settings.base_url.startswith("https://"):
        yield "BASE_URL must be https in production: cookies and links do not go over plain http"
    if leads_here(settings.base_url):
        yield "BASE_URL must not be on loopback: links in letters would lead nowhere"
    if leads_here(settings.eboekhouden_url):
        yield "EBOEKHOUDEN_URL must not be on loopback"
    yield from _hosts(settings)
    yield from _sender(settings.mail_from)
    yield from _secrets(settings)


def _hosts(settings: Settings) -> Iterator[str]:
    names = settings.trusted_hosts
    if not names or not all(_HOST.fullmatch(name) for name in names):
        yield "TRUSTED_HOSTS must name each host in full, with a comma between: no *, no leading dot, no port"
    elif urlsplit(settings.base_url).hostname not in {name.lower() for name in names}:
        yield "TRUSTED_HOSTS must hold the host of BASE_URL"


def _sender(text: str) -> Iterator[str]:
    found = _SENDER.fullmatch(text)
    try:
        of_person((found["address"] or found["bare"]) if found else "")
    except Refusal:
        yield "MAIL_FROM must read Name <name@host>, on one line"


def _secrets(settings: Settings) -> Iterator[str]:
    keys = {"CREDENTIALS_KEY": settings.credentials_keys, "AUDIT_KEY": settings.given_audit_keys}
    texts = {"SECRET_KEY": settings.secret_key, "METRICS_TOKEN": settings.metrics_token}
    if len(settings.secret_key) < SHORTEST_SECRET:
        yield f"SECRET_KEY must have at least {SHORTEST_SECRET} characters"
    material = [(name, key) for name, versions in keys.items() for key in versions.values()]
    material += [(name, _bytes(text)) for name, text in texts.items() if text]
    for name in dict.fromkeys(name for name, secret in material if len(set(secret)) < _DIFFERENT):
        yield f"{name} is too easy to guess: let a program make it (README)"
    owners: dict[bytes, list[str]] = {}
    for name, secret in material:
        owners.setdefault(secret, []).append(name)
    for names in owners.values():
        if len(names) > 1:
            yield f"{' and '.join(dict.fromkeys(names))}: the same secret is given more than once"


def _bytes(text: str) -> bytes:
    """What a secret is made of: the bytes that its hexadecimal digits stand for, or the text itself."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return text.encode()


_RULES: dict[str, Callable[[Settings], Iterator[str]]] = {"demo": _demo, "trial": _trial, "production": _production}
