"""The bookkeeping's words end at its gateway: their codes, operations, types and limits stand nowhere else.

Told from what the words are, not from a list of places: the operations and types of their WSDL, every VAT code that the
play bookkeeping knows, the families of their error codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.eboekhouden import explanations
from sandbox.vat import ALL_CODES
from tests.architecture.test_source import ROOMS, ROOT, ROOT_FILES, short, sources

_WSDL = (ROOT / "gateways" / "eboekhouden" / "eboekhouden.wsdl").read_text()
OPERATIONS = set(re.findall(r'<(?:wsdl:)?operation name="(\w+)"', _WSDL))
TYPES = {name for name in re.findall(r'<(?:\w+:)?complexType name="(\w+)"', _WSDL) if name.startswith("c")}
CATEGORIES = {"VW", "BAL", "FIN", "DEB", "CRED", "AF6", "AF19", "AFOVERIG", "VOOR", "BTWRC"}
_QUOTED = CATEGORIES | {code for code in ALL_CODES if "_" not in code}  # GEEN and the like are words elsewhere
THEIRS = re.compile(
    r"\b(?:E00\d|CFACT\d|CREL?\d|CMUT\d|CGB\d|CGN\d|2\.000\b"
    rf"|(?:{'|'.join(sorted(OPERATIONS | TYPES | {code for code in ALL_CODES if '_' in code}))})\b)"
    rf"|[\"'](?:{'|'.join(sorted(_QUOTED))})[\"']"
)


def texts() -> Iterator[Path]:
    """Everything of the product that is not the gateway or the play bookkeeping."""
    python = [*sources(*(set(ROOMS) - {"sandbox"})), *(ROOT / name for name in ROOT_FILES)]
    yield from (path for path in python if not short(path).startswith("gateways/eboekhouden/"))
    yield from sorted((ROOT / "templates").rglob("*.*"))
    yield from sorted(path for path in (ROOT / "static").rglob("*.js") if "vendor" not in path.parts)


def found_in(text: str) -> list[str]:
    """Their words in a text."""
    return [match[0] for match in THEIRS.finditer(text)]


def test_their_words_stand_in_the_gateway_and_the_play_bookkeeping_only() -> None:
    there = {short(path): found_in(path.read_text()) for path in texts()}
    assert len(there) > 250
    assert {path: words for path, words in there.items() if words} == {}, (
        "translate them in gateways/eboekhouden: codes into domain.outcome.Problem, VAT into domain.vat, ledger "
        "categories into domain.ledger, limits into domain.limits.Limits"
    )


@pytest.mark.parametrize(
    "text",
    [
        'code == "E001.1"', "E0023", "CFACT026: bezet", "CREL001", '"HOOG_VERK_21"', "VERL_VERK_L9", "'GEEN'",
        'category == "VW"', "hoogstens 2.000 tegelijk", 'operation="AddFactuur"', "a cRelatie row",
    ],
)  # fmt: skip
def test_each_kind_of_their_words_would_be_found(text: str) -> None:
    assert len(found_in(text)) == 1


def test_every_code_that_is_explained_would_be_found() -> None:
    assert [code for code in explanations._EXPLANATIONS if not found_in(code)] == []
    assert len(OPERATIONS) == 20
    assert {"cFactuur", "cRelatie", "cArtikel"} <= TYPES
