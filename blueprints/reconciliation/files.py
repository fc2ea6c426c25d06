"""What Aansluiting gives as files: every finding, and what was counted per month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from flask_babel import gettext as _

from blueprints._filters import amount, day, moment
from blueprints._words import say
from blueprints.reconciliation import shown
from domain.reconciliation import HOW_NAMES, KIND_NAMES, STAND_NAMES, How
from services.reconciliation.reports import Shown


def finding_head() -> Sequence[str]:
    """The columns of findings."""
    return (
        _("Factuur"), _("Datum"), _("Werkbon"), _("Wat"), _("Verschil"), _("Hier incl. btw"), _("Daar incl. btw"),
        _("Gezien sinds"), _("Laatst gezien"), _("Stand"), _("Hoe"), _("Door"), _("Wanneer"), _("Reden"),
        _("Administratie"),
    )  # fmt: skip


def finding_rows(found: Iterable[Shown]) -> Iterator[Sequence[object]]:
    """Findings, one by one; what differs as `name: ours / theirs`."""
    for one in found:
        row = one.finding
        yield (
            row.number, day(row.day), one.order_number, say(KIND_NAMES[row.shown_kind]),
            "; ".join(f"{side.name}: {side.ours} / {side.theirs}" for side in shown.sides(row.differences)),
            amount(row.ours_incl), amount(row.theirs_incl), moment(row.since), moment(row.seen_at),
            say(STAND_NAMES[row.shown_state]), say(HOW_NAMES[How(row.how)]), row.by, moment(row.settled_at),
            say(row.reason), one.administration,
        )  # fmt: skip


def month_head() -> Sequence[str]:
    """The columns of months."""
    return (
        _("Maand"), _("Hier facturen"), _("Hier incl. btw"), _("Daar facturen"), _("Daar incl. btw"),
        _("Gelijke facturen"), _("Verschil incl. btw"),
    )  # fmt: skip


def month_rows(counted: Iterable[shown.Counted]) -> Iterator[Sequence[object]]:
    """What both sides counted; a month as its year and number, which sorts."""
    for one in counted:
        yield (
            f"{one.month:%Y-%m}", one.ours, amount(one.ours_incl), one.theirs, amount(one.theirs_incl), one.equal,
            amount(one.theirs_incl - one.ours_incl),
        )  # fmt: skip
