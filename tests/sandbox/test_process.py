"""The process: its state file, its end, its port."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.sandbox.soap_client import SoapClient, code_of
from tests.support.sandbox_process import Sandbox, running_sandbox


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda end: end.name)
def test_what_was_answered_survives_any_end(tmp_path: Path, end: signal.Signals) -> None:
    with running_sandbox(tmp_path) as sandbox:
        client = SoapClient(sandbox)
        client.log_in()
        client.add(Factuurnummer="")
        sandbox.switches("demo", vat_per="line")
        assert sandbox.stop(end) == (0 if end is not signal.SIGKILL else -signal.SIGKILL)
        sandbox.start()
        assert [entry["Factuurnummer"] for entry in sandbox.invoices("demo")] == ["F00001"]
        assert sandbox.switches("demo")["vat_per"] == "line"
        assert [call["operation"] for call in sandbox.calls("demo")] == ["OpenSession", "AddFactuur"]
        assert code_of(client.add(Factuurnummer="")) == "E002.2", "sessions end with the process"
        client.log_in()
        assert client.add(Factuurnummer="")["Factuurnummer"] == "F00002"
        client.close()


def test_a_state_file_of_an_earlier_day_gets_what_it_lacks(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        sandbox.stop()
        with closing(sqlite3.connect(sandbox.state_path)) as state:
            for column in ("soap", "tolerated"):
                state.execute(f"ALTER TABLE call DROP COLUMN {column}")
            for table in ("mutation", "usage", "accountant"):
                state.execute(f"DROP TABLE {table}")
        sandbox.start()
        client = SoapClient(sandbox)
        client.log_in()
        assert code_of(client.call("GetOpenPosten", "Debiteuren")) is None
        assert [call["soap"] for call in sandbox.calls("demo")] == ["1.1", "1.1"]
        client.close()


def test_a_busy_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "sandbox",
            "--port",
            str(port),
            "--state",
            str(tmp_path / "s.sqlite3"),
        ]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [f"sandbox: port {port} on 127.0.0.1 is in use; choose another one with --port"]


def test_a_reset_brings_everything_back(sandbox: Sandbox, soap: SoapClient) -> None:
    before = sandbox.relations("demo")
    soap.add()
    sandbox.relations("demo", [{"Code": "X", "Bedrijf": "X"}])
    sandbox.switches("demo", vat_per="line")
    sandbox.reset()
    assert sandbox.invoices("demo") == []
    assert sandbox.relations("demo") == before
    assert sandbox.switches("demo")["vat_per"] == "total"
    assert sandbox.calls("demo") == []
    assert code_of(soap.add()) == "E002.2"


def test_a_reset_of_one_administration_leaves_the_others(sandbox: Sandbox, soap: SoapClient) -> None:
    soap.add()
    sandbox.reset("bouw")
    assert len(sandbox.invoices("demo")) == 1
    assert code_of(soap.add()) == "CFACT026"


def test_latency_is_added_to_every_call(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, "--latency-ms", "150") as sandbox:
        client = SoapClient(sandbox)
        begin = time.monotonic()
        client.log_in()
        assert time.monotonic() - begin >= 0.15
        client.close()
