"""Typed settings from the environment; refuses to start on missing or unsafe values.

Each field names the variable it is read from and what that must be; pydantic reads them (docs/adr/0011).
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

import data_folder
import defaults
import modes
from domain.posting import LEASE
from domain.this_machine import leads_here

_CHECKED = ConfigDict(validate_by_name=True, validate_by_alias=True, validate_default=False)


class UnsafeSettings(SystemExit):
    """A setting is missing or unsafe; the process does not start. The text names each variable, never its value."""


def _must(hold: Callable[[str], object], form: str) -> AfterValidator:
    """A rule for a text that is given: what it must be."""

    def check(text: str) -> str:
        try:
            held = not text or hold(text)
        except ValueError:  # a library could not take it apart; its words may quote it
            held = False
        if not held:
            raise ValueError(f"must {form}")
        return text

    return AfterValidator(check)


def _keys(text: Any) -> Any:
    """`v1:<64 hex>[,v2:<64 hex>]` as a mapping from version to 32 bytes."""
    if not isinstance(text, str):
        return text
    pairs = [part.strip().partition(":") for part in text.split(",")]
    try:
        keys = {version: bytes.fromhex(digits) for version, _colon, digits in pairs}
    except ValueError:
        keys = {}
    if len(keys) != len(pairs) or not all(version and len(key) == 32 for version, key in keys.items()):
        raise ValueError("must read v1:<64 hex digits>[,v2:...]")
    return keys


def _has_host(url: str, *schemes: str) -> bool:
    """Whether an address has one of these schemes, a host, and a port that is one where it has any. Raises ValueError
    when it cannot be taken apart."""
    parts = urlsplit(url)
    return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0


def _leads_where_it_reads(url: str, *schemes: str) -> bool:
    """The same, with nobody's name before the host and nothing behind the path: who reads
    `https://known.example@other.example` sees another host than it goes to."""
    parts = urlsplit(url)
    return _has_host(url, *schemes) and parts.username is None and not (parts.query or parts.fragment)


def _is_base(url: str) -> bool:
    return _leads_where_it_reads(url, "http", "https") and not urlsplit(url).path.strip("/")


def _is_safe_endpoint(url: str) -> bool:
    return _leads_where_it_reads(url, *(("http", "https") if leads_here(url) else ("https",)))


def _is_mail_server(url: str) -> bool:
    return _has_host(url, "smtp", "smtps")


def _is_queue(url: str) -> bool:
    return bool(re.fullmatch("sqlite:///.+", url)) or _has_host(url, "redis", "rediss")


def _is_database(url: str) -> bool:
    try:
        return make_url(url).drivername in {"sqlite", "postgresql+psycopg"}
    except ArgumentError:
        return False


Keys = Annotated[Mapping[str, bytes], BeforeValidator(_keys)]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda text: tuple(part.strip() for part in text.split(",")) if isinstance(text, str) else text),
]


@dataclasses.dataclass(frozen=True)
class Times:
    """All deciding times; docs/reliability.md says why each. Tests compress them; nothing leaves one out."""

    connect_seconds: float = 3
    post_seconds: float = 20
    read_seconds: float = 10
    list_seconds: float = 60
    customer_seconds: float = 5  # to ask whom a code leads to before an invoice goes out
    customer_seen: timedelta = timedelta(minutes=10)  # how long that holds
    start_within: timedelta = timedelta(seconds=5)
    press_seconds: float = 25  # until no other number is tried
    lease: timedelta = LEASE
    quiet_window: timedelta = timedelta(seconds=300)
    away: timedelta = timedelta(minutes=15)  # without a sign of life: then this may be an older copy of the database
    session_idle: timedelta = timedelta(hours=8)
    session_absolute: timedelta = timedelta(days=7)
    support_visit: timedelta = timedelta(minutes=30)
    fresh: timedelta = timedelta(minutes=10)  # how long a password counts before credentials, team and exports
    second_step: timedelta = timedelta(minutes=5)  # from the right password to the second factor's code


@dataclass(frozen=True, config=_CHECKED)
class Operator:
    """Who runs this portal, as its pages say it. What is not filled in is left out of them; nothing is invented."""

    support_email: Annotated[str, Field(validation_alias="SUPPORT_EMAIL")] = ""
    support_phone: Annotated[str, Field(validation_alias="SUPPORT_PHONE")] = ""
    support_hours: Annotated[str, Field(validation_alias="SUPPORT_HOURS")] = ""
    price_url: Annotated[
        str, Field(validation_alias="PRICE_URL"), _must(lambda url: url.startswith("https://"), "read https://...")
    ] = ""
    # for /.well-known/security.txt
    security_contact: Annotated[
        str,
        Field(validation_alias="SECURITY_CONTACT"),
        _must(lambda url: urlsplit(url).scheme in {"https", "mailto"}, "read https://... or mailto:..."),
    ] = ""
    # that file's last day, as 2027-06-30
    security_expires: Annotated[date | None, Field(validation_alias="SECURITY_EXPIRES")] = None


@dataclass(frozen=True, config=_CHECKED)
class Settings:
    """Everything the outside decides. `credentials_keys` maps a key version to 32 bytes; the last one seals."""

    env: Annotated[modes.Mode, Field(validation_alias="CRAFTER_ENV")]
    database_url: Annotated[
        str,
        Field(validation_alias="DATABASE_URL"),
        _must(_is_database, "read postgresql+psycopg://... (or sqlite:///... for a demo or trial)"),
    ]
    secret_key: Annotated[str, Field(validation_alias="SECRET_KEY")] = field(repr=False)
    credentials_keys: Annotated[Keys, Field(validation_alias="CREDENTIALS_KEY")] = field(repr=False)
    eboekhouden_url: Annotated[
        str,
        Field(validation_alias="EBOEKHOUDEN_URL"),
        _must(_is_safe_endpoint, "be https (plain http only on loopback)"),
    ]
    queue_url: Annotated[
        str,
        Field(validation_alias="QUEUE_URL"),
        _must(_is_queue, "read redis://host, rediss://host or sqlite:///path"),
    ]
    data: Path
    htmx_source: Annotated[Literal["cdn", "local"], Field(validation_alias="HTMX_SOURCE")] = "cdn"
    # "transaction": a PgBouncer in transaction mode stands between
    database_pooler: Annotated[Literal["", "transaction"], Field(validation_alias="DATABASE_POOLER")] = ""
    trusted_hosts: Annotated[Names, Field(validation_alias="TRUSTED_HOSTS")] = ()
    sandbox_control_url: Annotated[str, Field(validation_alias="SANDBOX_URL")] = ""
    soap_calls_at_once: int = 4
    soap_calls_each: int = 2  # of those, for one administration
    soap_patience: float = 0.5  # seconds that a call waits for its turn
    # what all nodes together ask of one administration: calls at once, calls a day, and how many of these are for
    # invoices only. Others share the same day's calls, so their limit may be reached before ours.
    soap_calls_together: int = 2
    soap_calls_a_day: int = 9000
    soap_calls_kept: int = 1000
    # how many calls at most, to read an administration of more relations or articles than come in one answer
    search_calls: Annotated[int, Field(validation_alias="SEARCH_CALLS", ge=1, le=5000)] = 200
    # and in a day: the rest is for invoices and for looking things up
    searching_a_day: Annotated[int, Field(validation_alias="SEARCH_CALLS_A_DAY", ge=1, le=9000)] = 2000
    search_pause: Annotated[float, Field(validation_alias="SEARCH_PAUSE", ge=0, le=10)] = 0.1  # seconds between those
    # where people reach the portal, for links in mail and for the kind of cookie
    base_url: Annotated[
        str,
        Field(validation_alias="BASE_URL"),
        _must(_is_base, "read https://host, without a path"),
        AfterValidator(lambda url: url.rstrip("/")),
    ] = f"http://127.0.0.1:{defaults.PORT}"
    mail_url: Annotated[
        str,
        Field(validation_alias="MAIL_URL"),
        _must(_is_mail_server, "read smtp://user:password@host:587 or smtps://user:password@host:465"),
    ] = field(default="", repr=False)
    mail_from: Annotated[str, Field(validation_alias="MAIL_FROM")] = "Crafter <crafter@localhost>"
    # how many proxies of ours stand in front: so many addresses of X-Forwarded-For are believed, none more
    proxy_hops: Annotated[int, Field(validation_alias="PROXY_HOPS", ge=0, le=5)] = 0
    # the bearer token that /metrics asks for; without one it is closed (in the demo: open on loopback)
    metrics_token: Annotated[
        str,
        Field(validation_alias="METRICS_TOKEN"),
        _must(lambda text: len(text) >= 32, "have at least 32 characters"),
    ] = field(default="", repr=False)
    # backups (docs/backup.md): where they are made; on PostgreSQL by which role, and where pg_dump is ("": on the PATH)
    backups: Annotated[Literal["nightly", "off"], Field(validation_alias="BACKUPS")] = "nightly"
    backups_kept: Annotated[int, Field(validation_alias="BACKUPS_KEPT", ge=1, le=1000)] = 14  # those of nights
    backup_folder: Annotated[Path | None, Field(validation_alias="BACKUP_FOLDER")] = None
    backup_database_url: Annotated[
        str,
        Field(validation_alias="BACKUP_DATABASE_URL"),
        _must(lambda url: url.startswith("postgresql+") and _is_database(url), "read postgresql+psycopg://..."),
    ] = field(default="", repr=False)
    pg_programs: Annotated[str, Field(validation_alias="PG_PROGRAMS")] = ""
    given_audit_keys: Annotated[Keys, Field(validation_alias="AUDIT_KEY")] = field(default_factory=dict, repr=False)
    times: Times = Times()
    operator: Operator = Operator()

    @property
    def demo(self) -> bool:
        """Whether demo people may exist, whose password is on the login page."""
        return self.env == "demo"

    @property
    def trial(self) -> bool:
        """Whether this is tried out: on any database, with nothing outside but on loopback."""
        return self.env == "trial"

    @property
    def production(self) -> bool:
        """Whether it is the real thing."""
        return self.env == "production"

    @property
    def backups_in(self) -> Path:
        """The folder with backups."""
        return self.backup_folder or self.data / data_folder.BACKUPS

    @property
    def https(self) -> bool:
        """Whether the portal is reached over https; its cookies are then bound to it. Production always is."""
        return self.production or self.base_url.startswith("https://")

    @property
    def audit_keys(self) -> Mapping[str, bytes]:
        """Keys of the audit trail's seals by version; the last one seals. Without AUDIT_KEY one follows from
        SECRET_KEY: seals of before a new SECRET_KEY can then no longer be checked."""
        derived = hashlib.sha256(b"crafter audit seals\0" + self.secret_key.encode()).digest()
        name = hashlib.sha256(derived).hexdigest()[:8]
        return {f"secret-{name}": derived, **self.given_audit_keys}


def _kept_key(folder: Path, name: str) -> bytes:
    """32 random bytes, made once and kept in the data folder (not in production)."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()


