"""What the page of a work order shows: the bon, what may be done with it, and the strook with its invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from uuid import UUID

from flask import abort, url_for
from flask_babel import gettext as _

from blueprints._dependencies import deps
from blueprints._doors import present_actor
from blueprints._filters import AMSTERDAM, amount, day, euro, qty
from domain import posting as states
from domain import vat
from domain import work_order as rules
from domain.invoice import InvoiceDraft, InvoiceLine, RemoteInvoice, differences
from domain.message import Message
from domain.money import CENT
from domain.preflight import Blocker
from gateways.bookkeeping import Explanation
from services.invoicing import preflight, press, recovery
from services.invoicing.preflight import Preview
from services.orders import work_orders
from services.trail import history

UNLINKED = frozenset({"off", "inactive"})
FINISHABLE = frozenset(row.source for row in rules.TRANSITIONS if row.verb == "finish")


@dataclass(frozen=True)
class Step:
    """One step of the history; `times` counts the same step taken over and over (looking an invoice up)."""

    what: Message
    who: str
    on_behalf_of: str
    at: datetime
    times: int = 1


@dataclass(frozen=True)
class Strook:
    """The strook. `kind` names its sub-template `_strook_<kind>.html`; what a kind does not use is None.

    verb: the press that is offered (approve or send), or empty. fresh: it was just swapped in, so its heading takes
    the focus. asked: the bookkeeping's own totals were asked for just now, so do not ask by itself again.
    """

    kind: str
    verb: str = ""
    posting: Any = None
    preview: Preview | None = None
    blockers: tuple[Blocker, ...] = ()
    refusal: Message | None = None
    explanation: Explanation | None = None
    known_by: datetime | None = None
    abandoned: Any = None
    fresh: bool = False
    asked: bool = False
    both: Any = None
    corrections: Sequence[Any] = ()


def page(
    order_id: UUID,
    blockers: tuple[Blocker, ...] = (),
    refusal: Message | None = None,
    note: Message | None = None,
    fresh: bool = False,
    asked: bool = False,
    both: Any = None,
) -> dict[str, Any]:
    """Everything the templates of one work order need. 404 when the order is not there for this person."""
    actor = present_actor()
    order = work_orders.get(actor, order_id)
    if order is None:
        abort(404)
    prices = actor.may("price:read")
    posting = press.present_posting(order_id)
    locked = posting is not None and posting.state in states.LOCKS_ORDER
    shown = {
        "order": order,
        "prices": prices,
        "note": note,
        "locked": locked,
        "editable": order.state in rules.EDITABLE and not locked and actor.may("work_order:write"),
        "moves": [
            row for row in work_orders.moves_for(actor, order)
            if row.verb != "approve" and not (row.verb == "reopen" and locked)
        ],
        "trail": steps(history.of_order(order_id)) if actor.may("history:read") else [],
        "vat_label": vat_label,
        "stamp": stamp,
        "sentence": sentence,
        "took": took,
        "mend": mend,
        "mend_blocker": mend_blocker,
        "strook": None,
    }  # fmt: skip
    if prices:
        shown["strook"] = strook(order, posting, blockers, refusal, fresh, asked, both)
    return shown


def strook(
    order: Any,
    posting: Any,
    blockers: tuple[Blocker, ...],
    refusal: Message | None,
    fresh: bool,
    asked: bool,
    both: Any,
) -> Strook:
    """Which strook hangs under the bon, with what it needs."""
    common = {"refusal": refusal, "fresh": fresh}
    if posting is not None and (order.state == rules.APPROVED or posting.state in states.LOCKS_ORDER):
        return Strook(
            "sending" if posting.state == states.WAITING else posting.state,
            posting=posting,
            blockers=blockers,
            explanation=deps().bookkeeping.explain(posting.code) if posting.code else None,
            known_by=recovery.known_by(posting, deps()),
            asked=asked,
            both=both,
            corrections=press.corrections(posting.id) if posting.state == states.POSTED else (),
            **common,
        )
    verb = {rules.DONE: "approve", rules.APPROVED: "send"}.get(order.state, "")
    if order.state == rules.CANCELLED:
        return Strook("cancelled", **common)
    if order.not_billable_reason:
        return Strook("not_billable", verb=verb if verb == "approve" else "", **common)
    seen = preflight.preview(order, posting.number if posting else "")
    # The day of execution is filled in by the step that comes before checking, so it cannot be wrong yet.
    found = blockers or (seen.blockers if verb else tuple(row for row in seen.blockers if row.key != "executed_on"))
    if not verb:
        kind = "early"
    elif seen.link in UNLINKED:
        kind = "unlinked"
    else:
        kind = "blocked" if found else "ready"
    abandoned = press.last_abandoned(order.id) if posting is None else None
    return Strook(kind, verb, posting=posting, preview=seen, blockers=found, abandoned=abandoned, **common)


@dataclass(frozen=True)
class Side:
    """One row of the comparison of a conflict: what it is, ours, theirs, and whether they differ."""

    name: str
    ours: str
    theirs: str
    differs: bool


def both_sides(ours: InvoiceDraft, theirs: RemoteInvoice | None) -> list[Side]:
    """Our invoice beside the one over there, row by row; an empty list when there is none (any more)."""
    if theirs is None:
        return []
    differ, totals = differences(ours, theirs), ours.totals
    incl_differs = totals.incl != theirs.incl
    return [
        Side(_("Nummer"), ours.number, theirs.number, "number" in differ),
        Side(_("Relatiecode"), ours.relation_code, theirs.relation_code, "relation_code" in differ),
        Side(_("Datum"), day(ours.on), day(theirs.on), "on" in differ),
        Side(_("Regels"), str(len(ours.lines)), str(len(theirs.lines)), "lines" in differ),
        *_different_lines(ours, theirs),
        Side(_("Excl. btw"), amount(totals.excl), amount(theirs.excl), "excl" in differ),
        Side(_("Btw"), amount(totals.vat), amount(theirs.vat), "vat" in differ),
        Side(_("Incl. btw"), euro(totals.incl), euro(theirs.incl), incl_differs),
    ]


def _different_lines(ours: InvoiceDraft, theirs: RemoteInvoice) -> list[Side]:
    """The lines that are not the same, in order."""
    pairs = zip_longest(map(_line_text, ours.lines), map(_line_text, theirs.lines), fillvalue="")
    found = enumerate(pairs, 1)
    return [Side(_("Regel %(n)s", n=n), here, there, True) for n, (here, there) in found if here != there]


def _line_text(line: InvoiceLine) -> str:
    return f"{line.code} {qty(line.quantity)} × {amount(line.price)} {vat_label(line.vat_code)}".strip()


def shown_state(order: Any, posting_state: str) -> str:
    """The invoice's state as lists and the bon show it; empty when there is nothing to say yet."""
    if posting_state:
        return posting_state
    if order.not_billable_reason:
        return "not_billable"
    if order.state == rules.APPROVED:
        return "not_invoiced"
    return "ready" if order.state == rules.DONE else ""


