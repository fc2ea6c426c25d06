"""The style sheet and the templates agree: no dead rule, no class without one, no state that looks like nothing."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OURS = (ROOT / "static" / "css" / "crafter.css").read_text()
BOOTSTRAP = files("flask_bootstrap").joinpath("static/bootstrap5/css/bootstrap.min.css").read_text()
# Put together while rendering (swatch-{{ colour }}, days-{{ n }}), or put on an element by htmx.
MADE_ELSEWHERE = re.compile(r"(swatch|days)-\w+|htmx-request")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)
CLASS_ATTRIBUTE = re.compile(r"""(?<![\w-])class=("(?:\{\{.*?\}\}|\{%.*?%\}|[^"])*"|'[\w -]*')""", re.S)
CLASS_BLOCK = re.compile(r"\{% block \w*class %\}(.*?)\{% endblock %\}", re.S)  # filled by a template that extends
STATE_ATTRIBUTE = re.compile(r"""data-state="((?:\{\{.*?\}\}|[^"])*)\"""", re.S)


def selectors(css: str) -> list[str]:
    """What stands before each block."""
    return re.findall(r"([^{};]+)\{", re.sub(r"/\*.*?\*/", "", css, flags=re.S))


def styled(css: str) -> set[str]:
    """Every class that a rule names."""
    return {name for selector in selectors(css) for name in re.findall(r"\.(-?[A-Za-z_][\w-]*)", selector)}


def literals(jinja: str) -> set[str]:
    """The words in the quotes of an expression, without those it only compares with."""
    compared = re.sub(r"(==|!=|\bin) *(\([^)]*\)|'[^']*')", "", jinja)
    return {word for text in re.findall(r"'([^']*)'", compared) for word in text.split()}


def classes_in(template: str) -> set[str]:
    """Every class that a template puts on an element. What an expression puts behind a dash is left out with it."""
    found: set[str] = set()
    seen = re.sub(r"\{#.*?#\}", "", template, flags=re.S)
    for value in [*CLASS_ATTRIBUTE.findall(seen), *(f'"{inner}"' for inner in CLASS_BLOCK.findall(seen))]:
        for part in JINJA.findall(value):
            found |= literals(part) if part.startswith("{{") else set()
        found |= set(JINJA.sub(" ", re.sub(r"[\w-]+-\{\{.*?\}\}", " ", value[1:-1])).split())
    return {word for word in found if not word.endswith("-")}


def used() -> dict[str, str]:
    """Every class in use, with a place that uses it."""
    places = {}
    for path in TEMPLATES:
        places |= dict.fromkeys(classes_in(path.read_text()), str(path.relative_to(ROOT)))
    for path in (ROOT / "static" / "js").glob("*.js"):
        for text in re.findall(r'class(?:Name)?[:=] ?"([^"]*)"|className = "([^"]*)"', path.read_text()):
            places |= dict.fromkeys(" ".join(text).split(), path.name)
    return places


@pytest.mark.parametrize(
    ("template", "classes"),
    [
        ('<p class="a b-c">', {"a", "b-c"}),
        ("""<p class="a{{ ' b' if x == 'no' }}{% if y %} c{% endif %}">""", {"a", "b", "c"}),
        ("""<i class="dot dot-{{ colour }}">{{ icon('pin', class='spin') }}""", {"dot", "spin"}),
        ("{% block page_class %} narrow{% endblock %}", {"narrow"}),
        ("""{# class="gone" #}<p class="{{ 'on' if x in ('no', 'never') else 'off' }}">""", {"on", "off"}),
    ],
)
def test_the_classes_of_a_template_are_found(template: str, classes: set[str]) -> None:
    assert classes_in(template) == classes


def test_no_rule_is_dead() -> None:
    names = styled(OURS)
    assert len(names) > 100
    assert sorted(name for name in names - set(used()) if not MADE_ELSEWHERE.fullmatch(name)) == []


def test_no_class_is_without_a_rule() -> None:
    known = styled(OURS) | styled(BOOTSTRAP)
    assert {name: place for name, place in used().items() if name not in known} == {}


def test_every_state_has_a_colour() -> None:
    shown = {
        word
        for path in TEMPLATES
        for value in STATE_ATTRIBUTE.findall(path.read_text())
        for word in (literals(value) if "{{" in value else {value})
    }
    coloured = set(re.findall(r"\[data-state=(\w+)\]", OURS))
    assert "info" in shown
    assert shown - coloured == set()


def test_every_element_and_attribute_that_a_rule_names_is_in_a_page() -> None:
    makers = [*TEMPLATES, *(ROOT / "static" / "js").glob("*.js"), *(ROOT / "blueprints").rglob("*.py")]
    pages = "\n".join(path.read_text() for path in makers)
    named = " ".join(selector for selector in selectors(OURS) if "@" not in selector)
    bare = re.sub(r"\[[^\]]*\]|:nth-child\(\w+\)|::?[\w-]+|[.#][\w-]+", " ", named)
    elements = set(re.findall(r"[a-z][a-z0-9]*", bare)) - {"from", "to"}
    attributes = set(re.findall(r"\[([\w-]+)", named))
    assert {"table", "th", "summary"} & elements
    assert {name for name in elements if not re.search(rf"<{name}\b", pages)} == set()
    assert {name for name in attributes if not re.search(rf"\b{name}\b", pages)} == set()


def test_every_token_is_used_and_every_one_used_is_there() -> None:
    told = set(re.findall(r"(--[\w-]+):", OURS))
    asked = set(re.findall(r"var\((--[\w-]+)", OURS))
    assert {name for name in told - asked if not name.startswith("--bs-")} == set()
    assert asked - told == set()
    assert {name for name in told if name.startswith("--bs-") and name not in BOOTSTRAP} == set()
