"""Pre-flight: exactly the invoice that would go out, and everything that blocks it, with where to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain import chain_liability, invoice_date, vat, vat_law, vat_regime, written
from domain.chain_liability import WagePart
from domain.first_line import supply_text
from domain.invoice import InvoiceDraft, InvoiceLine
from domain.limits import LINE_FIELDS, Limits, field_note, too_long, unsendable
from domain.message import N_, Message, msg
from domain.money import MOST, ZERO, to_cents
from domain.notes import note
from domain.questions import is_to_come
from domain.sums import fits, too_large
from domain.visible import bare

_LAW = N_(
    "Bij het tarief %(vat)s wil de wet op de factuur het btw-nummer van een zakelijke klant zien. "
    "Vul het in bij de klant, of kies op de bon andere btw."
)
_RETYPE = N_("Er staat een onzichtbaar teken (%(found)s) in dat niet verstuurd kan worden. Typ de tekst opnieuw.")


@dataclass(frozen=True)
class Blocker:
    """Why the invoice cannot go: `key` names it, `mend` says which screen mends it
    (relation, relation_code, location, lines, order, order_number, invoice_on, wage_part, company,
    invoice_settings, connection)."""

    key: str
    what: Message
    why: Message
    mend: str


@dataclass(frozen=True)
class Candidate:
    """An order as it would be invoiced on the day `today`; `relation_code` is None when the customer has none yet."""

    order_number: str
    relation_name: str | None
    relation_code: str | None
    executed_on: date | None
    today: date
    location: str
    template: str
    term_days: int
    lines: tuple[InvoiceLine, ...]
    connection_broken: bool = False
    behind: bool = False
    settings_wait: bool = False
    customer_is_company: bool = True
    customer_vat_number: str = ""
    customer_country: str = ""
    customer_order_number: str = ""
    asks_order_number: bool = False  # the customer does
    regime: str = vat_regime.DOMESTIC
    executed_from: date | None = None
    invoice_on: date | None = None  # as somebody chose
    wage_part: WagePart | None = None
    g_account: str = ""
    term: str = ""  # which one it is, of an order that is billed in terms (domain/terms.py)

    @property
    def buyer(self) -> vat_law.Buyer:
        """The customer, as the law on VAT looks at one."""
        return vat_law.Buyer(
            self.relation_name or "", self.customer_is_company, self.customer_vat_number, self.customer_country
        )


def draft(candidate: Candidate, number: str, on: date) -> InvoiceDraft:
    """The invoice of a candidate without blockers, under this number, dated `on`."""
    lines = list(candidate.lines)
    lines[0] = replace(lines[0], description=f"{supplied(candidate, on)}: {lines[0].description}")
    return with_words(candidate, lines, number, on)


def supplied(candidate: Candidate, on: date) -> str:
    """Which order it is, and when and where it was carried out, as its invoice dated `on` says."""
    return supply_text(
        candidate.order_number, candidate.executed_on or on, candidate.location, candidate.customer_order_number,
        candidate.executed_from, candidate.term,
    )  # fmt: skip


def with_words(candidate: Candidate, lines: Iterable[InvoiceLine], number: str, on: date) -> InvoiceDraft:
    """These lines of a candidate as an invoice, with what the law wants to read below them."""
    code = candidate.relation_code or ""
    sent = tuple(as_sent(line) for line in (*lines, *words(candidate)))
    return InvoiceDraft(number, code, on, candidate.term_days, candidate.template, sent)


def words(candidate: Candidate) -> list[InvoiceLine]:
    """What the law wants to read on the invoice, each sentence as a line of text beside the lines it is about."""
    lines = {line.vat_code: line for line in reversed(candidate.lines)}
    said = vat_law.words(lines, candidate.buyer) | vat_regime.words(candidate.regime, lines)
    of_wages = chain_liability.words(candidate.wage_part, candidate.g_account) if lines else ()
    said |= dict.fromkeys(of_wages, candidate.lines[0].vat_code if lines else "")
    return [
        replace(lines[code], description=text, quantity=Decimal(1), unit="", price=ZERO) for text, code in said.items()
    ]


def as_sent(line: InvoiceLine) -> InvoiceLine:
    """A line as it goes out. With more than two decimals in its quantity or price: once its total, and what it is made
    of in words, for nobody knows whether the bookkeeping would count with them (docs/adr/0017)."""
    if _in_cents(line.quantity) and _in_cents(line.price):
        return line
    times = " ".join(part for part in (written.number(line.quantity), line.unit) if part)
    made_of = f"{line.description} ({times} × € {written.number(line.price)})"
    number = Decimal(-1 if line.total < 0 else 1)
    return replace(line, quantity=number, unit="", price=abs(line.total), description=made_of)


def _in_cents(number: Decimal) -> bool:
    return number == to_cents(number)


def blockers(candidate: Candidate, limits: Limits) -> tuple[Blocker, ...]:
    """Everything that blocks; empty means it can go. `limits` are the bookkeeping's."""
    return tuple(_find(candidate, limits))


