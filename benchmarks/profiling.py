"""Where a page's time goes: the shares of its parts, by the owner of the code that ran."""

from __future__ import annotations

import cProfile
import pstats
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import Client

PARTS = (
    ("templates", ("templates/", "<template>")),
    ("Jinja, escaping", ("jinja2", "markupsafe")),
    ("texts, numbers, days", ("babel", "gettext", "blueprints/_words", "blueprints/_filters", "decimal")),
    ("database driver", ("sqlite3", "psycopg")),
    ("SQLAlchemy", ("sqlalchemy", "flask_sqlalchemy")),
    ("addresses, Flask", ("flask/", "werkzeug", "flask_login", "flask_wtf", "wtforms", "itsdangerous")),
    ("log lines", ("structlog", "logging", "oversight", "prometheus")),
    ("ours: web", ("/web/",)),
    ("ours: services", ("/services/", "/tenancy/", "/models/", "/domain/", "/gateways/")),
    ("ours: blueprints", ("/blueprints/",)),
)


def part_of(file: str, name: str) -> str | None:
    """Whose code a function is; None for Python's own, which counts with who called it."""
    if file == "~" and not any(word in name for word in ("sqlite3", "psycopg", "markupsafe", "decimal")):
        return None
    text = name if file == "~" else file
    for part, words in PARTS:
        if any(word in text for word in words):
            return part
    return None if "/lib/python" in file and "site-packages" not in file else "rest"


def tell_shares(app: Flask, paths: Sequence[str], headers: dict[str, str], method: str = "GET", data: str = "") -> None:
    """Ask these addresses, of one kind, and print each part's share and the functions that take most; the first ten
    only warm up."""
    client = Client(app, use_cookies=False)  # the cookie is among the headers
    for path in paths[:10]:
        client.open(path, method=method, headers=headers, data=data)
    watch, times = cProfile.Profile(), len(paths) - 10
    for path in paths[10:]:
        watch.enable()
        answer = client.open(path, method=method, headers=headers, data=data)
        answer.get_data()
        watch.disable()
        assert answer.status_code == 200, answer.status_code
    stats: Any = pstats.Stats(watch)
    shares: dict[str, float] = defaultdict(float)
    for (file, _line, name), (_calls, _all, own, _total, callers) in stats.stats.items():
        part = part_of(file, name)
        if part is not None or not callers:
            shares[part or "rest"] += own
            continue
        for (caller, _at, called), (_n, _c, own_there, _t) in callers.items():
            shares[part_of(caller, called) or "rest"] += own_there
    whole = sum(shares.values())
    print(f"{path}: {whole / times * 1000:.1f} ms a request while watched, {stats.total_calls / times:.0f} calls")
    for part, seconds in sorted(shares.items(), key=lambda pair: -pair[1]):
        print(f"{part:24}{seconds / whole:6.1%}")
    print()
    longest = sorted(stats.stats.items(), key=lambda pair: -pair[1][2])[:40]
    for (file, at, name), (_calls, every, own, total, _callers) in longest:
        place = f"{'/'.join(Path(file).parts[-2:])}:{at} {name}"
        print(f"{own / whole:6.1%} own {total / whole:6.1%} in all {every / times:8.1f} calls  {place}")
