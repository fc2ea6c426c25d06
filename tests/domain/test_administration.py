"""Which administration codes belong to."""

from __future__ import annotations

import pytest

from domain import administration as rules

GUID = "0F0E0D0C-1111-4222-8333-444455556666"
OF_GUID = rules.fingerprint("jan", "a" * 32, GUID)


@pytest.mark.parametrize(
    ("codes", "same"),
    [
        (("piet", "b" * 32, GUID), True),
        (("jan", "a" * 32, f" {{{GUID.lower()}}} "), True),
        (("jan", "a" * 32, GUID[:-1] + "7"), False),
        (("jan", "a" * 32, "geen guid"), False),
    ],
)
def test_an_administration_is_known_by_its_guid(codes: tuple[str, str, str], same: bool) -> None:
    assert (rules.fingerprint(*codes) == OF_GUID) is same


def test_without_a_guid_only_the_same_codes_are_the_same() -> None:
    plain = rules.fingerprint("jan", "een", "twee")
    assert rules.fingerprint(" jan ", "een ", "twee") == plain
    others = [("piet", "een", "twee"), ("jan", "drie", "twee"), ("jan", "een", "drie"), ("jan", "een\0twee", "")]
    assert plain not in {rules.fingerprint(*codes) for codes in others}


def test_a_fingerprint_shows_nothing_of_a_code() -> None:
    assert GUID.lower().replace("-", "") not in OF_GUID
    assert len(OF_GUID) == 64


@pytest.mark.parametrize(
    ("known", "number"),
    [({}, 1), ({1: OF_GUID}, 1), ({1: "other"}, 2), ({1: "other", 2: OF_GUID, 3: ""}, 2), ({1: "", 4: ""}, 5)],
)
def test_one_that_is_not_known_is_the_next(known: dict[int, str], number: int) -> None:
    assert rules.number_of(OF_GUID, known) == number
