"""Putting a service's no beside the field it belongs to."""

from __future__ import annotations

from flask_wtf import FlaskForm

from blueprints._filters import say
from domain.message import Refusal


def put(form: FlaskForm, refusal: Refusal) -> None:
    """The message beside its field, or on top of the form when it has none."""
    text = say(refusal.message)
    if refusal.field and refusal.field in form:
        field = form[refusal.field]
        field.errors = [*field.errors, text]
    else:
        form.form_errors.append(text)
