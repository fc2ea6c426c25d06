"""Making a backup of the whole installation, while portal and worker go on."""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from domain.message import Message, Refusal, msg
from services.backups import archive
from services.backups.archive import CONTENT, VERSION, Manifest, Told
from settings import Settings
from tenancy import postgres_copy, sqlite_copy

_KEYS = ("SECRET_KEY", "CREDENTIALS_KEY", "AUDIT_KEY")
_KEY_FILES = ("secret.key", "credentials.key")


@dataclass(frozen=True)
class Made:
    """A backup that stands there."""

    path: Path
    manifest: Manifest
    size: int


def make(settings: Settings, why: str = archive.BY_HAND, told: Told = lambda done, total: None) -> Made:
    """Make a backup in the folder of the settings; earlier ones stay what they are, also when it fails.

    Raises Refusal: what went wrong and what now.
    """
    taken_at = datetime.now(UTC)
    target = settings.backups_in / archive.name_of(taken_at, why)
    try:
        if target.exists():
            raise Refusal(msg("%(file)s bestaat al; over een seconde kan het weer.", file=target.name))
        with archive.working_in(settings.backups_in) as working:
            manifest = _copied(settings, working, taken_at, told)
            archive.pack(working / CONTENT[manifest.database], manifest, target, working)
        return Made(target, manifest, target.stat().st_size)
    except (OSError, sqlite3.Error) as error:
        raise Refusal(_told(error, settings.backups_in)) from error


def _copied(settings: Settings, working: Path, taken_at: datetime, told: Told) -> Manifest:
    kind = make_url(settings.database_url).get_backend_name()
    copied = working / CONTENT[kind]
    if kind == "sqlite":
        sqlite_copy.copy(Path(str(make_url(settings.database_url).database)), copied, told)
        revision, rows = sqlite_copy.look_into(copied)
    else:
        url = settings.backup_database_url or settings.database_url
        revision, rows = postgres_copy.copy(url, copied, settings.pg_programs)
    if not revision:
        raise Refusal(msg("In deze database staan nog geen tabellen van Crafter, dus er is niets te bewaren."))
    return Manifest(
        version=VERSION, database=kind, revision=revision, taken_at=taken_at.isoformat(timespec="seconds"), rows=rows,
        size=copied.stat().st_size, sha256=archive.checksum(copied),
        keys={"CREDENTIALS_KEY": list(settings.credentials_keys), "AUDIT_KEY": list(settings.audit_keys)},
        not_in_here=[*_KEYS, *(str(settings.data / name) for name in _KEY_FILES)],
    )  # fmt: skip


def _told(error: OSError | sqlite3.Error, folder: Path) -> Message:
    full = getattr(error, "errno", None) == errno.ENOSPC or "disk is full" in str(error)
    if full:
        return msg(
            "De schijf van %(folder)s is vol, dus er is geen back-up gemaakt; de vorige staan er nog. Maak ruimte.",
            folder=folder,
        )
    why = getattr(error, "strerror", None) or error
    return msg("De back-up in %(folder)s is niet gelukt: %(why)s. De vorige staan er nog.", folder=folder, why=why)
