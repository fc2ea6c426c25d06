"""Forms of the settings area. What was typed stays on the screen, except the codes: those are never rendered back."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from blueprints._fields import LANGUAGE_CHOICES, DayField, DecimalField, RowField, WholeField
from blueprints._forms import HouseForm
from blueprints._validators import at_most, filled_in, follows, with_present
from blueprints._words import say
from domain import email_address, official_numbers
from domain.languages import DUTCH
from domain.money import MOST
from domain.vat import SALES_CODES
from domain.work_order import LINE_KINDS
from services.company.details import CompanyInput
from services.invoicing.invoice_settings import InvoiceSettings, LineSetting


class FeaturesForm(HouseForm):
    """Which parts of Crafter are switched on."""

    bookkeeping = BooleanField(_l("e-Boekhouden.nl"))


class CompanyForm(HouseForm):
    """The company's details; all but the name may be empty."""

    name = StringField(_l("Naam"), [InputRequired(_l("Vul de naam van uw bedrijf in.")), at_most(100)])
    address = StringField(_l("Straat en huisnummer"), [at_most(150)])
    postcode = StringField(_l("Postcode"), [at_most(50), follows(official_numbers.postcode)])
    city = StringField(_l("Plaats"), [at_most(50)])
    phone = StringField(_l("Telefoon"), [at_most(50)])
    email = StringField(_l("E-mailadres"), [at_most(150), follows(email_address.contact)])
    coc_number = StringField(_l("KvK-nummer"), [at_most(50), follows(official_numbers.coc_number)])
    vat_number = StringField(_l("Btw-nummer"), [at_most(50), follows(official_numbers.vat_number)])
    iban = StringField(_l("IBAN"), [at_most(50), follows(official_numbers.iban)])
    g_account = StringField(_l("IBAN van uw G-rekening"), [at_most(50), follows(official_numbers.iban)])
    language = SelectField(_l("Taal"), choices=LANGUAGE_CHOICES, default=DUTCH, validate_choice=False)
    small_since = DayField(_l("Kleineondernemersregeling vanaf"))
    small_until = DayField(_l("Tot en met"))

    def typed(self) -> CompanyInput:
        """What was typed, as the service takes it."""
        apart = {"csrf_token", self.small_since.name, self.small_until.name}
        texts: dict[str, Any] = {field.name: field.data or "" for field in self if field.name not in apart}
        return CompanyInput(**texts, small_since=self.small_since.data, small_until=self.small_until.data)


class WorkerForm(HouseForm):
    """A worker. Set the choices of `colour` and `person_id` before use."""

    name = StringField(_l("Naam"), [InputRequired(_l("Vul de naam van de medewerker in.")), at_most(100)])
    colour = RadioField(_l("Kleur op de planning"), validate_choice=False)
    active = BooleanField(_l("Actief"), default=True)
    person_id = RowField(_l("Login"))


class ConnectionForm(HouseForm):
    """The credentials. The template writes the codes' inputs without a value, always."""

    username = StringField(_l("Gebruikersnaam"), [at_most(55)])
    code1 = StringField(_l("Securitycode 1"), [at_most(100)])
    code2 = StringField(_l("Securitycode 2"), [at_most(100)])

    def changes(self, username: str) -> bool:
        """Whether other credentials were typed than those of this user that are kept."""
        name = (self.username.data or "").strip()
        return bool(name != username or (self.code1.data or "").strip() or (self.code2.data or "").strip())

    @property
    def emptied(self) -> bool:
        """Whether everything was made empty: the manual's way to undo the link."""
        return not any((field.data or "").strip() for field in (self.username, self.code1, self.code2))


class InvoiceForm(HouseForm):
    """Invoice settings; beside these fields one `<kind>_code`, `<kind>_ledger` and `<kind>_vat` per kind of line."""

    template = StringField(_l("Factuursjabloon"), [at_most(50)])
    term_days = WholeField(_l("Betalingstermijn in dagen"))
    prefix = StringField(_l("Begin van het factuurnummer"), [at_most(10)])
    next_number = WholeField(_l("Volgend nummer"))
    ask_above = DecimalField(
        _l("Vraag het nog een keer boven (euro, incl. btw)"), [filled_in(_l("Vul een bedrag in."))],
        least=Decimal(0), most=MOST,
    )  # fmt: skip
    sync_relations = BooleanField(_l("Relaties synchroniseren"))

    @classmethod
    def showing(cls, stands: InvoiceSettings, ledgers: Iterable[Any]) -> InvoiceForm:
        """The form filled with what stands, whatever the present request carries. Ledgers: code and description."""
        flat, ledgers = stands.by_field(), list(ledgers)
        known = {row.code for row in ledgers}
        for kind, line in stands.lines.items():
            # one that was chosen for another administration is asked again where there is no such account
            if stands.waits and line.ledger_code not in known:
                flat[f"{kind}_ledger"] = ""
        form = cls(formdata=None, data=flat).on(stands.by_field())
        form.offer(ledgers)
        return form

    def offer(self, ledgers: Iterable[Any]) -> None:
        """Fill the choices; what stands or was typed is always among them, so that nothing changes by itself."""
        for kind in LINE_KINDS:
            self[f"{kind}_vat"].choices = with_present(
                [(code.code, say(code.label)) for code in SALES_CODES if code.supported], self[f"{kind}_vat"].data
            )
            self[f"{kind}_ledger"].choices = with_present(
                [("", _("kies een rekening")), *((row.code, f"{row.code} {row.description}") for row in ledgers)],
                self[f"{kind}_ledger"].data,
            )

    def settings(self) -> InvoiceSettings:
        """What was typed, for the service. Call only when the form is valid."""
        term_days, next_number = self.term_days.data, self.next_number.data
        assert term_days is not None and next_number is not None  # noqa: PT018 - a valid form has both
        lines = {
            kind: LineSetting(
                self[f"{kind}_code"].data or "", self[f"{kind}_ledger"].data or "", self[f"{kind}_vat"].data or ""
            )
            for kind in LINE_KINDS
        }
        return InvoiceSettings(
            self.template.data or "", term_days, self.sync_relations.data, (self.prefix.data or "").strip(),
            next_number, lines, ask_above=self.ask_above.data,
        )  # fmt: skip


for _kind in LINE_KINDS:
    setattr(InvoiceForm, f"{_kind}_code", StringField(_l("Code"), [at_most(50)]))
    setattr(InvoiceForm, f"{_kind}_ledger", SelectField(_l("Grootboekrekening"), [at_most(10)], validate_choice=False))
    setattr(InvoiceForm, f"{_kind}_vat", SelectField(_l("Btw"), validate_choice=False))
