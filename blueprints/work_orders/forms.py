"""What is typed about a work order: the whole bon, a mechanic's report, a reason; and the list's filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from blueprints._choices import ARTICLES, CUSTOMERS, EVERYBODY, LOCATIONS, WORKERS, ChoiceField, picked, said
from blueprints._fields import ClockField, DayField, DecimalField, HoursField, WholeField, parse_hours
from blueprints._forms import HouseForm
from blueprints._validators import at_most
from blueprints._words import say
from domain import sums
from domain.meanwhile import named
from domain.money import MOST
from domain.vat import SALES_CODES
from domain.vat_regime import CHOICES, DOMESTIC, SMALL, USUAL, Small
from domain.vat_regime import NAMES as REGIMES
from domain.visible import bare
from domain.work_order import LINE_KIND_NAMES
from services.link import connection
from services.orders import taken_back
from services.orders.choices import Catalogue, Found, TypedLine
from services.orders.listing import Filter
from services.orders.work_orders import LineInput, OrderInput

BLANK_ROWS = 3
BLANK = {"kind": "article"}
SORTS = {
    "-number": _l("Nieuwste bon eerst"),
    "number": _l("Oudste bon eerst"),
    "planned": _l("Gepland: eerst wat het eerst komt"),
    "-planned": _l("Gepland: laatste dag eerst"),
}


class LineForm(Form):
    """A row of the line editor. One in which nothing was typed is no line."""

    kind = SelectField(
        _l("Soort"), choices=[SelectChoice(*pair) for pair in LINE_KIND_NAMES.items()], default="article"
    )
    article_id = HiddenField()
    article_asked = HiddenField()
    article = StringField(_l("Artikel"), [at_most(600)])
    code = HiddenField()
    description = StringField(_l("Omschrijving"), [at_most(500)])
    quantity = DecimalField(_l("Aantal"), places=4)
    unit = StringField(_l("Eenheid"), [at_most(50)])
    price = DecimalField(_l("Prijs"), places=4)
    vat_code = StringField(_l("Btw"), [at_most(12)])
    ledger_code = StringField(_l("Grootboek"), [at_most(10)])
    remove = HiddenField()

    found: Found | None = None  # the articles to choose from instead of what was typed

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        """As any form; what a line of hours counts is read as hours are."""
        super().process(formdata, *args, **kwargs)
        if formdata and self.kind.data == "hours":
            self.quantity.read = parse_hours
            self.quantity.process(formdata)

    @property
    def said(self) -> str:
        """What to do about them."""
        return said(ARTICLES, self.found or Found(), bare(self.article.data))

    @property
    def picked(self) -> UUID | None:
        """The article that was picked, as long as its text still stands there (blueprints/_choices.py)."""
        if self.article_id.raw_data is None:
            return self.article_id.data or None
        same = bare(self.article.data) and bare(self.article.data) == bare(self.article_asked.data)
        return picked(self.article_id.raw_data) if same else None

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in this row, or it was taken away."""
        typed = (self.article, self.description, self.quantity, self.unit, self.price)
        return bool(self.remove.data) or not any(field._value().strip() for field in typed)

    def validate(self, extra_validators: Any = None) -> bool:
        """An empty row is always right."""
        return self.is_blank or super().validate(extra_validators)

    def typed(self, prices: bool) -> TypedLine:
        """The row's values. Who may see no prices sets none: what a crafted request says about money is not read."""
        line = TypedLine(
            self.kind.data, bare(self.article.data), bare(self.code.data), bare(self.description.data),
            self.quantity.data, bare(self.unit.data), article_id=self.picked,
        )  # fmt: skip
        if not prices:
            return line
        vat_code, ledger_code = bare(self.vat_code.data), bare(self.ledger_code.data)
        return replace(line, price=self.price.data, vat_code=vat_code, ledger_code=ledger_code)


