"""A sandbox and the cast's database that stand before any test process starts: `--standing FOLDER` uses them.

For runs of many short test processes (`python -m tests.mutants`): each would make both afresh, which takes longer than
its tests. One process at a time; every test puts the sandbox back at its seed and copies the database, as always.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from tests.support.originals import OriginalFile
from tests.support.sandbox_process import Sandbox, running_sandbox

_NOTED = "standing.pickle"
_DATABASE = "crafter.sqlite3"


@contextmanager
def standing(folder: Path) -> Iterator[None]:
    """Until the block ends, both stand in this folder."""
    from flask_migrate import upgrade

    from app import create_app
    from tenancy.database import db
    from tests.conftest import build_cast, settings_for

    with running_sandbox(folder) as sandbox:
        settings = settings_for(folder, sandbox.soap_url)
        with create_app(settings).app_context():
            upgrade()
            db.engine.dispose()
        cast = build_cast(settings, sandbox)
        (folder / _NOTED).write_bytes(pickle.dumps((sandbox.port, cast.vos, cast.buur)))
        yield


def sandbox_in(folder: Path) -> Sandbox:
    """The sandbox that runs for this folder; whoever uses it does not end it."""
    return Sandbox(folder, port=pickle.loads((folder / _NOTED).read_bytes())[0])


def template_in(folder: Path) -> SimpleNamespace:
    """The cast on SQLite that stands in this folder: `original`, and the ids `vos` and `buur`."""
    _port, vos, buur = pickle.loads((folder / _NOTED).read_bytes())
    return SimpleNamespace(original=OriginalFile(folder / _DATABASE), vos=vos, buur=buur)
