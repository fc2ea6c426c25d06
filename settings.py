"""Typed settings from the environment; refuses to start on missing or unsafe values."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import data_folder
import defaults

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class UnsafeSettings(SystemExit):
    """A setting is missing or unsafe; the process does not start."""


@dataclass(frozen=True)
class Times:
    """All deciding times (design section 2). Tests compress them; nothing leaves one out."""

    connect_seconds: float = 3
    post_seconds: float = 20
    read_seconds: float = 10
    list_seconds: float = 60
    start_within: timedelta = timedelta(seconds=5)
    lease: timedelta = timedelta(seconds=60)
    quiet_window: timedelta = timedelta(seconds=300)
    session_idle: timedelta = timedelta(hours=8)
    session_absolute: timedelta = timedelta(days=7)
    support_visit: timedelta = timedelta(minutes=30)
    fresh: timedelta = timedelta(minutes=10)  # how long a password counts before credentials, team and exports
    second_step: timedelta = timedelta(minutes=5)  # from the right password to the second factor's code


@dataclass(frozen=True)
class Operator:
    """Who runs this portal, as its pages say it. What is not filled in is left out of them; nothing is invented."""

    support_email: str = ""
    support_phone: str = ""
    support_hours: str = ""
    price_url: str = ""
    security_contact: str = ""  # https: or mailto:, for /.well-known/security.txt
    security_expires: date | None = None  # that file's last day


@dataclass(frozen=True)
class Settings:
    """Everything the outside decides. `credentials_keys` maps a key version to 32 bytes; the last one seals."""

    env: str
    database_url: str
    secret_key: str = field(repr=False)
    credentials_keys: Mapping[str, bytes] = field(repr=False)
    eboekhouden_url: str
    queue_url: str
    data: Path
    htmx_source: str = "cdn"
    trusted_hosts: tuple[str, ...] = ()
    sandbox_control_url: str = ""
    soap_calls_at_once: int = 4
    soap_calls_each: int = 2  # of those, for one administration
    search_calls: int = 400  # at most, to read an administration of more than 2,000 relations or articles
    search_pause: float = 0.1  # seconds between those calls
    base_url: str = f"http://127.0.0.1:{defaults.PORT}"
    mail_url: str = field(default="", repr=False)
    mail_from: str = "Crafter <crafter@localhost>"
    proxy_hops: int = 0
    metrics_token: str = field(default="", repr=False)
    given_audit_keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    times: Times = Times()
    operator: Operator = Operator()

    @property
    def demo(self) -> bool:
        """Whether demo people may exist and the sandbox's credentials may be shown."""
        return self.env == "demo"

    @property
    def https(self) -> bool:
        """Whether the portal is reached over https; its cookies are then bound to it. Production always is."""
        return not self.demo or self.base_url.startswith("https://")

    @property
    def audit_keys(self) -> Mapping[str, bytes]:
        """Keys of the audit trail's seals by version; the last one seals. Without AUDIT_KEY one follows from
        SECRET_KEY: seals of before a new SECRET_KEY can then no longer be checked."""
        derived = hashlib.sha256(b"crafter audit seals\0" + self.secret_key.encode()).digest()
        name = hashlib.sha256(derived).hexdigest()[:8]
        return {f"secret-{name}": derived, **self.given_audit_keys}


