"""Every text reaches the reader in their own language: found by the extractor, translated, with the same places."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from jinja2 import Environment, nodes

from domain.languages import LANGUAGES, LOCALES
from tests.support import words

ROOT = words.ROOT
# where texts for people are written; the rest speaks to who runs it (commands, logs) or is the play bookkeeping
SPOKEN = ("blueprints", "domain", "gateways", "services", "web")
MARKS = {"_", "_l", "N_", "msg", "ngettext", "gettext", "lazy_gettext", "on_invoice"}
# Texts that are no screen's: a command's report (cli.py prints it), and the check of their contract.
OF_COMMANDS = {"services/trail/seals.py", "gateways/eboekhouden/contract_check.py"}
# a sentence of ours has one of these; a name, a key or a rule of SQL has not
DUTCH = re.compile(
    r"\b(aan|bij|daar|dat|de|deze|dit|door|een|er|geen|het|hoort|kan|kies|met|naar|niet|niets|nog|om|"
    r"te|tot|u|uit|uw|van|vanaf|voor|vul|wat|wordt|zonder)\b", re.IGNORECASE
)  # fmt: skip
PLACES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
TAGS = re.compile(r"</?[a-z]+")


@cache
def found() -> Catalog:
    """Every text of the program."""
    return words.texts()


@cache
def catalogue(language: str) -> Catalog:
    """A catalogue as it stands."""
    return words.translated(language)


def singular(message: words.Message) -> str:
    """The text as it is looked up."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(text: object) -> tuple[str, ...]:
    """One text, or the forms for one and for many."""
    return (text,) if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]


def test_every_language_but_dutch_has_a_catalogue_and_a_way_to_write_numbers() -> None:
    assert {path.name for path in (ROOT / "translations").iterdir()} == set(words.OTHERS)
    assert set(LOCALES) == set(LANGUAGES)


@pytest.mark.parametrize("language", words.OTHERS)
def test_every_text_stands_in_the_catalogue_and_nothing_else(language: str) -> None:
    ours = {singular(message) for message in words.messages(found())}
    theirs = {singular(message) for message in words.messages(catalogue(language))}
    assert len(ours) > 1500
    assert sorted(ours - theirs) == [], "type: make words"
    assert sorted(theirs - ours) == [], "type: make words"
    assert not catalogue(language).obsolete


@pytest.mark.parametrize("language", words.OTHERS)
def test_every_text_is_translated(language: str) -> None:
    waiting = [singular(message) for message in words.messages(catalogue(language)) if not all(forms(message.string))]
    assert waiting == [], f"translate them in {words.place(language).relative_to(ROOT)}"
    assert [singular(message) for message in words.messages(catalogue(language)) if message.fuzzy] == []


@pytest.mark.parametrize("language", words.OTHERS)
def test_a_translation_has_the_same_places_and_marks(language: str) -> None:
    def wrong(message: words.Message) -> bool:
        texts, translations = forms(message.id), forms(message.string)
        if len(texts) != len(translations):
            return True
        # a form for one may leave the number out; a text has its places once, a translation too
        return any(
            Counter(PLACES.findall(text)) != Counter(PLACES.findall(translation))
            or Counter(TAGS.findall(text)) != Counter(TAGS.findall(translation))
            or text.count("%%") != translation.count("%%")
            for text, translation in zip(texts, translations, strict=True)
        )

    assert [singular(message) for message in words.messages(catalogue(language)) if wrong(message)] == []


def calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    """Every call of a name, as (name, call)."""
    every = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [(node.func.id, node) for node in every if isinstance(node.func, ast.Name)]


def sources() -> list[Path]:
    """The files of SPOKEN."""
    return sorted(path for folder in SPOKEN for path in (ROOT / folder).rglob("*.py"))


def variables(source: str) -> list[int]:
    """The lines that ask gettext for a text in a variable, where no extractor can read it."""
    asked = ((name, call) for name, call in calls(ast.parse(source)) if name in MARKS - {"msg"} and call.args)
    return [call.lineno for _name, call in asked if not isinstance(call.args[0], ast.Constant)]


