"""What forms ask of a field, and the choices they offer: each with its sentence, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Length, ValidationError

from blueprints._words import say
from domain.message import Refusal


def at_most(number: int) -> Length:
    """A validator: no more characters than this."""
    return Length(max=number, message=_l("Gebruik hoogstens %(max)d tekens."))


# Far above the longest password that is accepted, so that the refusal comes from the rule that says why.
ANY_PASSWORD = Length(max=1000, message=_l("Dit is te lang."))


def filled_in(message: Any) -> Callable[[Any, Any], None]:
    """A validator: what the page asks for is not left empty; a page of before that did not ask changes nothing."""

    def check(_form: Any, field: Any) -> None:
        if field.raw_data and field.data is None and not field.errors:
            raise ValidationError(message)

    return check


def follows(rule: Callable[[str], Any]) -> Callable[[Any, Any], None]:
    """A validator from a rule of the domain that raises Refusal."""

    def check(_form: Any, field: Any) -> None:
        hold_against(rule, field.data or "")

    return check


def hold_against(rule: Callable[..., Any], *values: str) -> None:
    """Ask a rule of the domain; its no becomes the field's. Raises ValidationError."""
    try:
        rule(*values)
    except Refusal as refusal:
        raise ValidationError(say(refusal.message)) from None


def with_present(choices: Iterable[tuple[str, str]], present: str | None) -> list[tuple[str, str]]:
    """Choices (code, name), and what stands now among them, so that saving a form changes nothing by itself."""
    found = list(choices)
    if present and present not in dict(found):
        found.append((present, present))
    return found
