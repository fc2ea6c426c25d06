"""Ids on the page are English, like all names in the code, and what names one finds it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from tests.architecture.test_source import ours

TEMPLATES = Path(__file__).parents[2] / "templates"
PLAIN = re.compile(r"[\w-]+")
# English words that no name in the code has a use for.
MORE = frozenset(
    ["actions", "also", "answers", "board", "consequences", "f", "hq", "picks", "practice", "q", "standing", "sure"]
)


@cache
def markup() -> str:
    """All templates as one text."""
    return "\n".join(path.read_text() for path in sorted(TEMPLATES.rglob("*.html")))


def ids() -> set[str]:
    """Every id as it is written, without what Jinja puts in."""
    return {one for one in re.findall(r'\bid="([^"]+)"', markup()) if PLAIN.fullmatch(one)}


@cache
def words_of_the_code() -> frozenset[str]:
    """The words that names in our code are made of."""
    found: set[str] = set()
    for path in ours():
        for node in ast.walk(ast.parse(path.read_text())):
            for name in (getattr(node, field, None) for field in ("id", "attr", "arg", "name")):
                if isinstance(name, str):
                    found.update(name.lower().split("_"))
    return frozenset(found)


def test_an_id_is_made_of_the_words_that_the_code_is_made_of() -> None:
    assert len(ids()) > 80
    assert "inhoud" not in words_of_the_code()
    strange = {one: [word for word in one.split("-") if word not in words_of_the_code() | MORE] for one in ids()}
    assert {one: words for one, words in strange.items() if words} == {}


def test_what_names_an_id_finds_it() -> None:
    named = set(re.findall(r'(?:hx-target|hx-include|data-fill-form|href)="#([\w-]+)"', markup()))
    for several in re.findall(r'aria-(?:labelledby|describedby|controls)="([\w -]+)"', markup()):
        named.update(several.split())
    named.update(re.findall(r'\bform="([\w-]+)"', markup()))
    assert len(named) > 60
    assert named - ids() == set()
