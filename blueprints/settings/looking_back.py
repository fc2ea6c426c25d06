"""Instellingen > e-Boekhouden.nl > Onze gegevens lopen achter: whose is what stands there and is not known here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import HiddenField, StringField

from blueprints._deeds import does
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor
from blueprints._forms import HouseForm
from blueprints._hypermedia import go
from blueprints._refusals import put_beside, refusals_at
from blueprints._validators import at_most
from blueprints.settings._blueprint import blueprint
from blueprints.settings.bookkeeping import where_switched_on
from domain.message import Message, Refusal
from services.catalogue import relations
from services.invoicing import looking_back as verbs
from services.invoicing.unknown import Unknown
from services.link import connection


class _NumberForm(HouseForm):
    number = HiddenField(validators=[at_most(50)])


class OursForm(_NumberForm):
    """Dit is van ons: of which work order."""

    order = StringField(_l("Werkbon"), [at_most(20)])


class NotOursForm(_NumberForm):
    """Dit is niet van ons, and why."""

    reason = StringField(_l("Reden"), [at_most(300)])


@dataclass(frozen=True)
class Item:
    """One invoice that waits, with a form for each of the two answers."""

    found: Unknown
    ours: OursForm
    not_ours: NotOursForm


@dataclass(frozen=True)
class Waiting:
    """What waits over there; `trouble`: why nobody can tell now."""

    items: tuple[Item, ...] = ()
    recognised: tuple[Unknown, ...] = ()
    since: date | None = None
    trouble: Message | None = None


def _items(shown: tuple[Unknown, ...], typed: HouseForm | None) -> tuple[Item, ...]:
    found = []
    for place, one in enumerate(shown, 1):
        ours = OursForm(formdata=None, data={"number": one.number, "order": one.may_be_of})
        other = NotOursForm(formdata=None, data={"number": one.number})
        if isinstance(typed, OursForm) and typed.number.data == one.number:
            ours = typed
        if isinstance(typed, NotOursForm) and typed.number.data == one.number:
            other = typed
        for field in (ours.order, other.reason):  # there is one of each for every invoice
            field.id = field.label.field_id = f"{field.name}-{place}"
        found.append(Item(one, ours, other))
    return tuple(found)


def _waiting(behind: bool, typed: HouseForm | None) -> Waiting:
    """What stands over there now; somebody of support does not call there."""
    if not behind or present_actor().visiting:
        return Waiting()
    try:
        seen = verbs.seen(deps(), present_actor())
    except Refusal as refusal:
        return Waiting(trouble=refusal.message)
    return Waiting(_items(seen.open, typed), seen.recognised, seen.since)


def _show(status: int = 200, typed: HouseForm | None = None) -> Response:
    since = connection.present().behind_since
    waiting = _waiting(since is not None, typed)
    names = relations.names_of({one.found.theirs.relation_code for one in waiting.items})
    page = render_template("settings/looking_back.html", since=since, waiting=waiting, typed=typed, names=names)
    return make_response(page, status)


@blueprint.get("/e-boekhouden/looking-back")
@door("settings:read")
@where_switched_on
def looking_back() -> Response:
    """What waits for somebody to say whose it is."""
    return _show()


@blueprint.post("/e-boekhouden/looking-back")
@door("bookkeeping:connect")
@where_switched_on
@does(at=".looking_back")
def look_back() -> Response:
    """Look over there now, and take over what is recognised."""
    form = HouseForm()
    with refusals_at(form):
        number = verbs.look_again(deps(), present_actor())
        if not number:
            return _went_on(_("Gekeken."))
        said = ngettext(
            "Gekeken. %(num)s factuur is overgenomen.", "Gekeken. %(num)s facturen zijn overgenomen.", number
        )
        return _went_on(said)
    return _show(422, form)


@blueprint.post("/e-boekhouden/looking-back/ours")
@door("bookkeeping:connect")
@where_switched_on
@does(at=".looking_back")
def is_ours() -> Response:
    """Dit is van ons: the invoice is that of a work order."""
    form = OursForm()
    return _decided(
        form,
        lambda: verbs.is_ours(deps(), present_actor(), form.number.data or "", form.order.data or ""),
        _("Factuur %(number)s is overgenomen.", number=form.number.data or ""),
    )


@blueprint.post("/e-boekhouden/looking-back/not-ours")
@door("bookkeeping:connect")
@where_switched_on
@does(at=".looking_back")
def is_not_ours() -> Response:
    """Dit is niet van ons: the number is taken, with a reason."""
    form = NotOursForm()
    return _decided(
        form,
        lambda: verbs.is_not_ours(deps(), present_actor(), form.number.data or "", form.reason.data or ""),
        _("Nummer %(number)s is daar van iemand anders; het wordt overgeslagen.", number=form.number.data or ""),
    )


def _decided(form: _NumberForm, decide: Callable[[], None], said: str) -> Response:
    if form.validate():
        try:
            decide()
            return _went_on(said)
        except LookupError:
            form.form_errors.append(_("Dit nummer is niet van uw reeks."))
        except Refusal as refusal:
            put_beside(form, refusal)
    return _show(422, form)


def _went_on(said: str) -> Response:
    flash(said, "ok")
    if not verbs.is_behind():
        flash(_("Onze gegevens zijn weer gelijk. Facturen kunnen weer weg."), "ok")
    return go(url_for("settings.looking_back"))
