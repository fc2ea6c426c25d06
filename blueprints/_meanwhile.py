"""What others did meanwhile, on the screen: beside each field what stands now, to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from flask import flash
from flask_babel import gettext as _
from wtforms import Field

from blueprints import _filters
from blueprints._choices import ChoiceField
from blueprints._forms import HouseForm
from blueprints._words import say
from domain.meanwhile import Changed, Unshown


@dataclass(frozen=True)
class Standing:
    """What stands in a field now, and who changed its row last; `rows` instead of `text` for lines."""

    text: str
    who: str
    rows: tuple[Any, ...] | None = None


def show(form: HouseForm, changed: Changed) -> None:
    """Put what stands now beside the fields that others changed too; the form then knows of it."""
    form.opened = changed.opened
    form.form_errors.append(say(changed.message))
    who = ""
    if changed.when is not None:
        who = _("Laatst gewijzigd door %(who)s, %(when)s.", who=changed.who, when=_filters.moment(changed.when))
    for name, value in changed.stands.items():
        field = form[name]
        rows = value if isinstance(value, tuple) else None
        field.meanwhile = Standing(_told(field, value) if rows is None else "", who, rows)
        field.errors = [*field.errors, _("Intussen staat hier iets anders.")]


def tell(form: HouseForm) -> None:
    """After a save: which fields others had changed, which this form left alone."""
    names = [str(form[name].label.text) for name in form.opened.left if name in form]
    if names:
        text = _(
            "Intussen had iemand anders ook iets gewijzigd. Dat blijft staan: %(fields)s.", fields=", ".join(names)
        )
        flash(text, "ok")


def _told(field: Field, value: Any) -> str:
    """A value as people read it in this field."""
    if isinstance(value, Unshown):
        return str(_("een andere code, die niet in te zien is"))
    if isinstance(field, ChoiceField) and value is not None:
        hit = field.kind.one(value)
        value = hit.label if hit else None
    if value is None or value == "":
        return str(_("leeg"))
    if isinstance(value, date):
        return _filters.day(value)
    if isinstance(value, time):
        return _filters.clock(value)
    if isinstance(value, Decimal):
        return _filters.plain(value)
    return _chosen(getattr(field, "choices", None) or (), str(value))


def _chosen(choices: Iterable[Any], value: str) -> str:
    """The words of a choice; a value that is none says itself."""
    for choice in choices:
        key, label = choice[:2] if isinstance(choice, tuple) else (choice.value, choice.label)
        if str(key) == value:
            return str(label)
    return value
