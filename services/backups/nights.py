"""A backup every night by the worker, and what support sees of it. All of it stands in the folder with backups, so
whoever shares that shares this: workers make one together, and the portal sees how old the newest is."""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from domain import moments
from domain.message import NOTHING, Message, Refusal
from models import Tenant
from services.backups import archive, making
from settings import Settings
from tenancy.clock import day_of
from tenancy.database import db

OLD_AFTER = timedelta(hours=36)
_AGAIN_AFTER = timedelta(minutes=55)  # after a try that failed
_LATE_AFTER = timedelta(hours=26)  # nobody worked in the night: then by day
_TRY, _LOCK = "last-try.json", ".making"

logger = logging.getLogger("crafter.backup")


@dataclass(frozen=True)
class Standing:
    """How the backups stand: the newest one (`made_at` None: none), what went wrong with the last try of a night, and
    whether it is time to do something about it (`old`)."""

    off: bool
    folder: Path
    made_at: datetime | None
    problem: Message
    old: bool


def standing(settings: Settings) -> Standing:
    """How the backups stand, for support."""
    folder = settings.backups_in
    now = datetime.now(UTC)
    made_at = _made_at(archive.all_of(folder), now)
    off = settings.backups != "nightly"
    since = made_at or (None if off else _begun_at())
    old = not off and since is not None and not moments.is_recent(since, now, OLD_AFTER)
    return Standing(off, folder, made_at, _last_try(folder)[1], old)


def make_tonight(settings: Settings, now: datetime, at_night: bool) -> making.Made | None:
    """Make the backup of this night (in Amsterdam) when nobody did yet; by day only when the newest is late. What fails
    is kept for support to see, and tried again in an hour. Afterwards the oldest nights go."""
    folder = settings.backups_in
    if settings.backups != "nightly":
        return None
    with _alone(folder) as alone:
        if not alone or not _due(folder, now, at_night):
            return None
        try:
            made = making.make(settings, archive.NIGHT)
        except Refusal as refusal:
            logger.warning("tonight's backup failed: %s", refusal)
            _note(folder, now, refusal.message)
            return None
        _note(folder, now, NOTHING)
        for path in _oldest_first(folder, archive.moment_of(made.path))[: -settings.backups_kept]:
            path.unlink(missing_ok=True)
        logger.info("backup %s made, %s bytes", made.path.name, made.size)
        return made


def _due(folder: Path, now: datetime, at_night: bool) -> bool:
    newest, (tried_at, problem) = _made_at(archive.nights(folder), now), _last_try(folder)
    if problem and moments.is_recent(tried_at, now, _AGAIN_AFTER):
        return False
    if newest is not None and day_of(newest) == day_of(now):
        return False
    if at_night:
        return True
    since = newest or _begun_at()
    return since is not None and now - since > _LATE_AFTER


def _begun_at() -> datetime | None:
    """Since when there is something to make a backup of; an installation that nobody lives in yet needs none."""
    return db.session.scalar(select(func.min(Tenant.created_at)))


def _made_at(found: list[Path], now: datetime) -> datetime | None:
    """When the newest was made; one that lies ahead was made before the clock was set back, and nobody knows when."""
    made = (archive.moment_of(path) for path in found)
    return max((at for at in made if not moments.is_ahead(at, now)), default=None)


def _oldest_first(folder: Path, now: datetime) -> list[Path]:
    """The nights, those of which nobody knows when first: else the new one would go instead of them."""
    return sorted(archive.nights(folder), key=lambda path: not moments.is_ahead(archive.moment_of(path), now))


def _last_try(folder: Path) -> tuple[datetime | None, Message]:
    try:
        told = json.loads((folder / _TRY).read_text())
        return datetime.fromisoformat(told["at"]), Message(told["problem"], dict(told["values"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None, NOTHING


def _note(folder: Path, now: datetime, problem: Message) -> None:
    """The sentence and its values apart: who reads it, reads it in their own language."""
    told = {"at": now.isoformat(), "problem": problem.text, "values": dict(problem.values)}
    try:
        (folder / _TRY).write_text(json.dumps(told, default=str))
    except OSError as error:  # the disk may be what is wrong; the age of the newest tells it all the same
        logger.warning("what became of tonight's backup could not be noted: %s", error.strerror)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else makes one at this moment, in any process that shares the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / _LOCK).open("w")
    except OSError as error:
        logger.warning("the folder for backups %s cannot be used: %s", folder, error.strerror)
        yield False
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
