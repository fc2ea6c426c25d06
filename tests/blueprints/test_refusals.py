"""A service's no stands beside its field; anything else that goes wrong is not taken for a no."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from wtforms import StringField

from blueprints._refusals import refusals_at
from blueprints._validators import at_most, with_present
from domain.message import Refusal, msg


class NameForm(FlaskForm):
    """One field."""

    name = StringField("Naam", [at_most(5)])


def test_a_refusal_stands_beside_its_field_and_the_view_goes_on(app: Flask) -> None:
    with app.test_request_context():
        form = NameForm()
        with refusals_at(form):
            raise Refusal(msg("Deze naam is al in gebruik."), "name")
        assert (list(form.name.errors), form.form_errors) == (["Deze naam is al in gebruik."], [])


@pytest.mark.parametrize("field", [None, "elsewhere"])
def test_a_refusal_of_no_field_of_this_form_stands_on_top_of_it(app: Flask, field: str | None) -> None:
    with app.test_request_context():
        form = NameForm()
        with refusals_at(form):
            raise Refusal(msg("Dit kan nu niet."), field)
        assert (list(form.name.errors), form.form_errors) == ([], ["Dit kan nu niet."])


def test_what_is_no_refusal_goes_through(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(LookupError), refusals_at(NameForm()):
        raise LookupError("gone")


def test_too_long_a_text_is_told_in_the_same_words_everywhere(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"name": "Willemijn"}):
        form = NameForm()
        form.validate()
        assert form.name.errors == ["Gebruik hoogstens 5 tekens."]


def test_what_stands_now_is_among_the_choices_once() -> None:
    assert with_present([("a", "A")], "b") == [("a", "A"), ("b", "b")]
    assert with_present([("a", "A")], "a") == with_present([("a", "A")], "") == [("a", "A")]
