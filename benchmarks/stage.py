"""What benchmarks begin with: our app on a new database with the demo in it, its play bookkeeping, and who asks."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from benchmarks.start_up import ROOT, served
from demo.fill import fill
from settings import from_environment
from tenancy.database import db
from tests.support.cast import cookie_for
from tests.support.postgres import OWNER, PostgresServer, migrate, running_postgres
from tests.support.sandbox_process import Sandbox, running_sandbox

KINDS = ("sqlite", "postgres")
EMAIL = "eigenaar@installatie.example"
AS_OURS = ["-c", "/dev/null", "--workers", "2", "--worker-class", "gthread", "--threads", "8"]
NUMBERED = {"customer_order_number": "4500123"}  # an order that no customer of the demo keeps back
Server = tuple[str, int]  # its address, and the process id of its parent


@dataclass(frozen=True)
class Stage:
    """`app` with the demo in its database; `environment` is what a process of it is started with, `signed` the session
    of its owner, and `spare` an empty database of the same kind. `server` is the PostgreSQL, None on SQLite."""

    app: Flask
    folder: Path
    sandbox: Sandbox
    environment: dict[str, str]
    signed: SimpleNamespace
    spare: str
    server: PostgresServer | None

    @property
    def cookie(self) -> str:
        """What the owner's browser sends."""
        return f"crafter_session={self.signed.token}"

    @contextmanager
    def inside(self) -> Iterator[None]:
        """In the app, which lets go of its database at the end: whoever is started next has it for itself."""
        with inside(self.app):
            yield

    @contextmanager
    def beside_bare(self, **different: str) -> Iterator[tuple[Server, Server]]:
        """Ours under gunicorn, with what is `different` in its environment, and the bare app (benchmarks/bare.py)."""
        theirs = {**os.environ, "BARE_DATABASE": self.spare}
        subprocess.run([sys.executable, "-m", "benchmarks.bare"], cwd=ROOT, env=theirs, check=True)
        with (
            served([*AS_OURS, "benchmarks.bare:app"], theirs) as (bare, bare_pid, _),
            served([], self.environment | different) as (address, pid, _),
        ):
            yield (address, pid), (bare, bare_pid)


@contextmanager
def inside(app: Flask) -> Iterator[None]:
    """In an app that lets go of its database at the end."""
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


@contextmanager
def staged(kind: str) -> Iterator[Stage]:
    """All of it, on a database of this kind (`KINDS`) that keeps what is committed."""
    with ExitStack() as until_the_end:
        folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory()))
        sandbox = until_the_end.enter_context(running_sandbox(folder))
        server = until_the_end.enter_context(running_postgres(durable=True)) if kind == "postgres" else None
        wanted = {"CRAFTER_ENV": "trial", "DATA": str(folder), "EBOEKHOUDEN_URL": sandbox.soap_url}
        if server is None:
            wanted["DATABASE_URL"], spare = (f"sqlite:///{folder}/{name}.sqlite3" for name in ("crafter", "bare"))
        else:
            name, other = server.new(), server.new()
            migrate(from_environment(wanted | {"DATABASE_URL": server.url(name, OWNER)}))
            wanted["DATABASE_URL"], spare = server.url(name), server.url(other, OWNER)
        app = create_app(from_environment(wanted))
        with inside(app):
            if server is None:
                upgrade()
            fill(app.extensions["crafter"], lambda _text: None)
            signed = cookie_for(EMAIL, app.config["SECRET_KEY"])
        yield Stage(app, folder, sandbox, os.environ | wanted, signed, spare, server)


def parser(described: str | None) -> argparse.ArgumentParser:
    """What every benchmark is asked on the command line: which database."""
    found = argparse.ArgumentParser(description=described, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--database", choices=KINDS, default=KINDS[0])
    return found
