"""Putting a service's no beside the field it belongs to."""

from __future__ import annotations

from types import TracebackType

from flask_wtf import FlaskForm

from blueprints._words import say
from domain.message import Refusal
from domain.questions import Doubt


def put_beside(form: FlaskForm, refusal: Refusal) -> None:
    """The message beside its field, or on top of the form when it has none."""
    text = say(refusal.message)
    if refusal.field and refusal.field in form:
        field = form[refusal.field]
        if isinstance(refusal, Doubt):
            field.question = refusal.question
        field.errors = [*field.errors, text]
    else:
        form.form_errors.append(text)


class refusals_at:
    """`with refusals_at(form):` do what was asked and return the answer. A Refusal ends the block, stands beside its
    field, and the view goes on below it: to show the form again."""

    def __init__(self, form: FlaskForm) -> None:
        self._form = form

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Refusal):
            return False
        put_beside(self._form, error)
        return True