class _WithDay(HouseForm):
    """A form with a day of execution, `executed_on`, that may be asked about."""

    yes = HiddenField()

    @property
    def said_yes(self) -> tuple[str, ...]:
        """The answers to what was asked."""
        return tuple(self.yes.raw_data or ())


class _WithLines(_WithDay):
    """A form with the line editor."""

    def lines_given(self, prices: bool) -> tuple[LineInput, ...] | None:
        """The rows as they are kept, or None when one of them is wrong; then the errors stand beside their fields."""
        filled = [row.form for row in self.lines if not row.form.is_blank]
        if len(filled) > sums.MOST_LINES:
            self.form_errors.append(say(sums.TOO_MANY))
            return None
        typed = [row.typed(prices) for row in filled]
        catalogue = Catalogue(typed)
        kept = [catalogue.complete(line) for line in typed]
        for row, line in zip(filled, kept, strict=True):
            if _complain(row, line, catalogue, prices):
                self.lines.errors = [_("Bij een of meer regels klopt iets niet.")]
        return None if self.lines.errors else tuple(kept)

    def offer_lines(self, asked: str, blank_rows: int) -> None:
        """Leave out the rows that were taken away, and see to it that some empty ones stand below. `asked` is what a
        button below the rows asked for: two more `rows`, or a list of `articles` beside every text that is none."""
        if asked == "rows":
            blank_rows = BLANK_ROWS + 2
        if asked == "articles":
            filled = [row.form for row in self.lines if not row.form.is_blank]
            catalogue = Catalogue(row.typed(prices=False) for row in filled)
            for row in filled:
                _offer(row, catalogue)
        self.lines.entries = [row for row in self.lines if not row.form.remove.data]
        blank = sum(row.form.is_blank for row in self.lines)
        if blank_rows == BLANK_ROWS and len(self.lines) > blank:
            blank_rows = 1  # below lines that stand there one will do; on a phone each is a screen of its own
        for _n in range(blank_rows - blank):
            self.lines.append_entry(dict(BLANK))
        self._name_articles()

    def _name_articles(self) -> None:
        for row in self.lines:
            if not row.form.article.raw_data and not row.form.article.data:
                row.form.article.data = row.form.code.data


def _offer(row: LineForm, catalogue: Catalogue) -> bool:
    """Whether a text stands in the row that is no article; then `found` has what comes near."""
    article = bare(row.article.data)
    if not article or article == bare(row.code.data) or catalogue.meant(row.typed(prices=False)):
        return False
    row.found = catalogue.near(article)
    return True


def _complain(row: LineForm, line: LineInput, catalogue: Catalogue, prices: bool) -> bool:
    """Write beside the fields what is missing from a completed row; whether there was anything."""
    if _offer(row, catalogue):
        text = _("Dit artikel kennen we niet. Kies er een uit de lijst, of laat dit leeg en vul een omschrijving in.")
        row.article.errors = [*row.article.errors, text]
    elif not line.description:
        row.description.errors = [*row.description.errors, _("Vul in waar deze regel voor is.")]
    elif prices and not row.price.errors and row.price.data is None and line.kind != "text" and not line.price:
        row.price.errors = [_("Vul een prijs in; 0 als het gratis is.")]
    elif not row.quantity.errors and not row.price.errors and not sums.fits(line.quantity, line.price):
        row.quantity.errors = [say(sums.LINE_TOO_LARGE)]
    return any(field.errors for field in row)


