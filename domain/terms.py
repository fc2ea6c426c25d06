"""An order that is billed in terms: a deposit and further terms over an agreed sum, and the rest when the work is done.

A term before the last is a percentage of the agreed sum, or an amount. The last one is never typed: it is the order as
it was carried out, less what was billed before it, so that all invoices together come to the order to the cent.
Amounts are in euros excluding VAT; over what is paid before the work is done VAT is due all the same (Wet OB 1968 art.
13 lid 2), so that each term has the VAT codes of the order in proportion. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain import chain_liability
from domain.billing import MOST_TERMS, Share
from domain.invoice import InvoiceDraft, InvoiceLine
from domain.message import Refusal, msg, on_invoice
from domain.money import CENT, MOST, ZERO, down_to_cents, to_cents
from domain.preflight import Candidate
from domain.visible import bare
from domain.written import day, euros, number

LONGEST_LABEL = 50
_TERM = on_invoice("termijn %(n)s van %(of)s")
_BILLED = on_invoice("Al gefactureerd: termijn %(n)s, factuur %(number)s van %(day)s")


@dataclass(frozen=True)
class Term:
    """A term before the last: what it is called, and its percentage of the agreed sum or its amount in euros."""

    label: str
    percent: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class Plan:
    """What was agreed: the sum in euros excluding VAT, and the terms before the last, which is the rest."""

    agreed: Decimal
    terms: tuple[Term, ...]

    @property
    def of(self) -> int:
        """How many terms there are, the last one among them."""
        return len(self.terms) + 1

    @property
    def last(self) -> Share:
        """The share of the last one."""
        return self.share(self.of)

    def share(self, n: int) -> Share:
        """The share of a term, 1 and up."""
        return Share(n, self.of)

    def amount(self, n: int) -> Decimal:
        """What a term comes to, in euros excluding VAT; the last one as long as the order is as was agreed."""
        if n == self.of:
            return self.agreed - sum((self.amount(one) for one in range(1, n)), ZERO)
        term = self.terms[n - 1]
        if term.percent is not None:
            return to_cents(self.agreed * term.percent / 100)
        return term.amount or ZERO

    def told(self, n: int) -> str:
        """What an invoice says to be: which term, and what part of the agreed sum."""
        percent = self.terms[n - 1].percent
        part = f"{number(percent)}%" if percent is not None else euros(self.amount(n))
        return f"{_TERM % {'n': n, 'of': self.of}} ({part} van {euros(self.agreed)})"


@dataclass(frozen=True)
class Billed:
    """A term that stands over there: which one, the number it has there, its day, and its lines."""

    n: int
    number: str
    on: date
    lines: tuple[InvoiceLine, ...]


def checked(plan: Plan) -> Plan:
    """What may be agreed. Raises Refusal with the field: agreed, or terms-0-percent for the percentage of the first."""
    if not 0 < plan.agreed <= MOST:
        raise Refusal(msg("Vul in voor welk bedrag u het werk hebt aangenomen, zonder btw."), "agreed")
    if not plan.terms:
        raise Refusal(
            msg("Vul minstens één termijn in. De laatste is de rest; die rekent Crafter uit."), "terms-0-label"
        )
    if plan.of > MOST_TERMS:
        raise Refusal(msg("Een werkbon heeft hoogstens %(most)s termijnen.", most=MOST_TERMS), "agreed")
    for place, term in enumerate(plan.terms):
        _check(plan, place, term)
    if plan.amount(plan.of) <= 0:
        raise Refusal(
            msg(
                "De termijnen zijn samen %(sum)s, en er is %(agreed)s afgesproken. Laat iets over voor de laatste.",
                sum=plan.agreed - plan.amount(plan.of),
                agreed=plan.agreed,
            ),
            "agreed",
        )
    return plan


def _check(plan: Plan, place: int, term: Term) -> None:
    at = f"terms-{place}"
    if not bare(term.label):
        raise Refusal(msg("Geef de termijn een naam, bijvoorbeeld Aanbetaling. Die komt op de factuur."), f"{at}-label")
    if (term.percent is None) is (term.amount is None):
        raise Refusal(msg("Vul een percentage of een bedrag in, een van de twee."), f"{at}-percent")
    if term.percent is not None and not 0 < term.percent < 100:
        raise Refusal(msg("Vul een percentage in van meer dan 0 en minder dan 100."), f"{at}-percent")
    if term.amount is not None and not (term.amount > 0 and to_cents(term.amount) == term.amount):
        raise Refusal(msg("Vul een bedrag in van meer dan 0, in hele centen."), f"{at}-amount")
    if plan.amount(place + 1) < CENT:
        raise Refusal(msg("Deze termijn komt uit op niets."), f"{at}-percent")


def candidate_of(order: Candidate, plan: Plan, n: int) -> Candidate:
    """The invoice of a term before the last, of an order as it stands now: a line for each VAT code of the order, in
    proportion to its lines. Without lines when the order has none that come to something."""
    amount, term = plan.amount(n), plan.terms[n - 1]
    total = sum((line.total for line in order.lines), ZERO)
    wages = chain_liability.part_of(order.wage_part, amount, total)
    lines = _spread(amount, order.lines, term.label)
    # the date that is chosen for an order is that of its own invoice
    return replace(order, lines=lines, term=plan.told(n), wage_part=wages, invoice_on=None)


def _spread(amount: Decimal, lines: Sequence[InvoiceLine], label: str) -> tuple[InvoiceLine, ...]:
    bases: dict[str, Decimal] = {}
    for line in lines:
        bases[line.vat_code] = bases.get(line.vat_code, ZERO) + line.total
    bases = {code: base for code, base in bases.items() if base > 0}
    like = {line.vat_code: line for line in sorted(lines, key=lambda one: one.total)}  # booked as the largest of a code
    parts = in_proportion(amount, list(bases.values())) if bases else []
    return tuple(
        replace(like[code], description=label, quantity=Decimal(1), unit="", price=part)
        for code, part in zip(bases, parts, strict=True)
        if part
    )


def in_proportion(amount: Decimal, bases: Sequence[Decimal]) -> list[Decimal]:
    """An amount in whole cents over parts of these sizes (above zero), so that they add up to it: rounded down, and the
    cents that are left go to those that lost most."""
    whole = sum(bases, ZERO)
    exact = [amount * base / whole for base in bases]
    parts = [down_to_cents(one) for one in exact]
    left = int((amount - sum(parts, ZERO)) / CENT)
    for place in sorted(range(len(parts)), key=lambda one: parts[one] - exact[one])[:left]:
        parts[place] += CENT
    return parts


def rest_of(order: Candidate, billed: Iterable[Billed]) -> Candidate:
    """The last term: the order as it stands, and below it what was billed before, for each VAT code of each term."""
    found = list(billed)
    less = [line for one in found for line in _subtracted(one)]
    told = sum((chain_liability.amount_told(line.description for line in one.lines) for one in found), ZERO)
    return replace(order, lines=(*order.lines, *less), wage_part=chain_liability.less(order.wage_part, told))


def _subtracted(term: Billed) -> list[InvoiceLine]:
    sums: dict[str, Decimal] = {}
    like: dict[str, InvoiceLine] = {}
    for line in term.lines:
        if line.total:
            sums[line.vat_code] = sums.get(line.vat_code, ZERO) + line.total
            like.setdefault(line.vat_code, line)
    text = _BILLED % {"n": term.n, "number": term.number, "day": day(term.on)}
    return [
        replace(like[code], description=text, quantity=Decimal(-1 if total > 0 else 1), unit="", price=abs(total))
        for code, total in sums.items()
        if total
    ]


def billed(n: int, number_there: str, draft: InvoiceDraft) -> Billed:
    """A term that stands over there, by the invoice that was sent."""
    return Billed(n, number_there, draft.on, draft.lines)


def keeps(before: Plan, after: Plan, sent: int) -> bool:
    """Whether a change leaves the agreed sum and the terms up to this one, which were sent, as they are."""
    return (before.agreed, before.terms[:sent]) == (after.agreed, after.terms[:sent])
