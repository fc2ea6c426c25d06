"""Forms of relations and their work sites."""

from __future__ import annotations

import json
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from blueprints._dependencies import deps
from blueprints._fields import DayField, PercentField
from blueprints._forms import HouseForm
from blueprints._validators import at_most, hold_against
from blueprints._words import say
from domain import email_address, official_numbers
from domain.limits import too_long
from domain.relation import LED_THERE, LONGEST, TEXTS, RelationDetails
from domain.vat_regime import CHOICES, DOMESTIC, USUAL
from domain.vat_regime import NAMES as REGIMES
from domain.visible import bare
from services.catalogue.locations import LocationInput
from services.catalogue.relations import Own

_KINDS = [SelectChoice("yes", _l("zakelijk")), SelectChoice("no", _l("particulier"))]


def _fits(name: str) -> Length:
    return at_most(LONGEST[name])


def _taken_there(form: RelationForm, field: Field) -> None:
    """A validator: no more characters than the bookkeeping takes, which may be fewer than we keep."""
    most = deps().bookkeeping.limits.relation.get(field.name)
    if too_long(field.data or "", most) and form.touched(field.name):
        raise ValidationError(gettext("Gebruik hoogstens %(max)d tekens.", max=most))


class RelationForm(HouseForm):
    """A relation made here."""

    name = StringField(_l("Naam"), [InputRequired(_l("Vul een naam in.")), _fits("name")])
    is_company = SelectField(_l("Soort"), choices=_KINDS, default="yes")
    code = StringField(_l("Code in e-Boekhouden"), [_fits("code")])
    contact = StringField(_l("Contactpersoon"), [_fits("contact")])
    address = StringField(_l("Straat en huisnummer"), [_fits("address")])
    postcode = StringField(_l("Postcode"), [_fits("postcode")])
    city = StringField(_l("Plaats"), [_fits("city")])
    country = StringField(_l("Land"), [_fits("country")])
    phone = StringField(_l("Telefoon"), [_fits("phone")])
    mobile = StringField(_l("Mobiel"), [_fits("mobile")])
    email = StringField(_l("E-mailadres"), [Optional(), _fits("email")])
    vat_number = StringField(_l("Btw-nummer"), [_fits("vat_number")])
    coc_number = StringField(_l("KvK-nummer"), [_fits("coc_number")])
    iban = StringField(_l("IBAN"), [_fits("iban")])

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all is right; each field then also holds what the bookkeeping takes."""
        return bool(super().validate({name: [_taken_there] for name in TEXTS} | (extra_validators or {})))

    def touched(self, *names: str) -> bool:
        """Whether one of these fields was typed; what was not is not held against anybody."""
        return True

    def validate_email(self, field: StringField) -> None:
        if self.touched("email"):
            hold_against(email_address.contact, field.data or "")

    def validate_postcode(self, field: StringField) -> None:
        if self.touched("postcode", "country"):
            hold_against(official_numbers.postcode, field.data or "", self.country.data or "")

    def validate_vat_number(self, field: StringField) -> None:
        if self.touched("vat_number", "country"):
            hold_against(official_numbers.vat_number, field.data or "", self.country.data or "")

    def validate_coc_number(self, field: StringField) -> None:
        if self.touched("coc_number", "country"):
            hold_against(official_numbers.coc_number, field.data or "", self.country.data or "")

    def validate_iban(self, field: StringField) -> None:
        if self.touched("iban"):
            hold_against(official_numbers.iban, field.data or "")

    def typed(self) -> RelationDetails:
        """What was typed, as the service takes it."""
        texts = {name: self[name].data or "" for name in TEXTS}
        code = self.code.data or "" if "code" in self else ""
        return RelationDetails(**texts, code=code, is_company=self.is_company.data == "yes")


class ThereForm(RelationForm):
    """A relation that stands in the bookkeeping. `was` are the values the form was opened with, so that only what was
    typed goes out, and nothing that somebody else changed meanwhile is put back."""

    code = None  # it names the relation over there; it is changed there
    was = HiddenField()

    def open(self, now: RelationDetails) -> None:
        """Show the values of now, but for what was typed."""
        for name in LED_THERE:
            if not self.is_submitted() or not self.touched(name):
                value = getattr(now, name)
                self[name].data = ("yes" if value else "no") if name == "is_company" else value
        self.was.data = json.dumps({name: getattr(now, name) for name in LED_THERE})

    def seen(self) -> RelationDetails:
        """The values that the form was opened with; a mangled one knows none, so that everything counts as typed."""
        try:
            found = json.loads(self.was.data or "")
        except ValueError:
            found = {}
        found = found if isinstance(found, dict) else {}
        texts = {name: str(found.get(name, "")) for name in TEXTS}
        return RelationDetails(**texts, is_company=found.get("is_company") is True)

    def touched(self, *names: str) -> bool:
        """Whether one of these fields was typed."""
        typed, seen = self.typed(), self.seen()
        return any(_as_said(typed, name) != _as_said(seen, name) for name in names)


def _as_said(details: RelationDetails, name: str) -> str | bool:
    value: str | bool = getattr(details, name)
    return bare(value) if isinstance(value, str) else value


class CodeForm(HouseForm):
    """The code a relation has in the bookkeeping."""

    code = StringField(
        _l("Code in e-Boekhouden"),
        [InputRequired(_l("Vul de code in die deze relatie in e-Boekhouden heeft.")), _fits("code")],
    )


class NotesForm(HouseForm):
    """What we keep of a relation ourselves."""

    asks_order_number = BooleanField(_l("Vraagt op de factuur haar eigen ordernummer"))
    vat_regime = SelectField(_l("Btw op de factuur"), default=USUAL)
    wage_percent = PercentField(_l("Loonbestanddeel, procent van de arbeid"))
    g_percent = PercentField(_l("Naar uw G-rekening, procent van het loon"))
    notes = TextAreaField(_l("Wat u van deze klant wilt onthouden"), [at_most(5000)], render_kw={"rows": 5})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = (USUAL, say(REGIMES[DOMESTIC]))
        self.vat_regime.choices = [usual, *((key, say(REGIMES[key])) for key in CHOICES if key != DOMESTIC)]

    def typed(self) -> Own:
        """What was typed, as the service takes it."""
        return Own(
            self.notes.data or "", self.asks_order_number.data, self.vat_regime.data, self.wage_percent.data,
            self.g_percent.data,
        )  # fmt: skip


class LocationForm(HouseForm):
    """A work site."""

    name = StringField(_l("Naam van de locatie"), [at_most(100)])
    address = StringField(_l("Straat en huisnummer"), [InputRequired(_l("Vul straat en huisnummer in.")), at_most(150)])
    postcode = StringField(_l("Postcode"), [at_most(50)])
    city = StringField(_l("Plaats"), [at_most(50)])
    notes = TextAreaField(_l("Aanwijzingen"), [at_most(2000)], render_kw={"rows": 3})
    is_dwelling = BooleanField(_l("Woning ouder dan twee jaar"))
    dwelling_declared_on = DayField(_l("Verklaard op"))
    dwelling_declared_by = StringField(_l("Verklaard door"), [at_most(100)])

    def typed(self) -> LocationInput:
        """What was typed, as the service takes it."""
        names = ("name", "address", "postcode", "city", "notes", "dwelling_declared_by")
        texts = {name: self[name].data or "" for name in names}
        return LocationInput(
            **texts, is_dwelling=self.is_dwelling.data, dwelling_declared_on=self.dwelling_declared_on.data
        )
