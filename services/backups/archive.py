"""The one file a backup is: a copy of the database, and a manifest that says what it is and what is not in it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from domain.message import Refusal, msg

VERSION = 1
MANIFEST = "manifest.json"
CONTENT = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
NIGHT, BY_HAND = "nacht", "hand"
PARTIAL = ".partial"
_STAMP = "%Y%m%dT%H%M%SZ"
_STAMPED = "[0-9]" * 8 + "T" + "[0-9]" * 6 + "Z"  # what else a person calls a file in the folder is none of ours
_PIECE = 1 << 20
_LONG_AGO = 24 * 3600.0  # seconds; nobody is at work that long
_LARGEST_MANIFEST = 1 << 20

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Manifest:
    """What a backup is.

    `version` is of this form, `revision` of the tables, `rows` how many each table holds, `size` and `sha256` of the
    copy inside; `keys` names the keys it was sealed with, never their values; `not_in_here` what to keep elsewhere.
    """

    version: int
    database: str
    revision: str
    taken_at: str
    rows: dict[str, int]
    size: int
    sha256: str
    keys: dict[str, list[str]]
    not_in_here: list[str]


@contextmanager
def working_in(folder: Path) -> Iterator[Path]:
    """A folder of our own in there for what is half done; it goes with everything in it, whatever happens. What killed
    processes left goes too."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(f"*{PARTIAL}"):
        with contextlib.suppress(FileNotFoundError):  # somebody else threw it away
            if time.time() - left.stat().st_mtime > _LONG_AGO:
                _remove(left)
    mine = folder / f"{secrets.token_hex(6)}{PARTIAL}"
    mine.mkdir(mode=0o700)
    try:
        yield mine
    finally:
        _remove(mine)


def _remove(folder: Path) -> None:
    """What cannot be thrown away now is a day later; it says nothing about the work that was done in it."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
        folder.rmdir()


def pack(copy: Path, manifest: Manifest, target: Path, working: Path) -> None:
    """Put a copy and its manifest in one file; it has its name only when it is whole and on the disk."""
    half = working / "archive"
    # a dump is compressed already
    how = zipfile.ZIP_DEFLATED if manifest.database == "sqlite" else zipfile.ZIP_STORED
    with os.fdopen(os.open(half, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        with zipfile.ZipFile(file, "w", how, compresslevel=3) as archive:
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
            archive.write(copy, CONTENT[manifest.database])
        file.flush()
        os.fsync(file.fileno())
    half.rename(target)
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """A rename is on the disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def name_of(taken_at: datetime, why: str) -> str:
    """What the file is called: crafter-nacht-20261126T013000Z.zip."""
    return f"crafter-{why}-{taken_at.astimezone(UTC).strftime(_STAMP)}.zip"


def moment_of(path: Path) -> datetime:
    """When a backup was made, by its name."""
    return datetime.strptime(path.stem.rpartition("-")[2], _STAMP).replace(tzinfo=UTC)


def all_of(folder: Path) -> list[Path]:
    """The backups in a folder, those by hand too."""
    return [path for why in (NIGHT, BY_HAND) for path in folder.glob(f"crafter-{why}-{_STAMPED}.zip")]


def nights(folder: Path) -> list[Path]:
    """The backups of nights in a folder, oldest first."""
    return sorted(folder.glob(f"crafter-{NIGHT}-{_STAMPED}.zip"))


def read_manifest(path: Path) -> Manifest:
    """What a backup says it is. Raises Refusal when it is none, or one of a later Crafter."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
                raise ValueError(MANIFEST)
            given: dict[str, Any] = json.loads(archive.read(MANIFEST))
            if given.get("version") == VERSION:
                manifest = Manifest(**given)
                archive.getinfo(CONTENT[manifest.database])
                return manifest
    except OSError as error:
        raise Refusal(msg("%(file)s is niet te lezen: %(why)s.", file=path, why=error.strerror or error)) from None
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError):
        raise Refusal(msg("%(file)s is geen back-up van Crafter, of is beschadigd.", file=path)) from None
    raise Refusal(msg("%(file)s is gemaakt door een nieuwere Crafter. Gebruik die om haar terug te zetten.", file=path))


def unpack(path: Path, manifest: Manifest, target: Path, told: Told) -> None:
    """Write the copy that is inside to `target`. Raises Refusal when it is not, byte for byte, what was put in."""
    done = 0
    summed = hashlib.sha256()
    try:
        with (
            zipfile.ZipFile(path) as archive,
            archive.open(CONTENT[manifest.database]) as inside,
            os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        ):
            for piece in _pieces(inside):
                done += len(piece)
                if done > manifest.size:
                    break
                summed.update(piece)
                file.write(piece)
                told(done, manifest.size)
            file.flush()
            os.fsync(file.fileno())
    except (zipfile.BadZipFile, EOFError, zlib.error):
        done = -1
    if done != manifest.size or summed.hexdigest() != manifest.sha256:
        raise Refusal(
            msg("%(file)s is beschadigd: er staat iets anders in dan erin gedaan is. Neem een andere.", file=path)
        )


def checksum(path: Path) -> str:
    """The SHA-256 of a file."""
    summed = hashlib.sha256()
    with path.open("rb") as file:
        for piece in _pieces(file):
            summed.update(piece)
    return summed.hexdigest()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
