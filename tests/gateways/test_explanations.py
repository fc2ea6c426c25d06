"""The explanations: every code that can reach a user has one, in whole Dutch sentences, with a place to mend it."""

from __future__ import annotations

import pytest

from gateways.eboekhouden.explanations import explain
from sandbox.errors import TEXTS

MENDS = {"relation_code", "lines", "template", "payment_term", "credentials", "wait", "ledger", "none"}
# the whole list of their manual, and the two that were seen in the wild (CREL001, and E002.3 without its dot)
LIST = """
CFACT004 CFACT006 CFACT014 CFACT024 CFACT025 CFACT026 CFACT027 CFACT028 CFACT029 CFACT030 CFACT031 CFACT032 CFACT033
CFACT034 CFACT035 CFACT036 CFACT037 CFACT038 CFACT039 CFACT040 CFACT041 CFACT042 CFACT212 CMUT012 CGB001 CGB002 CGB005
CGB006 CGN003 CGB001.1 CGB002.1 CGB005.1 CGB006.1 CGN003.1 CMUT001 CMUT001.1 CMUT003 CMUT003.1 CMUT004 CMUT005 CMUT006
CMUT008 CMUT010 CMUT010.1 CMUT011 CMUT013 CMUT014 CMUT015 CMUT016 CMUT017 CMUT018 CMUT019 CMUT020 CMUT021 CMUT023
CMUT024 CMUT025 CMUT026 CMUT027 CMUT028 CMUT033 E001.1 E001.2 E001.3 E001.5 E001.7 E002.1 E002.2 E002.3 E002.4 E002.5
E003.1 E003.3 CREL001 E0023 {CREL}
"""
CODES = LIST.format(CREL=" ".join(f"CREL{n:02d}" for n in range(1, 37))).split()
# the sandbox has to give some code where none is known of the real service
INVENTED = {"CREL901", "CREL902", "CREL903", "CFACT901", "CGB004"}


def test_every_code_that_the_sandbox_gives_is_of_the_list() -> None:
    assert set(TEXTS) - set(CODES) <= INVENTED
    assert len(CODES) == len(set(CODES)) > 70


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_in_whole_sentences(code: str) -> None:
    explanation = explain(code)
    assert explanation is not None
    assert explanation.mend in MENDS
    for sentence in map(str, (explanation.what, explanation.why, explanation.now)):
        assert sentence[0] == sentence[0].upper() or sentence.startswith("e-Boekhouden.nl")
        assert sentence.endswith(".")
        assert len(sentence.split()) >= 3


@pytest.mark.parametrize("code", ["E001.1", "E001.2", "E001.3", "E001.5", "E001.7"])
def test_refused_credentials_hint_at_a_changed_password(code: str) -> None:
    explanation = explain(code)
    assert explanation is not None
    assert explanation.mend == "credentials"
    assert "wachtwoord" in str(explanation.now)
    assert "Securitycode 1" in str(explanation.now)


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


def test_zeros_count_and_a_code_of_a_change_is_that_of_adding() -> None:
    taken, too_long = explain("CREL001"), explain("CREL01")
    assert taken is not None
    assert too_long is not None
    assert taken != too_long
    assert (too_long.field, explain("CREL01.1"), explain("CREL002")) == ("code", too_long, None)
    assert explain("CRE04") == explain("CREL04")


@pytest.mark.parametrize(
    ("code", "field", "most"),
    [("CREL03", "contact", "50"), ("CREL16", "email", "50"), ("CREL05", "address", "150"), ("CREL27", "", "100")],
)
def test_a_field_that_is_too_long_is_named(code: str, field: str, most: str) -> None:
    told = explain(code)
    assert told is not None
    assert told.field == field
    assert f"hoogstens {most} tekens" in str(told.why)


def test_any_code_of_the_family_of_limits_is_explained_as_one() -> None:
    assert explain("E003.9") == explain("E0031")
    assert "Morgen" in str(getattr(explain("E0033"), "now", ""))