def steps(lines: Sequence[history.Line]) -> list[Step]:
    """The history, newest first; the same thing many times on end becomes one line."""
    found: list[Step] = []
    for line in lines:
        last = found[-1] if found else None
        if last is not None and (last.what, last.who) == (line.what, line.who):
            found[-1] = Step(last.what, last.who, last.on_behalf_of, last.at, last.times + 1)
        else:
            found.append(Step(line.what, line.who, line.on_behalf_of, line.at))
    return found


def vat_label(code: str) -> str:
    """21%, 9%, geen btw; an unknown code as it is."""
    known = vat.BY_CODE.get(code)
    return known.label if known else code or _("kies btw")


def stamp(at: datetime | None) -> str:
    """19 nov 2026 09:14:07, for the small print."""
    return "" if at is None else f"{day(at)} {at.astimezone(AMSTERDAM):%H:%M:%S}"


def sentence(text: str) -> str:
    """A remark as a sentence: with a capital and a full stop."""
    said = _(text)
    return f"{said[:1].upper()}{said[1:]}{'' if said.endswith(('.', '!', '?')) else '.'}"


def took(row: Any) -> str:
    """How long the press of a posted invoice took; empty when it was settled later, by a look-up."""
    if row.note or row.sent_at is None or row.settled_at is None:
        return ""
    seconds = Decimal((row.settled_at - row.sent_at) / timedelta(seconds=1))
    return _(", in %(seconds)s s", seconds=amount(max(seconds, CENT)))


def mend(order: Any, where: str) -> tuple[str, str] | None:
    """Address and name of the button that leads to where a code of the bookkeeping is mended; None when nowhere."""
    actor = present_actor()
    if where == "relation_code" and order.relation_id and actor.may("relation:write"):
        return url_for("relations.show", relation_id=order.relation_id, _anchor="code"), _("Relatiecode herstellen")
    if where == "location" and order.relation_id and order.location_id and actor.may("relation:write"):
        place = {"relation_id": order.relation_id, "location_id": order.location_id}
        return url_for("relations.edit_location", **place), _("Werklocatie verbeteren")
    if where in {"lines", "order"} and actor.may("work_order:write"):
        name = _("Regels verbeteren") if where == "lines" else _("Werkbon aanvullen")
        return url_for("work_orders.edit", order_id=order.id), name
    names = {
        "template": _("Factuursjabloon herstellen"),
        "payment_term": _("Betalingstermijn invullen"),
        "credentials": _("Verbinding herstellen"),
        "connection": _("Verbinding herstellen"),
        "ledger": _("Grootboekrekening kiezen"),
        "invoice_settings": _("Factuurinstellingen openen"),
    }
    if where in names and actor.may("settings:write"):
        return url_for("settings.bookkeeping"), names[where]
    return None


def mend_blocker(order: Any, blocker: Blocker) -> tuple[str, str] | None:
    """Address and name of the button that leads to where a blocker is mended; None when this person cannot."""
    if blocker.mend == "relation" and order.relation_id and present_actor().may("relation:read"):
        return url_for("relations.show", relation_id=order.relation_id), _("Relatie openen")
    return mend(order, blocker.mend)
