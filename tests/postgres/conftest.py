"""Everything in this folder runs on PostgreSQL, whatever the rest of the suite runs on."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import psycopg
import pytest

from settings import Settings
from tests.support.postgres import connection_string


@pytest.fixture(scope="session")
def template(template_on_postgres: SimpleNamespace) -> SimpleNamespace:
    """The cast on PostgreSQL."""
    return template_on_postgres


@pytest.fixture
def owner_url(settings: Settings, template: SimpleNamespace) -> str:
    """This test's own database, as the owner of its tables."""
    url: str = template.original.as_owner(settings.database_url)
    return url


@pytest.fixture
def as_app(settings: Settings) -> Iterator[psycopg.Connection]:
    """Bare SQL as the app's role: nothing of ours stands between it and the tables."""
    with psycopg.connect(connection_string(settings.database_url)) as connection:
        yield connection


@pytest.fixture
def as_owner(owner_url: str) -> Iterator[psycopg.Connection]:
    """Bare SQL as the owner of the tables."""
    with psycopg.connect(connection_string(owner_url)) as connection:
        yield connection