_NEEDED = ("DATABASE_URL", "SECRET_KEY", "CREDENTIALS_KEY", "EBOEKHOUDEN_URL", "TRUSTED_HOSTS", "BASE_URL", "MAIL_URL",
           "MAIL_FROM")  # fmt: skip
_OPERATOR, _SETTINGS = TypeAdapter(Operator), TypeAdapter(Settings)


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; empty is the same as missing. Raises UnsafeSettings or WrongVariable: why."""
    given: dict[str, Any] = {name: value for name, value in environ.items() if value.strip()}
    env = given.get("CRAFTER_ENV")
    if env not in modes.NAMES:
        raise UnsafeSettings(
            f"CRAFTER_ENV is {env!r}; it must be production, trial (to try it out, with nothing outside but on "
            "loopback) or demo (what make run starts)"
        )
    data = data_folder.find(environ)
    if env == "production":
        missing = [name for name in _NEEDED if name not in given]
        if missing:
            raise UnsafeSettings(f"production needs {', '.join(missing)}")
        given["SANDBOX_URL"] = ""  # there is no play bookkeeping
    else:
        data_folder.prepare(data)
        given = _of_this_machine(given, environ, data) | given
    queue_there = f"sqlite:///{data / 'queue.sqlite3'}"
    given.setdefault("QUEUE_URL", queue_there)
    try:
        operator = _OPERATOR.validate_python(given)
        settings = _SETTINGS.validate_python(given | {"data": data, "operator": operator})
    except ValidationError as error:  # from None: it carries the values, and a secret may be among them
        raise UnsafeSettings(_told(error)) from None
    _hold_together(settings)
    if env == "production" and settings.queue_url == queue_there:
        data_folder.make(data)  # the queue comes there
    return settings


def _of_this_machine(given: Mapping[str, str], environ: Mapping[str, str], data: Path) -> dict[str, str]:
    """What a demo or trial falls back on: loopback, and keys of its own in its folder. A demo answers to the names of
    this machine only: a page from elsewhere may make a browser ask it under another."""
    endpoint = given.get("EBOEKHOUDEN_URL") or f"http://127.0.0.1:{defaults.port(environ, 'SANDBOX_PORT')}/soap.asmx"
    usual = {
        "DATABASE_URL": f"sqlite:///{data / 'crafter.sqlite3'}",
        "BASE_URL": given.get("BASE_URL") or f"http://127.0.0.1:{defaults.port(environ, 'PORT')}",
        "EBOEKHOUDEN_URL": endpoint,
        "SANDBOX_URL": "{0.scheme}://{0.netloc}".format(urlsplit(endpoint)),
    }
    if given["CRAFTER_ENV"] == "demo":
        usual["TRUSTED_HOSTS"] = "127.0.0.1,localhost"
    if "SECRET_KEY" not in given:
        usual["SECRET_KEY"] = _kept_key(data, "secret.key").hex()
    if "CREDENTIALS_KEY" not in given:
        usual["CREDENTIALS_KEY"] = f"v1:{_kept_key(data, 'credentials.key').hex()}"
    return usual


def _told(error: ValidationError) -> str:
    """Every wrong variable by name, a line each, without what was given."""
    lines = []
    for one in error.errors(include_url=False, include_context=True, include_input=False):
        name, own = ".".join(map(str, one["loc"])), one.get("ctx", {}).get("error")
        lines.append(f"{name} {own}" if own else f"{name}: {one['msg']}")
    return "\n".join(lines)


def _hold_together(settings: Settings) -> None:
    """What one variable asks of another, and the mode of all. Raises UnsafeSettings."""
    wrong = modes.what_is_wrong(settings)
    if bool(settings.operator.security_contact) != bool(settings.operator.security_expires):
        wrong.append("SECURITY_CONTACT and SECURITY_EXPIRES go together")
    if wrong:
        raise UnsafeSettings("\n".join(wrong))
