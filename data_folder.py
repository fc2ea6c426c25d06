"""The folder that holds a demo's data: which one it is, that it is ours, who uses it, and how it is emptied.

Nothing of ours is written outside it, and nothing is removed from a folder that does not bear our mark. It carries a
`.gitignore` of its own, so that no key or database is committed wherever it lies. What lies there is for the user that
runs us and for no other one of this machine. Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import defaults
from defaults import WrongVariable

PROGRAM = Path(__file__).resolve().parent
MARK = ".crafter-data"
METRICS = "metrics"
BACKUPS = "backups"
DATABASES = ("crafter.sqlite3", "queue.sqlite3", "sandbox.sqlite3", "calls.sqlite3")
LOGS = ("sandbox", "portal", "worker")
KEPT = frozenset({"secret.key", "credentials.key", "sandbox.sqlite3.id"})
KEPT |= {f"{name}.log" for name in LOGS} | {
    f"{name}{end}" for name in DATABASES for end in ("", "-wal", "-shm", "-journal", "-here")
}
_OURS = KEPT | {MARK, METRICS, BACKUPS, ".gitignore"}
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PROGRAM_TEXT = frozenset({".py", ".html", ".css", ".js", ".md", ".po"})
_MARK_TEXT = "Deze map is van Crafter (make run). make demo-reset maakt haar leeg.\n"


class WrongFolder(WrongVariable):
    """A folder cannot hold the data, or cannot be emptied; one Dutch line says why and what now."""


def write_for_us_alone() -> None:
    """From now on what this process makes is 0600, folders 0700. The first thing that each of our programs does."""
    os.umask(_OTHERS)


def find(environ: Mapping[str, str]) -> Path:
    """The folder that DATA names, else `instance` beside the program. Raises WrongFolder; writes nothing."""
    text = defaults.given(environ, "DATA")
    if not text:
        return PROGRAM / defaults.DATA
    with contextlib.suppress(RuntimeError):  # ~somebody who does not exist is a name like any other
        text = str(Path(text).expanduser())
    folder = Path(text).resolve()
    if folder in PROGRAM.parents or (folder / "app.py").exists() or _within_the_program(folder):
        raise WrongFolder(
            f"DATA={text} kan niet: in die map staat het programma zelf, en daar hoort geen data. "
            f"Er is niets geschreven of weggehaald. Kies een eigen map, bijvoorbeeld: make run DATA={defaults.DATA}"
        )
    return folder


def _within_the_program(folder: Path) -> bool:
    """Whether it is one of the program's own folders (services, docs, .git, …) or lies in one."""
    if PROGRAM not in folder.parents:
        return False
    top = PROGRAM / folder.relative_to(PROGRAM).parts[0]
    if top.name == defaults.DATA or _marked(top) or not top.exists():
        return False
    return top.name.startswith(".") or any(path.suffix in _PROGRAM_TEXT for path in top.rglob("*"))


def prepare(folder: Path) -> None:
    """Make the folder and, when nothing but ours lies in it, mark it as ours. Raises WrongFolder."""
    make(folder)
    try:
        if not _marked(folder) and (not _strange(folder) or folder == PROGRAM / defaults.DATA):
            for name, text in ((".gitignore", "*\n"), (MARK, _MARK_TEXT)):
                with contextlib.suppress(FileExistsError), (folder / name).open("x") as file:  # others start with us
                    file.write(text)
    except OSError as error:
        raise _not_usable(folder, error) from None
    _close_to_others(folder)


def make(folder: Path) -> None:
    """Make the folder when it is not there, and keep others out of what is ours in it. Raises WrongFolder."""
    try:
        folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise WrongFolder(f"{folder} is geen map, dus daar kan geen data in. Kies een map met DATA=…") from None
    except OSError as error:
        raise _not_usable(folder, error) from None
    _close_to_others(folder)


def _not_usable(folder: Path, error: OSError) -> WrongFolder:
    why = "er mag niet in geschreven worden" if isinstance(error, PermissionError) else error.strerror
    return WrongFolder(f"De map {folder} is niet te gebruiken: {why}. Kies een andere met DATA=…")


def _close_to_others(folder: Path) -> None:
    """What was made before by a looser hand is ours alone too. The folder itself only when nothing else lies in it."""
    aside = folder.glob(f"{DATABASES[0]}.before-restore-*")
    found = [*(folder / name for name in _OURS), *aside]
    found += [path for name in (METRICS, BACKUPS) for path in (folder / name).rglob("*")]
    if _marked(folder) or not _strange(folder):
        found.append(folder)
    for path in found:
        with contextlib.suppress(OSError):  # not there (any more), or of somebody else
            mode = path.lstat().st_mode
            if mode & _OTHERS and not stat.S_ISLNK(mode):
                path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


def prepare_for_us_alone(folder: Path) -> IO[str]:
    """The same, but a folder with things of others is refused, and so is one in use. Keep what it gives: as long as
    that is open, nobody else starts or empties here. Raises WrongFolder."""
    if folder.is_dir() and not _marked(folder) and folder != PROGRAM / defaults.DATA and (strange := _strange(folder)):
        raise WrongFolder(
            f"De map {folder} bevat al iets anders ({strange[0]}), dus daar komt geen data bij. "
            "Er is niets geschreven. Kies een lege of nieuwe map met DATA=…"
        )
    prepare(folder)
    return _hold(folder)


def empty(folder: Path) -> bool:
    """Throw away what a demo keeps, and nothing else that may lie there; False when there is nothing yet.
    Raises WrongFolder when the folder is not ours or a portal uses it."""
    if not folder.exists():
        return False
    if not _marked(folder):
        raise WrongFolder(
            f"De map {folder} is niet door Crafter gemaakt, dus er is niets weggehaald. "
            "Is het toch die van een demo: start daar eenmaal make run, of haal de map zelf weg."
        )
    with _hold(folder):
        for name in DATABASES:
            _refuse_when_open(folder / name)
        aside = folder.glob(f"{DATABASES[0]}.before-restore-*")  # by flask restore (tenancy/sqlite_copy.py)
        for path in [*(folder / name for name in KEPT), *aside]:
            path.unlink(missing_ok=True)
        for name in (METRICS, BACKUPS):
            shutil.rmtree(folder / name, ignore_errors=True)
    return True


def _marked(folder: Path) -> bool:
    return (folder / MARK).is_file()


def _strange(folder: Path) -> list[str]:
    """What lies there and is not ours."""
    return sorted(path.name for path in folder.iterdir() if path.name not in _OURS)


def _hold(folder: Path) -> IO[str]:
    mark = (folder / MARK).open()
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        mark.close()
        raise _in_use(folder) from None
    return mark


def _refuse_when_open(database: Path) -> None:
    """SQLite leaves its write-ahead mode only when nobody else has the file open: so a portal, worker or sandbox that
    was started by hand shows itself too."""
    if not database.is_file():
        return
    with contextlib.closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise _in_use(database.parent) from None


def _in_use(folder: Path) -> WrongFolder:
    return WrongFolder(
        f"De map {folder} is in gebruik door een portaal dat draait. Er is niets veranderd. "
        "Stop het eerst (Ctrl-C), of kies een andere map met DATA=…"
    )
