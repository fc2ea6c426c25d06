"""Texts with their values, and what a field, a role or a kind of VAT is called."""

from __future__ import annotations

import pytest

from domain.limits import FIELD_NAMES, Limits, field_note, too_long, unsendable
from domain.message import NOTHING, Refusal, as_written, msg, one_after_another
from domain.notes import note
from domain.permissions import OWNER, WORKER, Actor, role_note
from domain.vat import label, name
from domain.work_order import state_note, why_not


def test_a_message_is_said_with_its_values_and_a_list_with_commas() -> None:
    assert str(msg("%(n)s regels: %(what)s", n=2, what=["btw", as_written("datum")])) == "2 regels: btw, datum"
    assert str(msg("%(what)s", what=("a", "b"))) == "a, b"
    assert str(msg("100%")) == "100%"
    assert (bool(msg("x")), bool(NOTHING), str(NOTHING)) == (True, False, "")


def test_what_somebody_wrote_is_shown_as_it_stands_and_nothing_is_nothing() -> None:
    assert str(as_written("100% %(x)s")) == "100% %(x)s"
    assert as_written("") is NOTHING


def test_sentences_in_a_row_are_each_a_text_of_their_own() -> None:
    said = one_after_another("Eén.", msg("Nog %(n)s.", n=2))
    assert str(said) == "Eén. Nog 2."
    assert list(said.values.values()) == [msg("Eén."), msg("Nog %(n)s.", n=2)]


def test_a_refusal_carries_what_it_says_and_its_field() -> None:
    refusal = Refusal(msg("Vul %(x)s in.", x="dit"), "name")
    assert (str(refusal), refusal.message, refusal.field) == ("Vul dit in.", msg("Vul %(x)s in.", x="dit"), "name")
    assert Refusal(msg("Nee.")).field is None


def test_a_word_is_told_by_its_name_with_the_key_that_a_row_holds() -> None:
    told = [
        (state_note("done"), "uitgevoerd", "order_state.done"),
        (state_note("parked"), "parked", "order_state.parked"),
        (role_note("planner"), "planner", "role.planner"),
        (role_note("guest"), "guest", "role.guest"),
        (name("high"), "21%", "vat.high"),
        (name("V99"), "V99", ""),
        (field_note("iban"), "IBAN", "field.iban"),
        (field_note("iban", "rekening"), "rekening", "field.iban"),
        (field_note("shoe_size"), "shoe_size", ""),
        (field_note("shoe_size", "schoenmaat"), "schoenmaat", ""),
    ]
    assert [(str(said), said.key) for said, _, _ in told] == [(text, key) for _, text, key in told]
    assert why_not("parked", "plan") == note("order.step_too_late", state=state_note("parked"))


def test_a_kind_of_vat_that_is_not_ours_is_called_as_it_is() -> None:
    assert (label("low"), label("V99")) == ("9%", "V99")


def test_a_text_is_too_long_only_beyond_a_limit_that_there_is() -> None:
    assert [too_long("abc", longest) for longest in (None, 0, 2, 3, 4)] == [False, True, True, False, False]
    assert {"number", "unit", "code", "is_company"} <= set(FIELD_NAMES)
    assert Limits(1, 2, {}, {"unit": 3}).line == {"unit": 3}


@pytest.mark.parametrize(
    ("text", "first"),
    [("", ""), ("tab\tregel\r\n €😀\ud7ff\ue000\ufffd\U0010ffff", ""), ("a\x00\x01", "U+0000"), ("\x1f", "U+001F"),
     ("x\ud800", "U+D800"), ("\udfff", "U+DFFF"), ("\ufffe", "U+FFFE")],
)  # fmt: skip
def test_the_first_character_that_xml_cannot_carry_is_named(text: str, first: str) -> None:
    assert unsendable(text) == first


def test_an_actor_sees_only_own_orders_as_a_mechanic_and_visits_on_behalf_of_somebody() -> None:
    def actor(role: str, on_behalf_of: str | None = None) -> Actor:
        return Actor(1, "vos", "Vos", None, "Sam", role, on_behalf_of=on_behalf_of)  # type: ignore[arg-type]

    assert [actor(role).only_own_orders for role in (OWNER, WORKER)] == [False, True]
    assert [actor(OWNER, whom).visiting for whom in (None, "", "Vos")] == [False, True, True]
