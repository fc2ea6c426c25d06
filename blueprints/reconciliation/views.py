"""Aansluiting: whether Crafter and the bookkeeping say the same, month by month, and the way out where they do not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints._csv import download
from blueprints._deeds import does
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor, tenant_blueprint
from blueprints._hypermedia import go, wants_fragment
from blueprints._refusals import refusals_at
from blueprints.reconciliation import files, shown
from blueprints.reconciliation.forms import AcceptForm
from domain.message import N_, Message, Refusal
from domain.reconciliation import CAUSE_NAMES, HOW_NAMES, KIND_NAMES, STAND_NAMES, Stand
from services.link import connection
from services.reconciliation import findings, reports, rounds
from services.reconciliation import payments as paying

_STANDS: dict[str, str] = {one.value: name for one, name in STAND_NAMES.items()}
_STANDS[reports.ELSEWHERE] = N_("niet gekoppeld")

blueprint = tenant_blueprint("reconciliation", __name__, "/reconciliation")


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What a kind, a stand, an end and a cause are called, and what differs."""
    names = {"kinds": KIND_NAMES, "stands": _STANDS, "hows": HOW_NAMES, "causes": CAUSE_NAMES}
    return {**names, "differing": shown.differing}


@blueprint.get("/")
@door("reconciliation:read")
def show() -> Response:
    """Whether both agree, month by month, and what does not."""
    return make_response(_page())


@blueprint.get("/progress")
@door("reconciliation:read")
def progress() -> Response:
    """How far comparing is, or what came of it; the page asks for this by itself while it goes on."""
    if not wants_fragment():
        return make_response(_page())
    return make_response(render_template("reconciliation/_standing.html", **_standing(asked=True)))


@blueprint.post("/")
@door("reconciliation:write")
@does(at=".show")
def compare() -> Response:
    """Vergelijk nu: the worker holds ours against theirs."""
    try:
        rounds.ask_for_reconciliation(deps(), present_actor())
    except Refusal as refusal:
        return make_response(_page(refusal.message), 422)
    return go(url_for(".show"))


@blueprint.post("/payments")
@door("reconciliation:write")
@does(at=".show")
def payments() -> Response:
    """Betalingen nu ophalen: what is open over there, asked at once."""
    try:
        changed = paying.fetch_now(deps(), present_actor())
    except Refusal as refusal:
        return make_response(_page(unpaid=refusal.message), 422)
    if changed:
        said = ngettext(
            "Opgehaald. Van %(num)s factuur staat het nu anders dan bekend was.",
            "Opgehaald. Van %(num)s facturen staat het nu anders dan bekend was.",
            changed,
        )
        flash(said, "ok")
    else:
        flash(_("Opgehaald. Er is niets veranderd."), "ok")
    return go(url_for(".show"))


@blueprint.get("/runs")
@door("reconciliation:read")
def runs() -> str:
    """Every time that both were held against each other, newest first."""
    return render_template("reconciliation/runs.html", page=reports.runs(request.args.get("after", "")))


@blueprint.get("/export")
@door("export:read", fresh=True)
def export_findings() -> Response:
    """Every invoice that ever stood otherwise over there, as a file."""
    return download("aansluiting.csv", files.finding_head(), files.finding_rows(reports.all_findings()))


@blueprint.get("/months/export")
@door("export:read", fresh=True)
def export_months() -> Response:
    """What both sides counted, month by month, as a file."""
    last = reports.last_with_result()
    rows = reports.months(last.id) if last else ()
    return download("aansluiting-per-maand.csv", files.month_head(), files.month_rows(rows))


@blueprint.get("/<uuid:finding_id>")
@door("reconciliation:read")
def finding(finding_id: UUID) -> str:
    """One invoice that stands otherwise over there, both sides beside each other."""
    return _finding(finding_id, AcceptForm())


@blueprint.post("/<uuid:finding_id>/accept")
@door("reconciliation:write")
@does(at=".show")
def accept(finding_id: UUID) -> Response:
    """Zo laten: it may stay as it is, and why."""
    form = AcceptForm()
    if form.validate():
        with refusals_at(form):
            try:
                findings.accept(present_actor(), finding_id, form.reason.data or "")
            except LookupError:
                abort(404)
            flash(_("Genoteerd. Wordt de factuur daar nog eens anders, dan staat hij hier weer."), "ok")
            return go(url_for(".show"))
    return make_response(_finding(finding_id, form), 422)


def _standing(refusal: Message | None = None, asked: bool = False) -> dict[str, Any]:
    return {"standing": reports.standing(), "link": connection.present(), "refusal": refusal, "asked": asked}


def _page(refusal: Message | None = None, unpaid: Message | None = None) -> str:
    asked = request.args.get("state", "")
    stand = asked if asked in _STANDS else Stand.OPEN
    said = _standing(refusal)
    last = said["standing"].last
    return render_template(
        "reconciliation/show.html",
        months=shown.months(reports.months(last.id) if last else ()),
        page=reports.findings(stand, request.args.get("after", "")),
        stand=stand,
        unpaid=unpaid,
        **said,
    )


def _finding(finding_id: UUID, form: AcceptForm) -> str:
    try:
        found = reports.finding(finding_id)
    except LookupError:
        abort(404)
    return render_template(
        "reconciliation/finding.html", found=found, sides=shown.sides(found.finding.differences), form=form
    )
