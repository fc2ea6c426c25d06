"""One clone for all scenes, and the table at the end."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.commands.house import House
from tests.commands.network import Network, network
from tests.commands.rows import ROWS, SUITE

_PASSED = pytest.StashKey[bool]()
_TABLE: list[str] = []
_BEGAN = time.monotonic()


@pytest.fixture(scope="session")
def own_network() -> Iterator[Network]:
    """Where the commands are typed."""
    try:
        with network((8000, 8001, 8099, 8100)) as found:
            yield found
    except RuntimeError as error:
        pytest.fail(str(error))


@contextmanager
def cloned(found: Network) -> Iterator[House]:
    """A clean clone, in a folder that PostgreSQL's own user can reach when root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="crafter-commands-") as folder:
        Path(folder).chmod(0o755)
        yield House(Path(folder), found)


@pytest.fixture(scope="session")
def clone(own_network: Network) -> Iterator[House]:
    """A clean clone with what `make demo-reset` installs when nothing is there yet."""
    with cloned(own_network) as house:
        said = house.well("make demo-reset", seconds=300)
        assert "nog niets" in said
        house.check_nothing_lies_outside()
        yield house


@pytest.fixture
def bare(own_network: Network) -> Iterator[House]:
    """A clean clone in which nothing is installed yet."""
    with cloned(own_network) as house:
        yield house


@pytest.fixture
def house(clone: House, request: pytest.FixtureRequest) -> Iterator[House]:
    """The clone for one scene; at its end every command of the scene has been typed as its row says."""
    scene = request.node.name.removeprefix("test_")
    began, clone.typed = time.monotonic(), []
    yield clone
    if not request.node.stash.get(_PASSED, False):
        return
    for command, row in ROWS.items():
        if row.scene == scene:
            assert row.was_typed(command, clone.typed), f"{command} was not typed, but: {clone.typed}"
            _TABLE.append(f"{command}: {row.kind}")
    _TABLE.append(f"  ({scene}: {time.monotonic() - began:.0f} s)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Remember that a scene passed: only then is it asked what it typed."""
    report = yield
    item.stash[_PASSED] = report.passed
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The commands of the documents, and how each was typed."""
    if _TABLE:
        suite = [f"{command}: {row.kind}" for command, row in ROWS.items() if row.kind == SUITE]
        terminalreporter.section("commands of the documents")
        terminalreporter.write_line(f"{time.monotonic() - _BEGAN:.0f} s in all")
        terminalreporter.write("\n".join([*_TABLE, *suite, ""]))
