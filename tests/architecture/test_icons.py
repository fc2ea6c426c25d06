"""Every icon a template asks for is a symbol in the sprite, and the sprite carries nothing but symbols."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPRITE = ROOT / "static" / "icons.svg"
SVG = "{http://www.w3.org/2000/svg}"
# icon('name'), icon("name") and the plain reference icons.svg#name; a name built in Jinja is not matched.
ASKED = re.compile(r"""\bicon\(\s*['"]([\w-]+)['"]|icons\.svg#([\w-]+)""")


def names_asked(source: str) -> set[str]:
    """Return the icon names one template source asks for."""
    return {macro or reference for macro, reference in ASKED.findall(source)}


def sprite_names() -> set[str]:
    """Return the ids of the sprite's symbols."""
    return {symbol.get("id") for symbol in ElementTree.parse(SPRITE).getroot()}


def test_the_reader_of_names_finds_both_spellings():
    source = """{{ icon('plus-lg') }} {{ icon( "tag", 'x') }} <use href="/static/icons.svg#bell">"""
    assert names_asked(source) == {"plus-lg", "tag", "bell"}


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_every_icon_a_template_asks_for_is_in_the_sprite(path):
    missing = names_asked(path.read_text(encoding="utf-8")) - sprite_names()
    assert not missing, f"{path.relative_to(ROOT)}: not in static/icons.svg: {sorted(missing)}"


def test_the_sprite_holds_named_symbols_once_each():
    children = list(ElementTree.parse(SPRITE).getroot())
    assert {child.tag for child in children} == {SVG + "symbol"}
    names = [child.get("id") for child in children]
    assert all(names)
    assert len(names) == len(set(names))
    assert all(child.get("viewBox") for child in children)


def test_the_sprite_carries_drawings_only():
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.parse(SPRITE).iter()}
    assert tags <= {"svg", "symbol", "path", "circle", "rect", "g", "ellipse", "polygon"}
    attributes = {name for element in ElementTree.parse(SPRITE).iter() for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on") or "href" in name or name == "style"}