class OrderForm(_WithLines):
    """The whole bon, as the office makes and changes it. `version` is the one that was opened."""

    title = StringField(_l("Werk, kort"), [InputRequired(_l("Geef kort aan wat het werk is.")), at_most(150)])
    relation_id = ChoiceField(_l("Klant"), CUSTOMERS)
    fetch_code = StringField(_l("Klant staat niet in de lijst? Haal op met relatiecode"))
    location_id = ChoiceField(_l("Werklocatie"), LOCATIONS, within="relation_id")
    vat_regime = SelectField(
        _l("Btw op de factuur"),
        choices=[SelectChoice(key) for key in (USUAL, *CHOICES)],  # named by `offer_regimes`
        default=USUAL,
    )
    customer_order_number = StringField(_l("Ordernummer van de klant"), [at_most(50)])
    worker_id = ChoiceField(_l("Monteur"), WORKERS)
    planned_on = DayField(_l("Gepland op"))
    planned_from = ClockField(_l("Vanaf"))
    planned_hours = HoursField(_l("Duur in uren"))
    executed_on = DayField(_l("Uitgevoerd op"))
    executed_from = DayField(_l("Begonnen op"))
    invoice_on = DayField(_l("Factuurdatum"))
    description = TextAreaField(_l("Wat te doen"), [at_most(5000)])
    work_done = TextAreaField(_l("Gedaan werk"), [at_most(5000)])
    office_note = TextAreaField(_l("Opmerking voor kantoor"), [at_most(5000)])
    wage_part = DecimalField(_l("Loonbestanddeel (WKA)"), least=Decimal(0), most=MOST)
    lines = FieldList(FormField(LineForm), _l("Regels"))

    def on(self, stands: OrderInput) -> Self:
        """As any form; its lines also as they are shown, for what is left empty in one is filled in when it is kept."""
        self._name_articles()
        return super().on({**named(stands), "rows": self._rows()})

    def _rows(self) -> tuple[TypedLine, ...]:
        return tuple(row.form.typed(prices=True) for row in self.lines if not row.form.is_blank)

    def offer(self, asked: str = "") -> None:
        """Offer a list beside the field that asks for one, and see to it that some empty rows stand below."""
        for field in (self.relation_id, self.location_id, self.worker_id):
            field.ask(self) if field.name == asked else field.settle(self)
        self.offer_lines(asked, BLANK_ROWS)

    def offer_regimes(self, usual: str, small: Small) -> None:
        """What its customer usually has stands first, and is what an empty choice means. A company under the small
        business scheme has no choice."""
        if small.holds_on(self.executed_on.data):
            self.vat_regime.choices = [SelectChoice(USUAL, say(REGIMES[SMALL]), render_kw={"data-regime": SMALL})]
            return
        usual = usual if usual in CHOICES else DOMESTIC
        said = say(REGIMES[usual])
        first = said if usual == DOMESTIC else _("zoals bij de klant: %(name)s", name=said)
        others = [(key, REGIMES[key]) for key in CHOICES if key != usual or key == self.vat_regime.data]
        self.vat_regime.choices = [
            SelectChoice(USUAL, first, render_kw={"data-regime": usual}),
            *(SelectChoice(key, say(name), render_kw={"data-regime": key}) for key, name in others),
        ]

    def typed(self) -> OrderInput | None:
        """The work order as typed, or None when something is wrong."""
        right = self.validate()
        lines = self.lines_given(prices=True)
        if not right or lines is None:
            return None
        if self.opened.same("rows", self._rows()):
            self.opened.untouched = frozenset({"lines"})
        return OrderInput(
            title=self.title.data, relation_id=self.relation_id.data, location_id=self.location_id.data,
            worker_id=self.worker_id.data, planned_on=self.planned_on.data, planned_from=self.planned_from.data,
            planned_hours=self.planned_hours.data, executed_on=self.executed_on.data,
            vat_regime=self.vat_regime.data, wage_part=self.wage_part.data,
            executed_from=self.executed_from.data, invoice_on=self.invoice_on.data,
            customer_order_number=bare(self.customer_order_number.data),
            description=bare(self.description.data), work_done=bare(self.work_done.data),
            office_note=bare(self.office_note.data), lines=lines, yes=self.said_yes,
        )  # fmt: skip


# What a line of hours says on the invoice, which is Dutch whoever fills it in.
LABOUR, HOUR = "Arbeid", "uur"


