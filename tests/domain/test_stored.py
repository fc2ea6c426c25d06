"""What a row holds of a Message, and what comes back of it."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.invoice import difference_notes
from domain.limits import FIELD_NAMES, field_note
from domain.message import NOTHING, as_written, msg
from domain.notes import NOTES, note
from domain.permissions import ROLE_NAMES, role_note
from domain.stored import FAMILIES, NoKey, from_text, from_value, to_text, to_value
from domain.work_order import STATES, state_note


def test_a_row_holds_the_key_and_the_values_and_no_word_of_the_sentence() -> None:
    said = note("look_up.failed", why=note("call.http", status=503))
    stored = to_text(said)
    assert json.loads(stored) == {
        "key": "look_up.failed",
        "values": {"why": {"key": "call.http", "values": {"status": 503}}},
    }
    assert from_text(stored) == said


def test_what_a_row_holds_is_the_same_text_letter_by_letter_whatever_the_order_of_the_values() -> None:
    said = note("call.other_number", theirs="é", ours="1")
    held = '{"key":"call.other_number","values":{"ours":"1","theirs":"é"}}'
    assert to_text(said) == to_text(note("call.other_number", ours="1", theirs="é")) == held
    assert from_text(held) == said


@pytest.mark.parametrize(
    "value",
    [
        {"key": "link.changed"},
        {"key": 1, "values": {}},
        {"key": "link.changed", "values": 1},
        {"day": 1},
        {"day": "2026-11-19", "x": 1},
    ],
)
def test_what_only_looks_like_a_note_or_a_day_stays_as_it_is(value: object) -> None:
    assert from_value(value) == value
    assert from_value([value, None, 1.5]) == [value, None, 1.5]


def test_every_note_comes_back_as_it_went_in() -> None:
    for key, template in NOTES.items():
        said = note(key, **dict.fromkeys(re.findall(r"%\((\w+)\)", template.text), "x"))
        assert from_text(to_text(said)) == said


def test_words_that_are_told_elsewhere_come_back_too() -> None:
    words = [state_note(state) for state in STATES] + [role_note(role) for role in ROLE_NAMES]
    words += [field_note(name) for name in FIELD_NAMES] + difference_notes(list(FAMILIES["difference"]))
    for said in words:
        assert from_text(to_text(said)) == said
        assert str(said)


def test_lists_days_and_amounts_are_values_too() -> None:
    said = note("posting.differs", what=difference_notes(["lines", "vat"]))
    assert str(from_text(to_text(said))) == "daar staat iets anders: regels, btw"
    assert from_value(to_value(date(2026, 11, 19))) == date(2026, 11, 19)
    assert to_value(Decimal("1.50")) == {"euro": "1.50"}
    assert from_value({"euro": "1.50"}) == Decimal("1.50")
    with pytest.raises(TypeError):
        to_value(object())


@pytest.mark.slow
@given(some.text())
def test_any_text_that_a_person_may_type_comes_back_letter_by_letter(text: str) -> None:
    assert str(from_text(to_text(as_written(text)))) == text


@pytest.mark.parametrize(
    "text", ['{"key":"link.changed","values":{}}', '{"key":"","values":{"text":"x"}}', '{"key":"a.b","values":{}}']
)
def test_a_person_who_types_what_looks_like_a_note_sees_what_they_typed(text: str) -> None:
    assert from_text(to_text(as_written(text))) == as_written(text)


@pytest.mark.parametrize("text", ["de koppeling is intussen gewijzigd", "100% zeker", '{"key":', '{"key":"x"}', "{}"])
def test_a_sentence_of_before_stays_as_it_was_written(text: str) -> None:
    assert from_text(text) == as_written(text)
    assert to_text(from_text(text)) == text


def test_a_key_of_another_release_says_something_and_breaks_nothing() -> None:
    assert from_text('{"key":"posting.sent_by_pigeon","values":{"who":"x"}}') == msg(
        "een melding van een andere versie van Crafter (%(key)s)", key="posting.sent_by_pigeon"
    )
    assert from_text('{"key":"","values":{}}') == as_written('{"key":"","values":{}}')
    assert "role.guest" in str(from_text('{"key":"role.guest","values":{}}'))
    assert "posting.sent_by_pigeon" in str(from_text('{"key":"posting.sent_by_pigeon","values":{"who":"x"}}'))


def test_a_value_that_is_not_there_is_a_question_mark() -> None:
    assert str(from_text('{"key":"call.http","values":{"code":1}}')) == "HTTP ?"


def test_a_message_without_a_key_cannot_be_kept() -> None:
    with pytest.raises(NoKey):
        to_text(msg("een zin zonder sleutel"))
    with pytest.raises(NoKey):
        to_text(note("look_up.failed", why=msg("een zin zonder sleutel")))


def test_nothing_is_an_empty_column() -> None:
    assert to_text(NOTHING) == ""
    assert from_text("") == NOTHING
    assert not from_text("")
