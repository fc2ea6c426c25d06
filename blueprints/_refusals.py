"""Putting a service's no beside the field it belongs to."""

from __future__ import annotations

from types import TracebackType

from blueprints import _meanwhile
from blueprints._forms import HouseForm
from blueprints._words import say
from domain.meanwhile import Changed
from domain.message import Refusal
from domain.questions import Doubt


def put_beside(form: HouseForm, refusal: Refusal) -> None:
    """The message beside its field, or on top of the form when it has none. Where others changed the same: what stands
    now beside each field."""
    if isinstance(refusal, Changed):
        _meanwhile.show(form, refusal)
        return
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
    field, and the view goes on below it: to show the form again. After a save it tells what of others was left
    alone."""

    def __init__(self, form: HouseForm) -> None:
        self._form = form

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if error is None:
            _meanwhile.tell(self._form)
        if not isinstance(error, Refusal):
            return False
        put_beside(self._form, error)
        return True
