"""The stage of this folder's tests, on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import settings_for
from tests.stateful.stage import TIMES, Stage
from tests.support.sandbox_process import Sandbox


@pytest.fixture
def stage(template: SimpleNamespace, tmp_path: Path, sandbox_process: Sandbox) -> Iterator[Stage]:
    """An open stage; `begin` sets it."""
    url = template.original.copy(tmp_path)
    settings = settings_for(tmp_path, sandbox_process.soap_url, times=TIMES, database_url=url)
    with Stage(settings, template, sandbox_process).open() as made:
        yield made
    template.original.drop(url)
