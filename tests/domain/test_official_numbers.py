"""Numbers as people type them: brought into one shape, or refused at their field with what is expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain import official_numbers as official
from domain.message import Refusal
from domain.visible import bare


@pytest.mark.parametrize(
    ("read", "typed", "kept"),
    [
        (official.coc_number, " 1234.56 78 ", "12345678"),
        (official.coc_number, "  ", ""),
        (official.vat_number, " 0044.954.45-B01 ", "NL004495445B01"),
        (official.vat_number, "nl004495445b01", "NL004495445B01"),
        (official.vat_number, "be 0411.905.847", "BE0411905847"),
        (official.vat_number, " ", ""),
        (official.iban, "nl91 abna 0417 1643 00", "NL91ABNA0417164300"),
        (official.iban, " ", ""),
        (official.iban, "BE68 5390 0754 7034", "BE68539007547034"),
        (official.vat_number, "CHE-105.918.070 MWST", "CHE-105.918.070 MWST"),
        (official.vat_number, " GB 980 7806 84 ", "GB 980 7806 84"),
        (official.postcode, "1234ab", "1234 AB"),
        (official.postcode, " ", ""),
    ],
)
def test_what_is_right_is_kept_in_one_shape(read: Callable[[str], str], typed: str, kept: str) -> None:
    assert read(typed) == kept


@pytest.mark.parametrize(
    ("read", "typed", "field", "says"),
    [
        (official.coc_number, "1234567", "coc_number", "Een KvK-nummer heeft 8 cijfers."),
        (official.coc_number, "123456789", "coc_number", "8 cijfers"),
        (official.coc_number, "1234567x", "coc_number", "8 cijfers"),
        (official.vat_number, "NL004495446B01", "vat_number", "ziet eruit als NL123456789B01"),
        (official.vat_number, "BE0411905848", "vat_number", "van het land waarbij het hoort"),
        (official.iban, "NL91ABNA0417164301", "iban", "Dit IBAN klopt niet"),
        (official.postcode, "0123 AB", "postcode", "4 cijfers en 2 letters"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(read: Callable[[str], str], typed: str, field: str, says: str) -> None:
    with pytest.raises(Refusal, match=says) as refused:
        read(typed)
    assert refused.value.field == field


@pytest.mark.parametrize("country", ["", " NL ", "nld", "Nederland", "The Netherlands", "holland"])
def test_the_netherlands_under_each_of_its_names_are_held_to_dutch_rules(country: str) -> None:
    assert official.at_home(country)
    for read in (official.coc_number, official.postcode):
        with pytest.raises(Refusal):
            read("W1A 1AA", country)


def test_numbers_from_abroad_stay_as_typed() -> None:
    assert not official.at_home("Duitsland")
    assert official.coc_number(" HRB 1.234 ", "Duitsland") == "HRB 1.234"
    assert official.postcode(" W1A 1AA ", "Verenigd Koninkrijk") == "W1A 1AA"


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("0411.905.847", "België", "BE0411905847"),
        ("0411.905.847", "be", "BE0411905847"),
        ("be 0411.905.847", "Duitsland", "BE0411905847"),
        ("094259216", "GR", "EL094259216"),
        ("GR 094259216", "Griekenland", "EL094259216"),
        ("004495445B01", "Nederland", "NL004495445B01"),
        ("105.918.070", "Zwitserland", "105.918.070"),
        ("980 7806 84", "Verenigd Koninkrijk", "980 7806 84"),
        ("NO 123 456 785 MVA", "", "NO 123 456 785 MVA"),
    ],
)
def test_the_letters_of_a_vat_number_come_from_the_country_and_outside_the_eu_it_stays(
    typed: str, country: str, kept: str
) -> None:
    assert official.vat_number(typed, country) == kept


def test_a_number_without_letters_is_held_to_the_rules_of_its_country() -> None:
    with pytest.raises(Refusal, match="waarbij het hoort"):
        official.vat_number("004495445B01", "België")


def test_a_bank_we_do_not_know_is_a_remark() -> None:
    assert official.unknown_bank("BE68539007547034")
    assert not official.unknown_bank("NL91ABNA0417164300")
    assert not official.unknown_bank("NL91ABNA0417164301"), "that one is wrong, which is told elsewhere"
    assert not official.unknown_bank("")


@pytest.mark.parametrize(
    "text", ["", None, " ", "\u200b", "\u2060\u200d \ufeff", "\u3164", "\u2800", "\u00ad", "\u0301"]
)
def test_a_text_of_nothing_to_see_is_empty(text: str | None) -> None:
    assert bare(text) == ""


@pytest.mark.parametrize("text", ["a", " é ", "\u200bJan", "名前", "👍", "-"])
def test_a_text_with_something_to_see_stays(text: str) -> None:
    assert bare(text) == text.strip()
