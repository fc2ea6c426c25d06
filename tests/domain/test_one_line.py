"""Names that go into letters: one line, no link."""

from __future__ import annotations

import pytest

from domain import one_line
from domain.message import Refusal


@pytest.mark.parametrize(
    "name",
    ["Nina Nieuw", "J. van Dijk", "J.van Dijk", "A.B.C. de Vries", "Øyvind Åsen", "O'Neill-Smits", "李 小龍", "Yıldız"],
)
def test_names_of_people_pass(name: str) -> None:
    assert one_line.of_person(f"  {name} ") == name


@pytest.mark.parametrize(
    "name",
    [
        "Nina\nKlik hier", "Nina\r\nX", "Nina\u2028X", "Nina\u2029X", "Nina\x0bX", "Nina\x85X", "Nina \u202egpj",
        "https://kwaad.example", "Klik HTTP://kwaad.example", "www.kwaad.nl", "kwaad.nl", "ga naar kwaad.com nu",
        "kwaad.nl/pad", "nina@kwaad.nl", "", "   ", "\u200b", "x" * 101, "mailto:x",
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused_at_its_field(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        one_line.of_person(name)
    assert refused.value.field == "name"


def test_a_company_may_be_called_after_its_address() -> None:
    assert one_line.of_company("Vos.nl installaties") == "Vos.nl installaties"
    for name in ("https://vos.nl", "www.vos.nl", "vos.nl/pad", "Vos\nKlik"):
        with pytest.raises(Refusal):
            one_line.of_company(name)


def test_a_name_of_before_goes_into_a_letter_on_one_line_and_as_no_link() -> None:
    told = one_line.in_a_letter("Nina\n\nKlik op https://kwaad.example/x")
    assert "\n" not in told
    assert "://k" not in told
    assert one_line.in_a_letter("J. van Dijk") == "J. van Dijk"
