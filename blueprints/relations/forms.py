"""Forms of relations and their work sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from blueprints._filters import say
from domain.message import Refusal
from services import official_numbers
from services.locations import LocationInput
from services.relations import REMOTE_FIELDS, RelationInput

_EMAIL = r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$"


def _longest(most: int) -> Length:
    return Length(max=most, message=_l("Hoogstens %(max)d tekens."))


def _checks(check: Callable[[], Any]) -> None:
    try:
        check()
    except Refusal as refusal:
        raise ValidationError(say(refusal.message)) from None


class RelationForm(FlaskForm):
    """A relation made here."""

    name = StringField(_l("Naam"), [InputRequired(_l("Vul een naam in.")), _longest(100)])
    is_company = SelectField(_l("Soort"), choices=[("yes", _l("zakelijk")), ("no", _l("particulier"))], default="yes")
    code = StringField(_l("Code in e-Boekhouden"), [_longest(15)])
    contact = StringField(_l("Contactpersoon"), [_longest(150)])
    address = StringField(_l("Straat en huisnummer"), [_longest(150)])
    postcode = StringField(_l("Postcode"), [_longest(50)])
    city = StringField(_l("Plaats"), [_longest(50)])
    country = StringField(_l("Land"), [_longest(50)])
    phone = StringField(_l("Telefoon"), [_longest(50)])
    mobile = StringField(_l("Mobiel"), [_longest(50)])
    email = StringField(
        _l("E-mailadres"),
        [Optional(), _longest(150), Regexp(_EMAIL, message=_l("Maak het e-mailadres af, zoals naam@bedrijf.nl."))],
    )
    vat_number = StringField(_l("Btw-nummer"), [_longest(50)])
    coc_number = StringField(_l("KvK-nummer"), [_longest(50)])
    iban = StringField(_l("IBAN"), [_longest(50)])

    def validate_postcode(self, field: StringField) -> None:
        _checks(lambda: official_numbers.postcode(field.data or "", self.country.data or ""))

    def validate_vat_number(self, field: StringField) -> None:
        _checks(lambda: official_numbers.vat_number(field.data or ""))

    def validate_coc_number(self, field: StringField) -> None:
        _checks(lambda: official_numbers.coc_number(field.data or "", self.country.data or ""))

    def validate_iban(self, field: StringField) -> None:
        _checks(lambda: official_numbers.iban(field.data or ""))

    def given(self) -> RelationInput:
        """What was typed, as the service takes it."""
        texts = {name: self[name].data or "" for name in (*REMOTE_FIELDS, "code") if name != "is_company"}
        return RelationInput(**texts, is_company=self.is_company.data == "yes")


class CodeForm(FlaskForm):
    """The code a relation has in the bookkeeping."""

    code = StringField(
        _l("Code in e-Boekhouden"),
        [InputRequired(_l("Vul de code in die deze relatie in e-Boekhouden heeft.")), _longest(15)],
    )


class NotesForm(FlaskForm):
    """Our own notes about a relation."""

    notes = TextAreaField(_l("Wat u van deze klant wilt onthouden"), [_longest(5000)], render_kw={"rows": 5})


class LocationForm(FlaskForm):
    """A work site."""

    name = StringField(_l("Naam van de locatie"), [_longest(100)])
    address = StringField(
        _l("Straat en huisnummer"), [InputRequired(_l("Vul straat en huisnummer in.")), _longest(150)]
    )
    postcode = StringField(_l("Postcode"), [_longest(50)])
    city = StringField(_l("Plaats"), [_longest(50)])
    notes = TextAreaField(_l("Aanwijzingen"), [_longest(2000)], render_kw={"rows": 3})

    def given(self) -> LocationInput:
        """What was typed, as the service takes it."""
        names = ("name", "address", "postcode", "city", "notes")
        return LocationInput(**{name: self[name].data or "" for name in names})
