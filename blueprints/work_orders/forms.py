"""What is typed about a work order: the whole bon, a mechanic's report, a reason; and the list's filter."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from blueprints._fields import ClockField, DayField, DutchDecimalField, RowField
from domain.vat import SALES_CODES
from domain.work_order import LINE_KIND_NAMES
from services import connection, order_choices
from services.order_choices import TypedLine
from services.work_orders import Filter, LineInput, OrderInput

MAX_LINES = 100
BLANK_ROWS = 3
SORTS = {
    "-number": _l("Nieuwste bon eerst"),
    "number": _l("Oudste bon eerst"),
    "planned": _l("Gepland: eerst wat het eerst komt"),
    "-planned": _l("Gepland: laatste dag eerst"),
}


def bare(text: str | None) -> str:
    """Text without blanks around it, for a field that may be missing from the request."""
    return (text or "").strip()


class _Line(Form):
    """What every row has. A row in which nothing was typed is no line."""

    typed = ("code", "description", "quantity")
    code = StringField(_l("Artikel"), [Length(max=50)])
    description = StringField(_l("Omschrijving"), [Length(max=500)])
    quantity = DutchDecimalField(_l("Aantal"), places=4)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in this row."""
        return not any(self[name]._value().strip() for name in self.typed)

    def validate(self, extra_validators: Any = None) -> bool:
        """An empty row is always right."""
        return self.is_blank or super().validate(extra_validators)


class LineForm(_Line):
    """A row as the office sees it."""

    typed = ("code", "description", "quantity", "unit", "price")
    kind = SelectField(_l("Soort"), choices=list(LINE_KIND_NAMES.items()), default="article")
    unit = StringField(_l("Eenheid"), [Length(max=50)])
    price = DutchDecimalField(_l("Prijs"), places=4)
    vat_code = SelectField(_l("Btw"), default="", validate_choice=False)
    ledger_code = SelectField(_l("Grootboek"), default="", validate_choice=False)


class ReportLineForm(_Line):
    """A row as a mechanic sees it: what and how much; the price comes from the article."""


class _WithLines(FlaskForm):
    """A form with rows."""

    def lines_given(self, rows: FieldList, extra: tuple[TypedLine, ...] = ()) -> tuple[LineInput, ...] | None:
        """The rows as they are kept, or None when one of them is wrong; then the errors stand beside their fields."""
        filled = [row.form for row in rows if not row.form.is_blank]
        if len(filled) > MAX_LINES:
            self.form_errors.append(_("Een werkbon heeft hoogstens 100 regels."))
            return None
        kept = order_choices.completed([*extra, *(_typed(row) for row in filled)])
        right = True
        for row, line in zip(filled, kept[len(extra) :], strict=True):
            if "price" in row and row.price.data is None and line.kind != "text" and not line.price and not row.price.errors:
                right = False
                row.price.errors = [_("Vul een prijs in. Is het gratis, vul dan 0 in.")]
            if not line.description.strip():
                right = False
                if line.code:
                    text = _("Artikel %(code)s kennen we niet. Kies er een, of vul een omschrijving in.", code=line.code)
                    row.code.errors = [*row.code.errors, text]
                else:
                    row.description.errors = [*row.description.errors, _("Vul in waar deze regel voor is.")]
        return kept if right else None


def _typed(row: _Line) -> TypedLine:
    """A row's values; the report has no kind, unit, price, VAT or ledger account."""

    def of(name: str) -> Any:
        return row[name].data if name in row else None

    code = bare(row.code.data)
    kind = of("kind") or ("article" if code else "material")
    return TypedLine(
        kind, code, bare(row.description.data), row.quantity.data, bare(of("unit")), of("price"),
        bare(of("vat_code")), bare(of("ledger_code")),
    )  # fmt: skip