def _find(candidate: Candidate, limits: Limits) -> Iterator[Blocker]:
    if candidate.connection_broken:
        yield Blocker(
            "connection",
            note("blocked.connection"),
            msg("e-Boekhouden accepteert de beveiligingscodes niet meer."),
            "connection",
        )
    if candidate.behind:
        yield Blocker(
            "behind",
            note("blocked.behind"),
            msg("Daar staan facturen van ons die hier niet bekend zijn. Zo gaat er geen een twee keer uit."),
            "looking_back",
        )
    if candidate.relation_name is None:
        yield Blocker("relation", note("blocked.no_relation"), msg("Een factuur heeft een klant nodig."), "order")
    elif not candidate.relation_code:
        yield Blocker(
            "relation_code",
            note("blocked.relation_code", name=candidate.relation_name),
            msg("Zonder code van e-Boekhouden weet die niet voor wie de factuur is."),
            "relation_code",
        )
    else:
        yield from _unfit("relation_code", candidate.relation_code, limits, "relation_code")
    if candidate.asks_order_number and not bare(candidate.customer_order_number):
        yield Blocker(
            "order_number",
            note("blocked.order_number"),
            msg("%(name)s neemt geen factuur aan zonder haar eigen ordernummer.", name=candidate.relation_name or ""),
            "order_number",
        )
    yield from _unfit("order_number", candidate.customer_order_number, limits, "order_number")
    if not candidate.term:  # the law knows no day of supply of what is paid before it
        yield from _day_blockers(candidate)
    if candidate.settings_wait:
        why = msg(
            "Ze zijn gekozen voor een andere administratie; sjablonen en grootboekrekeningen kunnen hier anders zijn."
        )
        yield Blocker("settings_wait", note("blocked.settings_wait"), why, "invoice_settings")
    if not candidate.template:
        why = msg("e-Boekhouden maakt de factuur op met een sjabloon dat daar bestaat.")
        yield Blocker("template", note("blocked.template"), why, "invoice_settings")
    yield from _unfit("template", candidate.template, limits, "invoice_settings")
    yield from _unfit("location", candidate.location, limits, "location")
    if candidate.relation_name is not None:
        yield from _law_blockers(candidate)
    yield from _wage_blockers(candidate)
    yield from _line_blockers(candidate, limits)


def _day_blockers(candidate: Candidate) -> Iterator[Blocker]:
    if candidate.executed_on is None:
        yield Blocker(
            "executed_on",
            note("blocked.executed_on"),
            msg("De wet wil op de factuur zien wanneer het werk is gedaan."),
            "order",
        )
    elif is_to_come(candidate.executed_on, candidate.today):
        yield Blocker(
            "executed_on",
            note("blocked.day_to_come", day=candidate.executed_on),
            msg("Werk dat nog moet gebeuren, kan niet als uitgevoerd op een factuur staan."),
            "order",
        )
    if candidate.invoice_on is not None:
        why = invoice_date.why_not(candidate.invoice_on, candidate.executed_on, candidate.today)
        if why is not None:
            yield Blocker("invoice_on", note("blocked.invoice_on", day=candidate.invoice_on), why, "invoice_on")


def _law_blockers(candidate: Candidate) -> Iterator[Blocker]:
    said = []
    for law in vat_law.laws_of(line.vat_code for line in candidate.lines):
        what = vat_law.missing(law, candidate.buyer)
        if what is not None and what not in said:
            said.append(what)
            why = msg(_LAW, vat=vat.name(law.code))
            yield Blocker("vat_customer", what, why, "relation")


