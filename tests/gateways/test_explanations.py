"""The explanations: every code that can reach a user has one, in whole Dutch sentences, with a place to mend it."""

from __future__ import annotations

import pytest

from gateways.eboekhouden.explanations import explain
from sandbox.errors import TEXTS

MENDS = {"relation_code", "lines", "template", "payment_term", "credentials", "wait", "ledger", "none"}
# CREL002 and further are inventions of the sandbox; CFACT041 and E002.5 the sandbox does not give
# mutations and changes of the ledger are never asked for, so only the mutation code that AddFactuur gives counts
NOT_OURS = ("CREL00", "CMUT", "CGB", "CGN")
OURS = [code for code in TEXTS if not code.startswith(NOT_OURS)]
CODES = [*OURS, "CREL001", "CMUT012", "CFACT041", "E002.5"]


@pytest.mark.parametrize("code", sorted(set(CODES)))
def test_every_code_is_explained_in_whole_sentences(code: str) -> None:
    explanation = explain(code)
    assert explanation is not None
    assert explanation.mend in MENDS
    for sentence in (explanation.what, explanation.why, explanation.now):
        assert sentence[0] == sentence[0].upper() or sentence.startswith("e-Boekhouden.nl")
        assert sentence.endswith(".")
        assert len(sentence.split()) >= 3


@pytest.mark.parametrize("code", ["E001.1", "E001.2", "E001.3", "E001.5", "E001.7"])
def test_refused_credentials_hint_at_a_changed_password(code: str) -> None:
    explanation = explain(code)
    assert explanation is not None
    assert explanation.mend == "credentials"
    assert "wachtwoord" in explanation.now
    assert "Securitycode 1" in explanation.now


def test_a_lost_dot_makes_no_difference() -> None:
    assert explain("E0023") == explain("E002.3") is not None
    assert explain(" e0011 ") == explain("E001.1") is not None


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        ("CFACT024", "relation_code"),
        ("CFACT025", "relation_code"),
        ("CFACT028", "template"),
        ("CFACT014", "payment_term"),
        ("CFACT042", "lines"),
        ("CMUT012", "ledger"),
        ("E003.1", "wait"),
        ("CFACT212", "none"),
    ],
)
def test_a_code_points_to_where_it_is_mended(code: str, mend: str) -> None:
    explanation = explain(code)
    assert explanation is not None
    assert explanation.mend == mend


def test_an_unknown_code_has_no_explanation() -> None:
    assert explain("CFACT999") is None
    assert explain("") is None
