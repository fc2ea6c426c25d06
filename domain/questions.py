"""What is asked once more before an invoice goes out: it may well be meant, but far more often it is a slip.

A yes is kept together with what it was said of, and counts for that only: who changes the day is asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.message import Message, Refusal, msg
from domain.notes import note

DAY = "day"


@dataclass(frozen=True)
class Sure:
    """What somebody said yes to: this day of execution."""

    day: date | None = None


@dataclass(frozen=True)
class Question:
    """`what` is asked, and `why`; a yes is said of the `value` of its `subject`, and `mend` is the screen that changes
    that when the answer is no (order, lines)."""

    subject: str
    value: date
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


def a_year_before(day: date) -> date:
    """The same day a year earlier; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def is_to_come(day: date, today: date) -> bool:
    """Whether work cannot have been done on this day, because it is yet to come."""
    return day > today


def about_day(day: date, today: date) -> Question | None:
    """Whether the work was done that long ago; None for a day that is nothing special."""
    if day >= a_year_before(today):
        return None
    why = msg(
        "Dat is meer dan een jaar geleden. De datum komt op de factuur en bepaalt bij welke aangifte de btw hoort. "
        "Kijk of het jaar klopt."
    )
    return Question(DAY, day, note("question.day", day=day), why, "order")


def asked(day: date | None, today: date, sure: Sure) -> tuple[Question, ...]:
    """What is to be asked about an invoice for work done on this day, beside what was said yes to."""
    question = about_day(day, today) if day is not None and day != sure.day else None
    return () if question is None else (question,)