def _wage_blockers(candidate: Candidate) -> Iterator[Blocker]:
    part = candidate.wage_part
    if part is None:
        return
    name = candidate.relation_name or ""
    if part.amount is None:
        why = msg(
            "%(name)s betaalt er een deel van op uw G-rekening. Vul het bedrag in op de bon, of bij de klant het "
            "percentage van de arbeid.",
            name=name,
        )
        yield Blocker("wage_part", note("blocked.wage_part"), why, "wage_part")
    elif part.g_percent is not None and not candidate.g_account:
        why = msg("%(name)s betaalt een deel op die rekening; het nummer komt op de factuur.", name=name)
        yield Blocker("g_account", note("blocked.g_account"), why, "company")
    too_much = chain_liability.too_much(part, sum((line.total for line in candidate.lines), ZERO))
    if too_much:
        yield Blocker("wage_part_too_much", note("blocked.wage_part_too_much"), too_much, "wage_part")


def _unfit(key: str, text: str, limits: Limits, mend: str) -> Iterator[Blocker]:
    """What e-Boekhouden would not take of a text: its length, or a character in it."""
    said, longest = note(f"word.{key}"), limits.invoice.get(key)
    if too_long(text, longest):
        why = msg("e-Boekhouden neemt hier hoogstens %(limit)s tekens.", limit=longest)
        yield Blocker(f"{key}_length", note("blocked.too_long", name=said), why, mend)
    found = unsendable(text)
    if found:
        what = note("blocked.character", name=said)
        yield Blocker(f"{key}_characters", what, msg(_RETYPE, found=found), mend)


def _line_blockers(candidate: Candidate, limits: Limits) -> Iterator[Blocker]:
    lines = candidate.lines
    most = limits.lines - len(words(candidate))
    if not 1 <= len(lines) <= most:
        what = note("blocked.too_many_lines", most=most) if lines else note("blocked.no_lines")
        yield Blocker("line_count", what, msg("Een factuur heeft 1 tot %(most)s regels.", most=most), "lines")
        return
    for place, line in enumerate(lines, 1):
        for key, what, why, mend in _wrong_in(line, limits):
            yield Blocker(key, note("blocked.line", n=place, what=what), why, mend)
    each_fits = all(fits(line.quantity, line.price) for line in lines)
    if each_fits and abs(sum((line.total for line in lines), ZERO)) > MOST:
        yield Blocker("total", note("blocked.total"), too_large(), "lines")


def _wrong_in(line: InvoiceLine, limits: Limits) -> Iterator[tuple[str, Message, Message, str]]:
    if not bare(line.description):
        yield "description", note("blocked.description"), msg("Elke factuurregel heeft een omschrijving."), "lines"
    if not line.code:
        why = msg("e-Boekhouden wil bij elke regel een code. Stel een code in per soort regel.")
        yield "code", note("blocked.code"), why, "invoice_settings"
    for field, said in LINE_FIELDS.items():
        if field == "vat_code":  # an unknown code is told below
            continue
        text, name, longest = getattr(line, field), field_note(field, said), limits.line.get(field)
        if too_long(text, longest):
            why = msg("e-Boekhouden neemt hier hoogstens %(limit)s tekens.", limit=longest)
            yield "length", note("blocked.too_long", name=name), why, "lines"
        found = unsendable(text)
        if found:
            what = note("blocked.character", name=name)
            yield "characters", what, msg(_RETYPE, found=found), "lines"
    if not line.ledger_code:
        why = msg("Zonder grootboekrekening kan e-Boekhouden de regel niet boeken.")
        yield "ledger", note("blocked.ledger"), why, "invoice_settings"
    known = vat.BY_CODE.get(line.vat_code)
    if known is None:
        why = msg(
            "Kies een btw-tarief. Crafter vult alleen in wat u bij de factuurinstellingen koos, bij een artikel nooit."
        )
        yield "vat", note("blocked.vat"), why, "lines"
    elif not known.supported:
        why = msg("De btw van het land van de koper rekent Crafter niet uit. Maak deze factuur in e-Boekhouden zelf.")
        yield "vat_kind", note("blocked.vat_kind", name=vat.name(line.vat_code)), why, "lines"
    factors_fit = abs(line.quantity) < Decimal(10) ** 8 and abs(line.price) < Decimal(10) ** 8
    if not (factors_fit and fits(line.quantity, line.price)):
        yield "amount", note("blocked.amount"), msg("Kijk de getallen na."), "lines"
