"""What the books hold before anybody has worked in them, and how to go back to that."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sandbox import books, seed_bouw, seed_demo, seed_installatie
from sandbox.seed_articles import LEDGER, Row, articles
from sandbox.seed_relations import Names, relations
from sandbox.store import TABLES, Store
from sandbox.switches import Switches

_TEMPLATES = ("Factuursjabloon", "Standaard")
_COST_CENTRES = ((1, "Service en onderhoud", 0), (2, "Projecten", 0), (3, "Nieuwbouw", 2))


@dataclass(frozen=True)
class Seed:
    """One administration as it begins."""

    name: str
    company: str
    place: str
    username: str
    code1: str
    code2: str
    remote_id: int
    ledger: tuple[tuple[str, str, str], ...]
    names: Names
    articles: tuple[Row, ...]
    groups: dict[str, tuple[str, str]]


SEEDS = (
    Seed(
        name="demo",
        company="Demobedrijf Waterveen",
        place="Waterveen",
        username="demo",
        code1="0123456789abcdef0123456789abcdef",
        code2="0F0E0D0C-1111-4222-8333-444455556666",
        remote_id=100001,
        ledger=seed_demo.LEDGER,
        names=seed_demo.NAMES,
        articles=seed_demo.ARTICLES,
        groups=seed_demo.GROUPS,
    ),
    Seed(
        name="installatie",
        company="Installatiebedrijf De Schakel",
        place="Waterveen",
        username="schakel",
        code1="5c1a7e9b3d2f4806a1b7c8d9e0f31425",
        code2="5A1E77B0-2C4D-4E6F-9A8B-0C1D2E3F4A5B",
        remote_id=100002,
        ledger=seed_installatie.LEDGER,
        names=seed_installatie.NAMES,
        articles=seed_installatie.ARTICLES,
        groups=seed_installatie.GROUPS,
    ),
    Seed(
        name="bouw",
        company="Bouwbedrijf Van Dam en Zonen",
        place="Oudvoorde",
        username="vandam",
        code1="b0a7d3c95e1f42688d9e7a6b5c4f3021",
        code2="B0D4A9C8-7E6F-4D5C-8B3A-291807F6E5D4",
        remote_id=100003,
        ledger=seed_bouw.LEDGER,
        names=seed_bouw.NAMES,
        articles=seed_bouw.ARTICLES,
        groups=seed_bouw.GROUPS,
    ),
)

# people of the administration `demo` who do not get in: (username, administration, may use the API)
_SHUT_OUT = (("demo-zonder-administratie", None, 1), ("demo-zonder-rechten", "demo", 0))
# an accountant: at home in `demo`, and looking after the books of the two companies
_ACCOUNTANT = "demo-kantoor"


def fill_when_empty(store: Store) -> None:
    """Seed a state file that holds no administration yet."""
    with store.reading() as connection:
        filled = bool(books.administrations(connection))
    if not filled:
        reset(store, None)


def reset(store: Store, name: str | None) -> None:
    """Put one administration, or everything (None), back to how it began."""
    with store.writing() as connection:
        for seed in SEEDS:
            if name in (None, seed.name):
                _clear(connection, seed)
                _fill(connection, seed)


def _clear(connection: sqlite3.Connection, seed: Seed) -> None:
    connection.execute("DELETE FROM administration WHERE name = ?", (seed.name,))
    connection.execute("DELETE FROM login WHERE administration = ? OR username = ?", (seed.name, seed.username))
    for table in TABLES:
        if table not in ("administration", "login"):
            connection.execute(f"DELETE FROM {table} WHERE administration = ?", (seed.name,))


def _fill(connection: sqlite3.Connection, seed: Seed) -> None:
    position = SEEDS.index(seed)
    connection.execute(
        "INSERT INTO administration (name, position, company, place, code2, book_year, remote_id,"
        " next_number, switches) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seed.name,
            position,
            seed.company,
            seed.place,
            seed.code2,
            "2026",
            seed.remote_id,
            1,
            json.dumps(Switches().as_dict()),
        ),
    )
    for username, administration, permitted in _logins(seed):
        connection.execute(
            "INSERT OR REPLACE INTO login (username, code1, administration, permitted) VALUES (?, ?, ?, ?)",
            (username, seed.code1, administration, permitted),
        )
    if seed.name != "demo":
        connection.execute("INSERT INTO accountant (username, administration) VALUES (?, ?)", (_ACCOUNTANT, seed.name))
    connection.executemany(
        "INSERT INTO template (administration, name) VALUES (?, ?)",
        [(seed.name, template) for template in _TEMPLATES],
    )
    connection.executemany(
        "INSERT INTO cost_centre (administration, id, description, parent) VALUES (?, ?, ?, ?)",
        [(seed.name, *centre) for centre in _COST_CENTRES],
    )
    connection.executemany(
        "INSERT INTO ledger (administration, id, code, description, category) VALUES (?, ?, ?, ?, ?)",
        [
            (seed.name, 7000 + 100 * position + number, *account)
            for number, account in enumerate((*LEDGER, *seed.ledger), start=1)
        ],
    )
    books.write_relations(connection, seed.name, _relations_of(position))
    books.write_articles(connection, seed.name, _articles_of(position))


def _logins(seed: Seed) -> Iterable[tuple[str, str | None, int]]:
    yield seed.username, seed.name, 1
    if seed.name == "demo":
        yield from _SHUT_OUT
        yield _ACCOUNTANT, seed.name, 1


@cache
def _relations_of(position: int) -> list[dict[str, Any]]:
    return relations(SEEDS[position].names, 1001, 240000 + 10000 * position, seed=2026 + position)


@cache
def _articles_of(position: int) -> list[dict[str, Any]]:
    return articles(SEEDS[position].articles, SEEDS[position].groups, 31000 + 1000 * position)
