"""What Crafter tells by mail without being asked, kind by kind; who gets a kind decides that for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from domain.message import N_
from domain.permissions import OFFICE, OWNER

LINK_BROKEN, BEHIND, WORKER_AWAY, DAILY = "link_broken", "behind", "worker_away", "daily"
TOLD = (OWNER, OFFICE)  # the roles that get these letters
DAILY_FROM = 7  # o'clock in Amsterdam: the daily letter lies there before the work begins


@dataclass(frozen=True)
class Kind:
    """One kind: its name and what it is, as its switch shows them, and where in the company its letter leads to."""

    name: str
    about: str
    page: str


KINDS = {
    LINK_BROKEN: Kind(
        N_("De koppeling is verbroken"),
        N_("Meteen, als e-Boekhouden de codes niet meer aanneemt. Er gaan dan geen facturen meer weg."),
        "settings/e-boekhouden",
    ),
    BEHIND: Kind(
        N_("Onze gegevens lopen achter"),
        N_("Meteen, als in uw boekhouding facturen staan die Crafter niet meer kent. Het versturen wacht dan op u."),
        "settings/e-boekhouden/looking-back",
    ),
    WORKER_AWAY: Kind(
        N_("De achtergrondverwerking ligt stil"),
        N_("Als Crafter langer dan een kwartier niets uit zichzelf doet: ophalen, nakijken en facturen in één keer."),
        "",
    ),
    DAILY: Kind(
        N_("Wat blijft liggen"),
        N_("Hooguit één brief per werkdag, 's ochtends, met wat langer dan een werkdag bij Aandacht nodig staat."),
        "",
    ),
}


def unwanted(words: str) -> frozenset[str]:
    """The kinds somebody does not want, from the words that are kept; words of another release are passed over."""
    return frozenset(words.split()) & KINDS.keys()


def is_working_day(day: date) -> bool:
    """Monday to Friday. Feast days are working days here: which of them a company works on it alone knows (Good Friday,
    5 May), and a letter on a day off waits unread and does no harm."""
    return day.weekday() < 5


def working_day_before(day: date) -> date:
    """The last working day before this day: what stands since then, at the same time of day, stands a working day."""
    before = day - timedelta(days=1)
    while not is_working_day(before):
        before -= timedelta(days=1)
    return before
