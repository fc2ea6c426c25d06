"""What tests need not wait for.

What every app would work out anew is worked out once a process: compiled templates and the builders of URLs. The
suite makes an app a test, more than a thousand, and half of the time of that went into these two. SQLite does not wait
for the disk: a process may die in these tests, the machine does not. A password is hashed with little work; the real
hashing has tests of its own (tests/services/test_passwords.py), and no setting can make it weak in production.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.routing import Rule

from services.people import passwords

REAL_HASHER, REAL_DUMMY = passwords._hasher, passwords._DUMMY


class _InMemory(BytecodeCache):
    """Jinja's own cache of compiled templates, by name and content."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get_bucket(self, environment: Any, name: str, filename: str | None, source: str) -> Bucket:
        words = environment.words  # texts are compiled into a template (blueprints/_templates.py)
        catalogue = words and f"{type(words.translations).__qualname__}-{words.translations.info().get('language', '')}"
        return super().get_bucket(environment, f"{catalogue}/{name}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def _remembering(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    made: dict[tuple[object, ...], Any] = {}

    @wraps(compile_builder)
    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, append_unknown, tuple(rule._trace), repr(rule.defaults))
        if key not in made:
            made[key] = compile_builder(rule, append_unknown)  # a plain function of the rule, whichever rule that is
        return made[key]

    return compiled


def _do_not_wait_for_the_disk(connection: Any, _record: Any, _proxy: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


def install() -> None:
    """For every app made in this process from now on."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _InMemory()}
    Rule._compile_builder = _remembering(Rule._compile_builder)  # type: ignore[method-assign]
    event.listen(Engine, "checkout", _do_not_wait_for_the_disk)
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    passwords._DUMMY = passwords._hasher.hash("nobody has this password")
