"""What a subcontractor's invoice says for the chain liability of its customer (WKA): the wage part of the labour, and
how much of that is to be paid on the sender's own blocked account (G-rekening).

Invorderingswet 1990 art. 34 and 35; Uitvoeringsregeling inleners-, keten- en opdrachtgeversaansprakelijkheid 2004. A
contractor that pays a part on that account, for an invoice that tells the wage part, cannot be held liable for it. No
template of the bookkeeping prints it, so it goes along as lines of text, in Dutch as the invoice is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from domain.message import N_, Message, Refusal, msg, on_invoice
from domain.money import ZERO, to_cents
from domain.written import euros

LABOUR_KINDS = frozenset({"hours"})  # the kinds of line (domain/work_order.py) that are labour
HIGHEST = Decimal(100)

_WAGE_PART = on_invoice("Loonbestanddeel")
_TOLD = re.compile(rf"{_WAGE_PART} € ([\d.]+,\d\d)")
_OF_LABOUR = on_invoice("%(percent)s van %(labour)s arbeid")
_PAY = on_invoice("Te betalen op G-rekening")
_OF_WAGES = on_invoice("%(percent)s van het loonbestanddeel")
_NOT_A_PART = N_("Vul een percentage in van meer dan 0 en hoogstens 100.")


@dataclass(frozen=True)
class Agreed:
    """What was agreed with a customer, in percents: how much of the labour is wages, and how much of those wages it
    pays on the blocked account. None: nothing was."""

    wage_percent: Decimal | None = None
    g_percent: Decimal | None = None


@dataclass(frozen=True)
class WagePart:
    """The wage part of an order, in euros excluding VAT, and why it is that: `percent` of the `labour`, or None when
    the order itself says it. `amount` is None while nobody said how much it is. `g_percent`: of it, on the blocked
    account."""

    labour: Decimal
    amount: Decimal | None
    percent: Decimal | None = None
    g_percent: Decimal | None = None

    @property
    def on_g_account(self) -> Decimal | None:
        """How much of it is to be paid on the blocked account; None when nothing is, or it is not known."""
        if self.amount is None or self.g_percent is None:
            return None
        return to_cents(self.amount * self.g_percent / HIGHEST)

    @property
    def why(self) -> Message:
        """Where the amount comes from, for who reads it."""
        return msg("Zo staat het op deze bon.") if self.percent is None else msg("Zo staat het bij de klant.")


def checked(agreed: Agreed) -> Agreed:
    """What may be agreed. Raises Refusal with the field."""
    for name, percent in (("wage_percent", agreed.wage_percent), ("g_percent", agreed.g_percent)):
        if percent is not None and not 0 < percent <= HIGHEST:
            raise Refusal(msg(_NOT_A_PART), name)
    return agreed


def wage_part(labour: Decimal, said: Decimal | None, agreed: Agreed) -> WagePart | None:
    """The wage part of an order with this much labour (euros excluding VAT): what the order itself `said`, else by what
    was agreed with its customer. None when the invoice has nothing to say of it."""
    if said is not None:
        return WagePart(labour, said, None, agreed.g_percent) if said else None
    if labour <= 0 or agreed == Agreed():
        return None
    if agreed.wage_percent is None:
        return WagePart(labour, None, None, agreed.g_percent)
    amount = to_cents(labour * agreed.wage_percent / HIGHEST)
    return WagePart(labour, amount, agreed.wage_percent, agreed.g_percent) if amount else None


def of_several(parts: Iterable[WagePart | None]) -> WagePart | None:
    """The wage part of an invoice for several orders of one customer: the sum, for the law asks for one amount. It says
    to be a percentage of the labour only where it comes to just that."""
    known = [part for part in parts if part is not None and part.amount is not None]
    if len(known) < 2:
        return known[0] if known else None
    labour, amount = (sum((getattr(part, name) for part in known), ZERO) for name in ("labour", "amount"))
    percent = known[0].percent
    exact = percent is not None and all(part.percent == percent for part in known)
    exact = exact and percent is not None and amount == to_cents(labour * percent / HIGHEST)
    return WagePart(labour, amount, percent if exact else None, known[0].g_percent)


def part_of(part: WagePart | None, amount: Decimal, whole: Decimal) -> WagePart | None:
    """The wage part of an invoice for this much of an order that comes to `whole`, both in euros excluding VAT."""
    if part is None or part.amount is None or whole <= 0:
        return part
    wages = to_cents(part.amount * amount / whole)
    return WagePart(part.labour, wages, None, part.g_percent) if wages else None


def less(part: WagePart | None, told: Decimal) -> WagePart | None:
    """The wage part of what is left of an order, once invoices before told this much of it."""
    if part is None or part.amount is None or not told:
        return part
    return WagePart(part.labour, part.amount - told, None, part.g_percent) if part.amount > told else None


def amount_told(texts: Iterable[str]) -> Decimal:
    """The wage part that these lines of an invoice tell, in euros; nothing when they tell none."""
    found = next((hit for text in texts if (hit := _TOLD.match(text))), None)
    return Decimal(found[1].replace(".", "").replace(",", ".")) if found else ZERO


def words(part: WagePart | None, g_account: str) -> tuple[str, ...]:
    """What the invoice says of it: the wage part, and what of it goes to which account."""
    if part is None or part.amount is None:
        return ()
    wages = f"{_WAGE_PART} {euros(part.amount)}"
    if part.percent is not None:
        made_of = _OF_LABOUR % {"percent": _percent(part.percent), "labour": euros(part.labour)}
        wages = f"{wages} ({made_of})"
    if part.g_percent is None or part.on_g_account is None:
        return (wages,)
    of_wages = _OF_WAGES % {"percent": _percent(part.g_percent)}
    return wages, f"{_PAY} {grouped(g_account)}: {euros(part.on_g_account)} ({of_wages})"


def told(texts: Iterable[str]) -> tuple[str, ...]:
    """Those lines of an invoice that `words` wrote."""
    return tuple(text for text in texts if text.startswith((f"{_WAGE_PART} €", f"{_PAY} ")))


def grouped(iban: str) -> str:
    """An account number as it is read: in groups of four."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def _percent(number: Decimal) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",") + "%"


def too_much(part: WagePart, excl: Decimal) -> Message | None:
    """What is wrong with a wage part beside the total of the invoice, excluding VAT; None when nothing is."""
    if part.amount is None or part.amount <= max(excl, ZERO):
        return None
    return msg("Het is %(part)s, en de hele factuur is %(excl)s exclusief btw.", part=part.amount, excl=excl)