def unmarked(source: str) -> list[tuple[int, str]]:
    """Dutch sentences that stand outside msg(), N_() and gettext; what is raised at or told to a programmer is none."""
    tree = ast.parse(CLASS.sub("", source))
    apart: set[int] = set()
    for node in ast.walk(tree):
        inside: list[ast.AST] = []
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS) or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and "log" in ast.unparse(node.func.value)
        ):
            inside = [node]
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(node.body[0], ast.Expr):
            inside = [node.body[0]]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside = [node]
        apart |= {id(one) for part in inside for one in ast.walk(part)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [
        (node.lineno, node.value)
        for node in texts
        if id(node) not in apart and " " in node.value.strip() and len(DUTCH.findall(node.value)) >= 1
    ]


def test_no_text_is_looked_up_through_a_variable() -> None:
    """_(name) translates nothing that was not marked elsewhere; `say` does, and msg or N_ marks it where it stands."""
    assert variables("_('Dag')\n_(name)\nN_(other)") == [2, 3]
    assert {path: lines for path in sources() if (lines := variables(path.read_text()))} == {}


def test_no_sentence_stands_outside_gettext() -> None:
    assert unmarked("x = 'Kies een dag.'\ny = msg('Kies een dag.')\nlog.info('kies een dag')") == [(1, "Kies een dag.")]
    outside = {}
    for path in sources():
        name = str(path.relative_to(ROOT))
        if name in OF_COMMANDS:
            continue
        if texts := unmarked(path.read_text()):
            outside[name] = texts
    assert outside == {}


TEMPLATES = sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.txt"))
READ_ALOUD = r"(?:alt|aria-label|placeholder|title|data-[a-z-]*label)"
LETTERS = re.compile(r"[A-Za-z]{2}")
# Names that are the same in every language, the bookkeeping's own menus and address, a name of the example at the door.
NAMES = {
    "Crafter", "· Crafter", "e-Boekhouden", "e-Boekhouden.nl", "VvE Lindenhof", "info@e-Boekhouden.nl",
    "Factureren", "› Facturen › Overzicht", "Factureren › Facturen › Overzicht",
    "Beheer › Inrichting › Koppelingen › API › API/SOAP",
}  # fmt: skip
CLASS = re.compile(r"\{% block \w*class %\}[\w -]*\{% endblock %\}")


def raw(source: str) -> list[str]:
    """Letters that a template shows without asking gettext: between tags, or in an attribute that is read aloud."""
    tree = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, autoescape=True).parse(CLASS.sub("", source))
    shown = "\0".join(
        piece.data if isinstance(piece, nodes.TemplateData) else "" for piece in tree.find_all(nodes.TemplateData)
    )
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", shown, flags=re.S)
    attributes = re.findall(rf'\b{READ_ALOUD}="([^"\0]*)"', shown)
    text = re.sub(r"<[^>]*>", "\n", shown)
    text = re.sub(r'^[^<]*">|<[^>]*$', "\n", text)
    pieces = [piece.strip() for piece in [*re.split(r"[\n\0]", text), *attributes]]
    return [piece for piece in pieces if LETTERS.search(piece) and not _code(piece) and piece not in NAMES]


def _code(piece: str) -> bool:
    """What is left of a tag that holds an expression: attributes, entities."""
    return bool(re.search(r'[="<>{}#]', piece)) or piece.startswith("&")


def test_no_template_shows_a_word_without_gettext() -> None:
    assert raw("<p>Dag {{ name }}</p><img alt='x'>{{ _('Hallo') }}") == ["Dag"]
    assert {str(path.relative_to(ROOT)): raw(path.read_text()) for path in TEMPLATES if raw(path.read_text())} == {}


def test_no_template_asks_gettext_for_a_variable() -> None:
    asked = re.compile(r"(?<!\w)(?:_|gettext|ngettext)\(\s*[^'\"\s)]")
    assert asked.findall("{{ _(name) }}") == ["_(n"]
    assert {path.name: asked.findall(path.read_text()) for path in TEMPLATES if asked.search(path.read_text())} == {}