def _kept_key(folder: Path, name: str) -> bytes:
    """32 random bytes, made once and kept in the data folder (demo only)."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()


def _parse_keys(text: str, setting: str = "CREDENTIALS_KEY") -> dict[str, bytes]:
    """`v1:<64 hex>[,v2:<64 hex>]` as a mapping."""
    keys = {}
    for part in text.split(","):
        version, _, value = part.strip().partition(":")
        if not version or len(value) != 64:
            raise UnsafeSettings(f"{setting} must read v1:<64 hex digits>[,v2:...]")
        keys[version] = bytes.fromhex(value)
    return keys


_NEEDED = ("DATABASE_URL", "SECRET_KEY", "CREDENTIALS_KEY", "EBOEKHOUDEN_URL", "TRUSTED_HOSTS", "BASE_URL", "MAIL_URL",
           "MAIL_FROM")  # fmt: skip


def _base_url(environ: Mapping[str, str], env: str) -> str:
    """Where people reach the portal, for links in mail and for the kind of cookie."""
    base = (environ.get("BASE_URL") or f"http://127.0.0.1:{defaults.port(environ, 'PORT')}").rstrip("/")
    parts = urlsplit(base)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise UnsafeSettings("BASE_URL must read https://host, without a path")
    if env == "production" and parts.scheme != "https":
        raise UnsafeSettings("BASE_URL must be https in production: cookies and links do not go over plain http")
    return base


def _mail_url(environ: Mapping[str, str]) -> str:
    """MAIL_URL, looked at as far as its form."""
    url = environ.get("MAIL_URL", "")
    if url and (urlsplit(url).scheme not in {"smtp", "smtps"} or not urlsplit(url).hostname):
        raise UnsafeSettings("MAIL_URL must read smtp://user:password@host:587 or smtps://user:password@host:465")
    return url


def _proxy_hops(environ: Mapping[str, str]) -> int:
    """How many proxies of ours stand in front: so many addresses of X-Forwarded-For are believed, none more."""
    text = environ.get("PROXY_HOPS") or "0"
    if not text.isdecimal() or int(text) > 5:
        raise UnsafeSettings("PROXY_HOPS must be the number of proxies in front, 0 to 5")
    return int(text)


def _number(environ: Mapping[str, str], name: str, usual: float, least: float, most: float) -> float:
    """A number within bounds. Raises UnsafeSettings."""
    try:
        value = float(environ.get(name) or usual)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise UnsafeSettings(f"{name} must be a number from {least:g} to {most:g}")
    return value


def _metrics_token(environ: Mapping[str, str]) -> str:
    """The bearer token that /metrics asks for; without one it is closed (in the demo: open on loopback)."""
    token = environ.get("METRICS_TOKEN", "")
    if token and len(token) < 32:
        raise UnsafeSettings("METRICS_TOKEN must have at least 32 characters")
    return token


def _operator(environ: Mapping[str, str]) -> Operator:
    """Who runs it. Raises UnsafeSettings for an address that is none, and for a security contact without a last day."""
    price, contact = environ.get("PRICE_URL", ""), environ.get("SECURITY_CONTACT", "")
    if price and urlsplit(price).scheme != "https":
        raise UnsafeSettings("PRICE_URL must read https://...")
    if contact and urlsplit(contact).scheme not in {"https", "mailto"}:
        raise UnsafeSettings("SECURITY_CONTACT must read https://... or mailto:...")
    try:
        expires = date.fromisoformat(environ["SECURITY_EXPIRES"]) if environ.get("SECURITY_EXPIRES") else None
    except ValueError:
        raise UnsafeSettings("SECURITY_EXPIRES must be a day, as 2027-06-30") from None
    if bool(contact) != bool(expires):
        raise UnsafeSettings("SECURITY_CONTACT and SECURITY_EXPIRES go together")
    return Operator(
        support_email=environ.get("SUPPORT_EMAIL", ""),
        support_phone=environ.get("SUPPORT_PHONE", ""),
        support_hours=environ.get("SUPPORT_HOURS", ""),
        price_url=price,
        security_contact=contact,
        security_expires=expires,
    )


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; empty is the same as missing. Raises UnsafeSettings or WrongVariable: why."""
    env = environ.get("CRAFTER_ENV") or "demo"
    if env not in {"demo", "production"}:
        raise UnsafeSettings(f"CRAFTER_ENV is {env!r}; it must be demo or production")
    data = data_folder.find(environ)
    if env == "demo":
        data_folder.prepare(data)
        secret = environ.get("SECRET_KEY") or _kept_key(data, "secret.key").hex()
        raw_keys = environ.get("CREDENTIALS_KEY")
        keys = _parse_keys(raw_keys) if raw_keys else {"v1": _kept_key(data, "credentials.key")}
    else:
        missing = [n for n in _NEEDED if not environ.get(n)]
        if missing:
            raise UnsafeSettings(f"production needs {', '.join(missing)}")
        secret = environ["SECRET_KEY"]
        keys = _parse_keys(environ["CREDENTIALS_KEY"])
        if len(secret) < 32:
            raise UnsafeSettings("SECRET_KEY must have at least 32 characters")
    url = environ.get("DATABASE_URL") or f"sqlite:///{data / 'crafter.sqlite3'}"
    if url.startswith(("postgres://", "postgresql://")):
        raise UnsafeSettings("write DATABASE_URL as postgresql+psycopg://...")
    endpoint = environ.get("EBOEKHOUDEN_URL") or f"http://127.0.0.1:{defaults.port(environ, 'SANDBOX_PORT')}/soap.asmx"
    parts = urlsplit(endpoint)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise UnsafeSettings("EBOEKHOUDEN_URL must be https (plain http only on loopback)")
    control = "" if env == "production" else environ.get("SANDBOX_URL") or f"{parts.scheme}://{parts.netloc}"
    source = environ.get("HTMX_SOURCE") or "cdn"
    if source not in {"cdn", "local"}:
        raise UnsafeSettings("HTMX_SOURCE must be cdn or local")
    return Settings(
        env=env,
        database_url=url,
        secret_key=secret,
        credentials_keys=keys,
        eboekhouden_url=endpoint,
        queue_url=environ.get("QUEUE_URL") or f"sqlite:///{data / 'queue.sqlite3'}",
        data=data,
        htmx_source=source,
        trusted_hosts=tuple(h for h in environ.get("TRUSTED_HOSTS", "").split(",") if h),
        sandbox_control_url=control,
        proxy_hops=_proxy_hops(environ),
        search_calls=int(_number(environ, "SEARCH_CALLS", 400, 1, 5000)),
        search_pause=_number(environ, "SEARCH_PAUSE", 0.1, 0, 10),
        metrics_token=_metrics_token(environ),
        base_url=_base_url(environ, env),
        mail_url=_mail_url(environ),
        given_audit_keys=_parse_keys(environ["AUDIT_KEY"], "AUDIT_KEY") if environ.get("AUDIT_KEY") else {},
        mail_from=environ.get("MAIL_FROM") or "Crafter <crafter@localhost>",
        operator=_operator(environ),
    )
