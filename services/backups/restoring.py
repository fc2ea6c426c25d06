"""Putting a backup back: looked at first, then in place of the database in one step."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import make_url

from domain.message import Refusal, msg
from services.backups import archive
from services.backups.archive import CONTENT, Manifest, Told
from settings import Settings
from tenancy import postgres_copy, sqlite_copy
from tenancy.migrated import known_revisions


@dataclass(frozen=True)
class Restored:
    """A database that was put back. `aside`: where the file that stood there is kept; `missing_keys`: keys that it was
    sealed with and that this installation does not have."""

    manifest: Manifest
    aside: Path | None
    missing_keys: list[str]


def restore(settings: Settings, path: Path, replace: bool = False, told: Told = lambda done, total: None) -> Restored:
    """Put a backup back as the database of the settings, which nobody may have open. What stood there is kept until
    the copy has been checked, byte by byte and table by table. Its tables may be older: migrate afterwards, and
    then mark it (looking_back.expect_to_be_behind). A copy holds no sign of life, so whoever starts marks it too.

    Raises Refusal: it is no backup, is damaged, does not fit, or data stand there and `replace` is not given.
    """
    manifest = archive.read_manifest(path)
    if manifest.revision not in known_revisions():
        raise Refusal(
            msg("Deze back-up heeft tabellen (%(revision)s) die deze versie van Crafter niet kent. Gebruik de versie "
                "waarmee ze gemaakt is, of een nieuwere.", revision=manifest.revision or "?")
        )  # fmt: skip
    place = make_url(settings.database_url)
    if place.get_backend_name() != manifest.database:
        raise Refusal(
            msg("Deze back-up is van %(theirs)s en DATABASE_URL is van %(ours)s.",
                theirs=manifest.database, ours=place.get_backend_name())
        )  # fmt: skip
    try:
        aside = None
        if manifest.database == "sqlite":
            aside = _onto_sqlite(Path(str(place.database)), path, manifest, replace, told)
        else:
            _onto_postgres(settings, path, manifest, replace, told)
    except (OSError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise Refusal(msg("Terugzetten is niet gelukt: %(why)s. Er is niets veranderd.", why=why)) from error
    return Restored(manifest, aside, _missing(settings, manifest))


def _onto_sqlite(database: Path, path: Path, manifest: Manifest, replace: bool, told: Told) -> Path | None:
    database.parent.mkdir(parents=True, exist_ok=True)
    _refuse_over(sqlite_copy.holds_nothing(database), replace)
    with archive.working_in(database.parent) as working:
        copied = working / CONTENT["sqlite"]
        archive.unpack(path, manifest, copied, told)
        _compare(manifest, sqlite_copy.look_into(copied)[1])
        return sqlite_copy.put_in_place(copied, database, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")


def _onto_postgres(settings: Settings, path: Path, manifest: Manifest, replace: bool, told: Told) -> None:
    _refuse_over(postgres_copy.holds_nothing(settings.database_url), replace)
    with archive.working_in(settings.backups_in) as working:
        dump = working / CONTENT["postgresql"]
        archive.unpack(path, manifest, dump, told)
        postgres_copy.put_back(settings.database_url, dump, settings.pg_programs, partial(_compare, manifest))


def _refuse_over(empty: bool, replace: bool) -> None:
    if not empty and not replace:
        raise Refusal(
            msg("In deze database staan al gegevens; er is niets veranderd. Moeten ze plaatsmaken: --replace.")
        )


def _compare(manifest: Manifest, rows: Mapping[str, int]) -> None:
    wrong = [name for name in {*manifest.rows, *rows} if manifest.rows.get(name) != rows.get(name)]
    if wrong:
        raise Refusal(msg("De back-up is niet volledig: %(tables)s.", tables=", ".join(sorted(wrong))))


def _missing(settings: Settings, manifest: Manifest) -> list[str]:
    ours = {"CREDENTIALS_KEY": settings.credentials_keys, "AUDIT_KEY": settings.audit_keys}
    return [f"{name} {one}" for name, given in manifest.keys.items() for one in given if one not in ours.get(name, ())]
