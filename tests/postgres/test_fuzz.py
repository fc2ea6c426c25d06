"""Every route, asked as every role with what nobody types, by seed: never an answer of 500 or above.

FUZZ says how many requests (2,000; the full run is 20,000). A red one names the request and its seed.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from flask import Flask

from tests.isolation.test_neighbour import ids_of
from tests.isolation.test_other_places import parameters_in_the_source
from tests.support.cast import EMAILS
from tests.support.client import HTMX, client_for

EACH = 500
SEEDS = range(int(os.environ.get("FUZZ") or 2000) // EACH)
ROOT = Path(__file__).parents[2]
WHO = [*sorted(EMAILS), None]
VALUES = [
    "", " ", "x", "0", "1", "-1", "²", "٣", "1" * 20, "9" * 400, "1e400", "NaN", "Infinity", "€ 1,2.3", "0,005",
    "-0,00", "99999999999,99", "true", "null", "[]", "{}", "y", "on", "\0", "a\0b", "\x07", "\x0b", "\x7f",
    "\x85", "\u200b", "\u2028", "\ufeff", "\U0010ffff", "e\u0301", "😀" * 300, "a" * 5000, "a" * 70_000,
    "W" * 151, "9999-12-31", "0001-01-01", "2026-02-30", "31-12-2049", "9999-W52", "0001-W01", "2026-W54",
    "24:00", "99:99", "1" * 12 + ":1", "../..", "//elders.example", "/\\elders.example",
    "https://elders.example", "/t/vos/", "'; --", "%", "_", "\\", "%00", "{{7*7}}", "<script>x</script>", "a@b",
    "a@b.nl", "a@b.nl,c@d.nl", "a@b.nl\r\nBcc: c@d.nl", "hours", "high", "8000", "NL00ABNA0123456789", "x:y:z",
]  # fmt: skip


def fields() -> list[str]:
    """Every name that a view reads or a form has, rows of lists too."""
    found = parameters_in_the_source()
    for path in (ROOT / "blueprints").rglob("*.py"):
        found |= set(re.findall(r"^\s+(\w+) = \w*Field\(", path.read_text(), re.M))
    rows = [
        f"lines-{n}-{name}"
        for n in ("0", "1", "7", "119", "999", "²", "-1", "9" * 30)
        for name in ("kind", "price", "quantity")
    ]
    return sorted(found) + rows + ["", "x", "a\0b", "\u2028", "confirmed"]


def pairs(odd: random.Random, names: list[str], known: list[str], most: int) -> list[tuple[str, str]]:
    """Some fields with some values; ids of rows that are there, too."""
    return [
        (odd.choice(names), odd.choice(known) if odd.random() < 0.25 else odd.choice(VALUES))
        for _ in range(odd.randint(0, most))
    ]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.timeout(300)
def test_no_request_ends_in_an_error_of_ours(app: Flask, cast: SimpleNamespace, seed: int) -> None:
    odd, names = random.Random(seed), fields()
    ours, theirs = ids_of(cast.vos), ids_of(cast.buur)
    known = [str(one) for one in [*ours.values(), *theirs.values()]]
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    rules = [rule for rule in rules if not rule.endpoint.endswith("static")]
    clients: dict[Any, Any] = {}
    for number in range(EACH):
        if number % 50 == 0:  # some requests log out, or end all sessions
            clients = {who: client_for(app, who) for who in WHO}
        who, rule = odd.choice(WHO), odd.choice(rules)
        method = odd.choice(sorted((rule.methods or set()) - {"OPTIONS"}))
        ids = odd.choice([ours, ours, ours, theirs, {}])
        values = {
            name: (ids.get(name) or uuid4()) if name.endswith("_id") else odd.choice(["vos", "vos", "buur", "x²"])
            for name in rule.arguments
        }
        values |= {name: odd.choice(["finish", "start", "plan", "x"]) for name in rule.arguments & {"verb"}}
        try:
            address = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
        except Exception:
            address = re.sub(r"<[^>]+>", lambda _: quote(odd.choice(VALUES)[:200] or "x"), rule.rule)
        query, form = pairs(odd, names, known, 3), pairs(odd, names, known, 8)
        given = (
            {"data": urlencode(form), "content_type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        )
        if method == "POST" and odd.random() < 0.05:
            given = {
                "data": odd.randbytes(200),
                "content_type": odd.choice(["application/json", "multipart/form-data", ""]),
            }
        answer = clients[who].open(
            f"{address}?{urlencode(query)}", method=method, headers=HTMX if odd.random() < 0.3 else {}, **given
        )
        asked = f"{method} {address}?{urlencode(query)[:300]} as {who} with {str(given)[:600]}"
        assert answer.status_code < 500, f"seed {seed}, request {number}: {asked}"