class OrderForm(_WithLines):
    """The whole bon, as the office makes and changes it. `version` is the one that was opened."""

    title = StringField(_l("Werk, kort"), [InputRequired(_l("Geef kort aan wat het werk is.")), Length(max=150)])
    relation_id = RowField(_l("Klant"))
    location_id = RowField(_l("Werklocatie"))
    worker_id = RowField(_l("Monteur"))
    planned_on = DayField(_l("Gepland op"))
    planned_from = ClockField(_l("Vanaf"))
    planned_hours = DutchDecimalField(_l("Duur in uren"), places=2, least=Decimal(0), most=Decimal(99))
    executed_on = DayField(_l("Uitgevoerd op"))
    description = TextAreaField(_l("Wat te doen"), [Length(max=5000)])
    work_done = TextAreaField(_l("Gedaan werk"), [Length(max=5000)])
    office_note = TextAreaField(_l("Opmerking voor kantoor"), [Length(max=5000)])
    lines = FieldList(FormField(LineForm))
    version = HiddenField(default="0")

    def offer(self, blank_rows: int = BLANK_ROWS) -> None:
        """Fill the choices, and see to it that some empty rows stand below."""
        self.relation_id.choices = [("", _("Kies een klant")), *order_choices.customers(self.relation_id.data)]
        self.location_id.choices = location_choices(self.relation_id.data)
        self.worker_id.choices = [("", _("Nog niemand")), *order_choices.workers(self.worker_id.data)]
        for _n in range(blank_rows - sum(row.form.is_blank for row in self.lines)):
            self.lines.append_entry()
        vat, ledger = vat_choices(), ledger_choices()
        for row in self.lines:
            row.form.vat_code.choices = _with_present(vat, row.form.vat_code.data)
            row.form.ledger_code.choices = _with_present(ledger, row.form.ledger_code.data)

    def given(self) -> OrderInput | None:
        """The work order as typed, or None when something is wrong."""
        right = self.validate()
        lines = self.lines_given(self.lines)
        if not right or lines is None:
            return None
        return OrderInput(
            title=self.title.data, relation_id=self.relation_id.data, location_id=self.location_id.data,
            worker_id=self.worker_id.data, planned_on=self.planned_on.data, planned_from=self.planned_from.data,
            planned_hours=self.planned_hours.data, executed_on=self.executed_on.data,
            description=bare(self.description.data), work_done=bare(self.work_done.data),
            office_note=bare(self.office_note.data), lines=lines,
        )  # fmt: skip

    @property
    def opened_version(self) -> int:
        """The version the form was made from; a mangled one never matches."""
        return int(self.version.data) if bare(self.version.data).isdecimal() else -1


class ReportForm(_WithLines):
    """What a mechanic fills in afterwards: work done, hours, and articles with their quantity."""

    work_done = TextAreaField(_l("Gedaan werk"), [Length(max=5000)])
    hours = DutchDecimalField(_l("Gewerkte uren"), places=2, least=Decimal(0), most=Decimal(99))
    lines = FieldList(FormField(ReportLineForm))

    def offer(self, blank_rows: int = BLANK_ROWS) -> None:
        """See to it that some empty rows stand below."""
        for _n in range(blank_rows - sum(row.form.is_blank for row in self.lines)):
            self.lines.append_entry()

    def given(self) -> tuple[LineInput, ...] | None:
        """The lines to add, or None when something is wrong."""
        right = self.validate()
        hours = ()
        if self.hours.data:
            hours = (TypedLine("hours", description=_("Arbeid"), quantity=self.hours.data, unit=_("uur")),)
        lines = self.lines_given(self.lines, hours)
        return lines if right else None


class ReasonForm(FlaskForm):
    """Why something is let go; the service says so when it is empty."""

    reason = StringField(_l("Reden"), [InputRequired(_l("Schrijf de reden op.")), Length(max=300)])


def location_choices(relation_id: UUID | None) -> list[tuple[Any, str]]:
    """The work sites of a customer, with the empty choice first."""
    if relation_id is None:
        return [("", _("Kies eerst een klant"))]
    return [("", _("Het adres van de klant")), *order_choices.locations(relation_id)]


def vat_choices() -> list[tuple[str, str]]:
    """The VAT codes, those that can be invoiced first; empty takes the one of the article or the kind of line."""
    ordered = sorted(SALES_CODES, key=lambda entry: not entry.supported)
    names = [(entry.code, entry.label if entry.supported else _("%(name)s (nog niet)", name=entry.label)) for entry in ordered]
    return [("", _("standaard")), *names]


def ledger_choices() -> list[tuple[str, str]]:
    """The ledger accounts; empty takes the one of the article or the kind of line."""
    rows = connection.ledger_accounts()
    return [("", _("standaard")), *((row.code, f"{row.code} {row.description}") for row in rows)]


def _with_present(choices: list[tuple[str, str]], present: str | None) -> list[tuple[str, str]]:
    """The choices, with the present value among them: a code we do not know is kept, never silently replaced."""
    if present and all(code != present for code, _name in choices):
        return [*choices, (present, present)]
    return choices


def wanted(args: Mapping[str, str]) -> Filter:
    """The list's filter from the address; what is not right is left out."""
    sort = args.get("sort", "")
    return Filter(
        state=args.get("state", ""),
        relation_id=row_id(args.get("relation", "")),
        worker_id=row_id(args.get("worker", "")),
        text=args.get("q", "").strip()[:100],
        sort=sort if sort in SORTS else "-number",
        after=args.get("after", "")[:60],
    )


def row_id(text: str) -> UUID | None:
    """An id from an address, or None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
