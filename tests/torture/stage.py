"""Where the torture happens: databases, play bookkeepings, lanes, and children that may be killed.

A lane is one tenant with one administration of its own; on SQLite each lane has its own copy of the database, on
PostgreSQL they share one. The process that
owns the stage has imported and built everything once; every press and every recovery runs in a forked child of it,
a process of its own that can be killed without anybody else noticing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import make_url

from app import create_app, make_bookkeeping
from services.company import tenants
from services.dependencies import Dependencies
from settings import Settings, Times
from tenancy.database import db
from tests.support import cast
from tests.support.postgres import OWNER, PostgresServer, migrate, running_postgres
from tests.support.sandbox_process import Sandbox, running_sandbox
from tests.torture.copies import Copies

# The design's times divided by about 60, in the same order of size; nothing is left out.
TIGHT = Times(
    connect_seconds=2,
    post_seconds=1.6,
    read_seconds=3,
    list_seconds=20,
    start_within=timedelta(seconds=1.2),
    lease=timedelta(seconds=3.2),
    quiet_window=timedelta(seconds=4.8),
)
LATE_SECONDS = 1.6  # 110 of 300 seconds
# For crowds: nothing may run out of time because the machine is full.
ROOMY = replace(
    TIGHT,
    connect_seconds=20,
    post_seconds=30,
    read_seconds=30,
    start_within=timedelta(seconds=30),
    lease=timedelta(seconds=65),
)
# For a press in a program of its own, which has everything yet to load. Nothing that is only read there may run out of
# time on a full machine: a press that has to look back first would be refused for it.
PATIENT = replace(
    TIGHT,
    post_seconds=6,
    read_seconds=30,
    start_within=timedelta(seconds=6),
    lease=timedelta(seconds=12.5),
)
_CHILD_SECONDS = 180


@dataclass(frozen=True)
class Ended:
    """How a child ended: killed, or with what its work returned, or with an error's text."""

    killed: bool
    value: Any = None
    error: str = ""


class Child:
    """Work in a process of its own; `crash` is the point where it is killed (services/crashpoints.py)."""

    def __init__(self, work: Callable[[], Any], crash: str = "") -> None:
        sys.stdout.flush()
        self._reading, writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _live(work, crash, writing)
        os.close(writing)

    @property
    def pid(self) -> int:
        """Its number, as long as `end` was not called."""
        return self._pid

    def end(self) -> Ended:
        """Wait for its end."""
        with os.fdopen(self._reading, "rb") as pipe:
            heard = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return Ended(True) if number == signal.SIGKILL else Ended(False, error=f"signal {number}")
        answer = json.loads(heard)
        return Ended(False, answer.get("value"), answer.get("error", ""))


def _live(work: Callable[[], Any], crash: str, writing: int) -> None:
    """The child's whole life; never returns."""
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_CHILD_SECONDS)
        began = time.monotonic()
        os.environ["CRAFTER_ENV"] = "trial"
        os.environ["CRAFTER_CRASH_AT"] = crash
        try:
            answer = {"value": work()}
        except BaseException:
            answer = {"error": f"after {time.monotonic() - began:.1f} s: {traceback.format_exc()[-3000:]}"}
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(json.dumps(answer).encode())
    finally:
        os._exit(0)


@dataclass(frozen=True)
class Lane:
    """A tenant, its administration, and the app on its database. `copies` is there when the database is its own;
    `other` is an administration on the same sandbox that no lane begins with."""

    app: Flask
    slug: str
    administration: str
    sandbox: Sandbox
    deps: Dependencies
    relation_id: Any
    other: str
    copies: Copies | None = None


@dataclass(frozen=True)
class Stage:
    """The lanes. Nothing in this process holds a database connection: children open their own."""

    lanes: tuple[Lane, ...]


def settings_for(database_url: str, soap_url: str, folder: Path, times: Times = TIGHT) -> Settings:
    """Settings over a database and a play bookkeeping."""
    return Settings(
        env="trial",
        database_url=database_url,
        secret_key="a secret for torture only, long enough",
        credentials_keys={"v1": b"k" * 32},
        eboekhouden_url=soap_url,
        queue_url=f"sqlite:///{folder / 'queue.sqlite3'}",
        data=folder,
        htmx_source="local",
        times=times,
    )


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, PostgresServer | None]]:
    """An empty database: "sqlite", or "postgres" with a server of its own, migrated, as a role that owns nothing."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'crafter.sqlite3'}", None
        return
    with running_postgres() as server:
        name = server.new()
        migrate(settings_for(server.url(name, OWNER), "http://127.0.0.1:9/soap.asmx", folder))
        yield server.url(name), server


@contextmanager
def set_up(
    kind: str, sandboxes: int, lanes_each: int = 3, times: Times = TIGHT, url: str = "", own: bool = False
) -> Iterator[Stage]:
    """A stage with sandboxes × lanes_each lanes on one database: a new one, or the migrated PostgreSQL at `url`. On
    SQLite, and where `own` asks for it, each lane has a database of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crafter-torture-")))
        server = None
        if not url:
            url, server = stack.enter_context(database(kind, folder))
        running = []
        for number in range(sandboxes):
            (folder / f"sandbox{number}").mkdir()
            running.append(stack.enter_context(running_sandbox(folder / f"sandbox{number}")))
        settings = settings_for(url, running[0].soap_url, folder, times)
        app = create_app(settings)
        lanes: list[Lane] = []
        with app.app_context():
            upgrade()
            hashed = cast.hashed_password()
            for sandbox in running:
                deps = Dependencies(settings, make_bookkeeping(replace(settings, eboekhouden_url=sandbox.soap_url)))
                accounts = sandbox.administrations()
                for account in accounts[:lanes_each]:
                    slug = f"lane{len(lanes)}"
                    place = cast.build(slug, slug.capitalize(), hashed, (), slug)
                    cast.connect(deps, slug, account)
                    other = accounts[-1]["name"]
                    lanes.append(Lane(app, slug, account["name"], sandbox, deps, place.relation_id, other))
                deps.bookkeeping.close()  # children must not share sockets or sessions
            tenants.leave()
            db.engine.dispose()  # on SQLite the last connection takes the write-ahead log along into the file
        if own or kind == "sqlite":
            lanes = [_on_its_own(lane, folder, server) for lane in lanes]
        yield Stage(tuple(lanes))


def _on_its_own(lane: Lane, folder: Path, server: PostgresServer | None) -> Lane:
    here = make_url(lane.deps.settings.database_url)
    copies = Copies(here, folder / lane.slug, server).beside()
    settings = replace(lane.deps.settings, database_url=copies.url)
    deps = Dependencies(settings, lane.deps.bookkeeping)
    return replace(lane, app=create_app(settings), deps=deps, copies=copies)
