"""One sandbox for all these tests, back at its seed before each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.soap_client import SoapClient
from tests.support.sandbox_process import Sandbox, running_sandbox


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running sandbox."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    """A running sandbox in which nothing has happened yet."""
    shared_sandbox.reset()
    return shared_sandbox


@pytest.fixture
def soap(sandbox: Sandbox) -> Iterator[SoapClient]:
    """A zeep client of the administration `demo`, logged in."""
    client = SoapClient(sandbox)
    client.log_in()
    yield client
    client.close()