class FinishedForm(_WithDay):
    """On which day work was done that is finished later than it was planned for."""

    executed_on = DayField(_l("Uitgevoerd op"), [InputRequired(_l("Vul in op welke dag het werk is gedaan."))])


class ReportForm(_WithLines):
    """What a mechanic fills in afterwards: work done, hours, and material; prices come from the articles. The day is
    asked of who finishes it later than it was planned for."""

    work_done = TextAreaField(_l("Gedaan werk"), [at_most(5000)])
    hours = HoursField(_l("Gewerkte uren"))
    executed_on = DayField(_l("Uitgevoerd op"))
    lines = FieldList(FormField(LineForm))

    def typed(self) -> tuple[LineInput, ...] | None:
        """The lines to add, or None when something is wrong."""
        right = self.validate()
        lines = self.lines_given(prices=False)
        if not right or lines is None:
            return None
        if not self.hours.data:
            return lines
        hours = TypedLine("hours", description=LABOUR, quantity=self.hours.data, unit=HOUR)
        return (Catalogue([hours]).complete(hours), *lines)


class FilterForm(Form):
    """Whose orders the list shows; the rest of the filter is plain text (`wanted`)."""

    relation = ChoiceField(_l("Klant"), CUSTOMERS)
    worker = ChoiceField(_l("Monteur"), EVERYBODY)


class NextNumberForm(HouseForm):
    """Where the series of invoice numbers goes on, filled with where it would."""

    next_number = WholeField(_l("Volgend nummer"))

    @classmethod
    def showing(cls, proposed: int) -> NextNumberForm:
        """The form with what is proposed, whatever the present request carries."""
        return cls(formdata=None, data={"next_number": proposed})


class ReasonForm(HouseForm):
    """Why something is let go; the service says so when it is empty."""

    reason = StringField(_l("Reden"), [InputRequired(_l("Schrijf de reden op.")), at_most(300)])


class CorrectionForm(HouseForm):
    """What was corrected by hand in the bookkeeping."""

    note = TextAreaField(
        _l("Wat hebt u in e-Boekhouden aangepast?"),
        [InputRequired(_l("Schrijf op wat u hebt aangepast.")), at_most(300)],
    )


class CreditForm(HouseForm):
    """Why an invoice is credited, and what becomes of its order then."""

    reason = StringField(_l("Reden"), [InputRequired(_l("Schrijf op waarom u deze factuur crediteert.")), at_most(200)])
    following = SelectField(
        _l("En daarna"),
        choices=[
            SelectChoice(taken_back.MEND, _l("Bon heropenen en verbeteren")),
            SelectChoice(taken_back.LEAVE, _l("Niet meer factureren")),
        ],
    )


def editor(prices: bool) -> dict[str, Any]:
    """What the line editor is given besides the rows: articles, ledger accounts, VAT codes, kinds, a spare row."""
    ordered = sorted(SALES_CODES, key=lambda entry: not entry.supported)
    return {
        "ledgers": [(row.code, f"{row.code} {row.description}") for row in connection.ledger_accounts()],
        "vat_codes": [
            entry if entry.supported else replace(entry, label=_("%(name)s (kan nog niet)", name=say(entry.label)))
            for entry in ordered
        ],
        "kinds": [(kind, say(name)) for kind, name in LINE_KIND_NAMES.items()],
        "blank": LineForm(data=BLANK),
        "prices": prices,
    }


def wanted(args: Mapping[str, str], whose: FilterForm) -> Filter:
    """The list's filter from the address; what is not right is left out."""
    sort = args.get("sort", "")
    return Filter(
        state=args.get("state", ""),
        relation_id=whose.relation.data,
        worker_id=whose.worker.data,
        text=args.get("q", "").strip()[:100],
        sort=sort if sort in SORTS else "-number",
        after=args.get("after", "")[:60],
    )
