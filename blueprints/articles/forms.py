"""The form of an article."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from blueprints._fields import DecimalField
from blueprints._forms import HouseForm
from blueprints._validators import at_most, with_present
from blueprints._words import say
from domain.vat import SALES_CODES
from services.catalogue.articles import ArticleInput
from services.link import connection


class ArticleForm(HouseForm):
    """An article made here."""

    description = TextAreaField(
        _l("Omschrijving"), [InputRequired(_l("Vul een omschrijving in.")), at_most(500)], render_kw={"rows": 2}
    )
    code = StringField(_l("Code"), [at_most(50)])
    unit = StringField(_l("Eenheid"), [at_most(50)])
    price = DecimalField(
        _l("Prijs per eenheid in euro's, zonder btw"), [InputRequired(_l("Vul een prijs in."))], places=4
    )
    vat_code = SelectField(_l("Btw"), validate_choice=True)
    ledger_code = SelectField(_l("Grootboekrekening"), validate_choice=True)
    active = BooleanField(_l("In gebruik: te kiezen op werkbonnen"), default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill the choices; what the article has now stays choosable, even when it is not in the lists (any more)."""
        super().__init__(*args, **kwargs)
        now = kwargs.get("obj")
        self.vat_code.choices = _vat_choices(now.vat_code if now else "")
        self.ledger_code.choices = _ledger_choices(now.ledger_code if now else "")

    def typed(self) -> ArticleInput:
        """What was typed, as the service takes it."""
        return ArticleInput(
            description=self.description.data or "",
            code=self.code.data or "",
            unit=self.unit.data or "",
            price=self.price.data or Decimal(0),
            vat_code=self.vat_code.data or "",
            ledger_code=self.ledger_code.data or "",
            active=bool(self.active.data),
        )


def _by_settings() -> tuple[str, str]:
    return "", _("volgens de instellingen")


def _vat_choices(present: str) -> list[tuple[str, str]]:
    known = ((entry.code, say(entry.label)) for entry in SALES_CODES if entry.supported)
    return with_present([_by_settings(), *known], present)


def _ledger_choices(present: str) -> list[tuple[str, str]]:
    known = ((row.code, f"{row.code} {row.description}") for row in connection.ledger_accounts())
    return with_present([_by_settings(), *known], present)
