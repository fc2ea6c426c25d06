"""Instellingen > e-Boekhouden.nl: the connection, starting and undoing it, and the invoice settings."""

from __future__ import annotations

from functools import wraps
from typing import Any, cast

from flask import Response, abort, flash, render_template, request, url_for
from flask_babel import gettext as _

from blueprints._deeds import does, edits
from blueprints._dependencies import deps
from blueprints._doors import View, door, present_actor
from blueprints._forms import HouseForm
from blueprints._freshness import is_fresh
from blueprints._hypermedia import answer, from_htmx, go, wants_fragment
from blueprints._refusals import refusals_at
from blueprints.settings._blueprint import blueprint
from blueprints.settings.forms import ConnectionForm, InvoiceForm
from domain.work_order import LINE_KIND_NAMES, LINE_KINDS
from services.catalogue import connecting
from services.invoicing import invoice_settings
from services.link import connection, leaving

PAGE = "settings/bookkeeping.html"


def where_switched_on(view: View) -> View:
    """The page exists only while the link is ticked under Functies."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not connection.feature_on():
            abort(404)
        return view(*args, **kwargs)

    return cast(View, guarded)


def _show(fragment: str, status: int = 200, **given: Any) -> Response:
    """The page, or the one fragment of it that was asked for. `given` holds forms and results that are at hand."""
    # The play credentials come over a call of their own, outside any transaction: before the rest is read.
    may_connect = present_actor().may("bookkeeping:connect")
    play = connecting.play_administrations(deps(), present_actor()) if may_connect and not wants_fragment() else ()
    link, ledgers = connection.present(), connection.ledger_accounts()
    stands = invoice_settings.present(link)
    context: dict[str, Any] = {
        "link": link,
        "kept": connection.has_credentials(link),
        "saved": connection.last_saved(),
        "ledgers": ledgers,
        "broken": deps().bookkeeping.explain(link.broken_code) if link.broken_code else None,
        "open": leaving.listed(deps(), link) if may_connect and is_fresh() else None,
        "seen": request.values.get("seen", ""),
        "keep": request.values.get("keep", ""),
        "play": () if link.shown_state.is_active else play,
        "kinds": [(kind, LINE_KIND_NAMES[kind]) for kind in LINE_KINDS],
        "connection_result": None,
        "started": None,
        "invoicing_result": None,
        "year": stands.year,
        "settings_wait": stands.waits and link.shown_state.is_active,
        "fresh": is_fresh(),
        "calls": deps().bookkeeping.calls_today(present_actor().tenant_id),
        "paused_until": connection.paused_until(link),
    } | given
    if "connection_form" not in given:
        context["connection_form"] = ConnectionForm(formdata=None, data={"username": link.username}).on(
            connection.stands(link)
        )
    if "invoice_form" not in given:
        context["invoice_form"] = InvoiceForm.showing(stands, ledgers)
    return answer(PAGE, fragment, status, **context)


@blueprint.get("/e-boekhouden")
@door("settings:read")
@where_switched_on
def bookkeeping() -> Response:
    """The page with both forms."""
    return _show("settings/_connection.html")


@blueprint.post("/e-boekhouden")
@door("bookkeeping:connect", fresh=True)
@where_switched_on
@edits("connection", at=".bookkeeping")
def save_connection() -> Response:
    """Save the credentials. Everything emptied means undoing the link, after a page that says what that does."""
    form = ConnectionForm()
    if form.emptied and connection.has_credentials(connection.present()):
        return go(url_for("settings.undo_form"))
    if _unread(form):
        return go(url_for("settings.change_form"))
    changed = _saved(form)
    if changed is None:
        return _show("settings/_connection.html", 422, connection_form=form)
    if from_htmx():
        return _show("settings/_connection.html", connection_result="saved" if changed else "unchanged")
    flash(_("De gegevens zijn opgeslagen. Start nu de verbinding.") if changed else _("Er is niets gewijzigd."), "ok")
    return go(url_for("settings.bookkeeping"))


def _saved(form: ConnectionForm) -> bool | None:
    """Whether saving changed something; None when the form is wrong (and says so)."""
    if form.validate():
        with refusals_at(form):
            texts = (form.username.data or "", form.code1.data or "", form.code2.data or "")
            return connection.save_credentials(deps(), present_actor(), *texts, keep=_keeps(), opened=form.opened)
    return None


def _unread(form: ConnectionForm) -> bool:
    """Whether other credentials were typed while invoices are open, by somebody who did not read what becomes of
    them, or read of others."""
    typed = form.username.data, form.code1.data, form.code2.data
    link = connection.present()
    return form.changes(link.username) and any(typed) and _seen() != leaving.listed(deps(), link).seen


def _seen() -> str:
    return request.form.get("seen", "")


def _keeps() -> bool:
    """Whether the owner said to keep the codes of before, to look up what is open."""
    return request.form.get("keep") == "yes"


@blueprint.get("/e-boekhouden/change")
@door("bookkeeping:connect", fresh=True)
@where_switched_on
def change_form() -> Response | str:
    """What other credentials mean for the invoices that are open, before they are typed."""
    open_ = leaving.listed(deps(), connection.present())
    if not open_.seen:
        return go(url_for("settings.bookkeeping"))
    return render_template("settings/change.html", open=open_)


@blueprint.post("/e-boekhouden/start")
@door("bookkeeping:connect", fresh=True)
@where_switched_on
@does(at=".bookkeeping")
def start_connection() -> Response:
    """Save what was typed, so that nothing is lost, then start the connection and say what came of it."""
    form = ConnectionForm()
    if _unread(form):
        return go(url_for("settings.change_form"))
    was = connection.present().administration_number, _ledger_codes()
    started = None
    if "username" not in request.form or _saved(form) is not None:
        with refusals_at(form):
            started = connecting.start(deps(), present_actor())
    if started is None:
        return _show("settings/_connection.html", 422, connection_form=form)
    if not started.ok:
        return _show("settings/_connection.html", 422, started=started)
    # When other ledger accounts came in, the other form is sent along to offer them, with what was typed there kept;
    # in another administration with what holds, or waits, there.
    here = connection.present().administration_number, _ledger_codes()
    keeps = "template" in request.form and was[0] == here[0]
    typed = {"invoice_form": _typed_invoicing()} if keeps else {}
    fragment = "settings/_connection.html" if was == here else "settings/_started.html"
    return _show(fragment, started=started, **typed)


def _ledger_codes() -> set[str]:
    return {account.code for account in connection.ledger_accounts()}


@blueprint.get("/e-boekhouden/undo")
@door("bookkeeping:connect", fresh=True)
@where_switched_on
def undo_form() -> Response | str:
    """What undoing the link does, before it is done."""
    link = connection.present()
    if not connection.has_credentials(link):
        return go(url_for("settings.bookkeeping"))
    return render_template("settings/undo.html", form=HouseForm(), link=link, open=leaving.listed(deps(), link))


@blueprint.post("/e-boekhouden/undo")
@door("bookkeeping:connect", fresh=True)
@where_switched_on
@does(at=".bookkeeping")
def undo() -> Response:
    """Undo the link: the credentials are erased, or kept to look up what is open. Who did not read what that is reads
    it first."""
    if _seen() != leaving.listed(deps(), connection.present()).seen:
        return go(url_for("settings.undo_form"))
    if connection.undo(deps(), present_actor(), keep=_keeps()):
        flash(_("De koppeling is ongedaan gemaakt. De codes worden gewist zodra er niets meer open staat."), "ok")
    else:
        flash(_("De koppeling is ongedaan gemaakt. Uw gebruikersnaam en securitycodes zijn gewist."), "ok")
    return go(url_for("settings.bookkeeping"))


@blueprint.post("/e-boekhouden/invoicing")
@door("settings:write")
@where_switched_on
@edits("connection", at=".bookkeeping")
def save_invoicing() -> Response:
    """Save the invoice settings."""
    form = _typed_invoicing()
    if form.validate():
        with refusals_at(form):
            changed = invoice_settings.save(present_actor(), form.settings(), form.opened)
            if from_htmx():
                return _show("settings/_invoicing.html", invoicing_result="saved" if changed else "unchanged")
            flash(_("De factuurinstellingen zijn opgeslagen.") if changed else _("Er is niets gewijzigd."), "ok")
            return go(url_for("settings.bookkeeping"))
    return _show("settings/_invoicing.html", 422, invoice_form=form)


def _typed_invoicing() -> InvoiceForm:
    form = InvoiceForm()
    form.offer(connection.ledger_accounts())
    return form
