"""What is asked once more before an invoice goes out: it may well be meant, but far more often it is a slip.

A yes is kept together with what it was said of, and counts for that only: who changes the day is asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain import vat
from domain.message import N_, NOTHING, Message, Refusal, msg, one_after_another
from domain.notes import note

DAY, TOTAL, DWELLING, AGREED = "day", "total", "dwelling", "agreed"
ASK_ABOVE = Decimal(25_000)  # euros incl. VAT, until a company chooses otherwise


@dataclass(frozen=True)
class Sure:
    """What somebody said yes to: this day of execution, this total including VAT in euros."""

    day: date | None = None
    total: Decimal | None = None


@dataclass(frozen=True)
class Question:
    """`what` is asked, and `why`; a yes is said of the `value` of its `subject` (of a dwelling: which place it is), and
    `mend` is the screen that changes that when the answer is no (order, lines, not_billable)."""

    subject: str
    value: date | Decimal | UUID | None
    what: Message
    why: Message
    mend: str

    @property
    def answer(self) -> str:
        """A yes, as a form carries it."""
        return f"{self.subject}:{self.value}"


class Doubt(Refusal):
    """A field holds what is seldom meant: it is kept once the question is answered. Nothing was changed."""

    def __init__(self, question: Question, field: str) -> None:
        super().__init__(question.why, field)
        self.question = question


class WhenDone(Refusal):
    """Work that was `planned` for an earlier day is finished now, and nobody said when it was done. Nothing was
    changed."""

    def __init__(self, planned: date) -> None:
        text = N_("Dit werk stond gepland op %(day)s. Vul in op welke dag het is gedaan.")
        super().__init__(msg(text, day=planned), "executed_on")
        self.planned = planned


def a_year_before(day: date) -> date:
    """The same day a year earlier; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def is_to_come(day: date, today: date) -> bool:
    """Whether work cannot have been done on this day, because it is yet to come."""
    return day > today


def planned_before(planned: date | None, executed: date | None, today: date) -> date | None:
    """The day that work was planned for, when it has been and nobody said when the work was done: who finishes it now
    may have done it then, and the day stands on the invoice. None: there is nothing to ask."""
    known = executed is not None and not is_to_come(executed, today)
    return planned if planned is not None and planned < today and not known else None


def about_day(day: date, today: date) -> Question | None:
    """Whether the work was done that long ago; None for a day that is nothing special."""
    if day >= a_year_before(today):
        return None
    why = msg(
        "Dat is meer dan een jaar geleden. De datum komt op de factuur en bepaalt bij welke aangifte de btw hoort. "
        "Kijk of het jaar klopt."
    )
    return Question(DAY, day, note("question.day", day=day), why, "order")


def about_total(incl: Decimal, above: Decimal) -> Question | None:
    """Whether an invoice is to come to this, in euros including VAT: to nothing, to less, or to more than `above`."""
    if incl == 0:
        why = msg("Hij krijgt een factuurnummer en komt in e-Boekhouden te staan. Hoeft er niets betaald te worden, "
                  "dan kunt u ook kiezen voor Niet factureren.")  # fmt: skip
        return Question(TOTAL, incl, note("question.nothing", total=incl), why, "not_billable")
    if incl < 0:
        why = msg("Het totaal is negatief, dus de klant krijgt geld terug. Crafter stuurt hem als factuur met bedragen "
                  "in de min, en legt geen verband met een eerdere factuur. Noem in de omschrijving van een regel het "
                  "nummer van de factuur die u corrigeert: dat hoort op een creditfactuur.")  # fmt: skip
        return Question(TOTAL, incl, note("question.credit", total=incl), why, "lines")
    if incl > above:
        why = msg("Dat is meer dan %(above)s, het bedrag vanaf waar Crafter het nog een keer vraagt. "
                  "Kijk of aantallen en prijzen kloppen.", above=above)  # fmt: skip
        return Question(TOTAL, incl, note("question.much", total=incl), why, "lines")
    return None


def about_agreed(excl: Decimal, agreed: Decimal | None) -> Question | None:
    """Whether an order comes to more than was agreed, both in euros excluding VAT; `agreed` None: nothing was."""
    if agreed is None or excl <= agreed:
        return None
    why = msg("Er is %(agreed)s afgesproken, zonder btw. Is het meerwerk met de klant besproken, zeg dan ja. Anders "
              "verbetert u de regels.", agreed=agreed)  # fmt: skip
    return Question(AGREED, excl, note("question.agreed", total=excl), why, "lines")


def about_dwelling(place: UUID | None, called: str, kept: bool) -> Question:
    """Whether a place where work is done at the low rate, and what it is called, is what that rate is for; `kept`: a
    yes is kept with the work site, so that it is asked once."""
    why = msg("Op de bon staan uren of reistijd tegen %(rate)s. Schilderen, stukadoren, behangen en isoleren valt daar "
              "alleen onder bij een woning die ouder is dan twee jaar. Zeg ja als de klant dat heeft verklaard: "
              "Crafter bewaart het met uw naam en de dag van vandaag. Maakt u in een woning schoon, dan is ja ook goed "
              "als zij jonger is.", rate=vat.name(vat.LOW))  # fmt: skip
    once = msg("Daarna vraagt Crafter het voor deze werklocatie niet meer.") if kept else NOTHING
    return Question(DWELLING, place, note("question.dwelling", place=called), one_after_another(why, once), "lines")


def asked(day: date | None, today: date, incl: Decimal, sure: Sure, above: Decimal = ASK_ABOVE) -> tuple[Question, ...]:
    """What is to be asked about an invoice of this total for work done on this day, beside what was said yes to."""
    days = about_day(day, today) if day is not None and day != sure.day else None
    totals = about_total(incl, above) if incl != sure.total else None
    return tuple(question for question in (days, totals) if question is not None)
