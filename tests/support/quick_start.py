"""What every test's app would work out anew, worked out once a process: compiled templates and the builders of URLs.

The suite makes an app a test, more than a thousand; half of the time that took went into these two.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class _InMemory(BytecodeCache):
    """Jinja's own cache of compiled templates, by name and content."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

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


def install() -> None:
    """For every app made in this process from now on."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _InMemory()}
    Rule._compile_builder = _remembering(Rule._compile_builder)  # type: ignore[method-assign]
