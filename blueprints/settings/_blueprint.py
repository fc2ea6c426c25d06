"""The blueprint of the settings area, and what its views share."""

from __future__ import annotations

from flask_wtf import FlaskForm

from blueprints._doors import tenant_blueprint
from blueprints._filters import say
from domain.message import Refusal

blueprint = tenant_blueprint("settings", __name__, "/settings")


def complain(form: FlaskForm, refusal: Refusal) -> None:
    """Put a rule's no beside the field it belongs to, or above the form."""
    field = form._fields.get(refusal.field) if refusal.field else None
    if field is None:
        form.form_errors.append(say(refusal.message))
    else:
        field.errors = [*field.errors, say(refusal.message)]
