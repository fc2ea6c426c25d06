"""Every error has its page and its fragment: what happened, why, what now."""

from __future__ import annotations

from flask import Flask, Response, make_response, render_template, request, session
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError, SecurityError

from blueprints._hypermedia import wants_fragment
from oversight import logs
from services.support.visits import VisitOver
from tenancy.database import db
from tenancy.read_only import ReadOnly
from tenancy.unavailable import why_unavailable
from web import away, lost_forms, once
from web.requests import request_id

log = logs.get("crafter.web")
# A door that is shut by now, a row that is gone, an error of ours: the form that was sent has no page to stand on.
_TELLS_TYPED = frozenset({403, 404, 500})


def show(status: int, title: str, what: str, why: str, now: str) -> Response:
    """One error as page or fragment, with the request's id to tell support."""
    template = "errors/_error.html" if wants_fragment() else "errors/page.html"
    if session.new and not session:  # a robot that tries addresses; the page then has no form either
        session.asleep = True  # type: ignore[attr-defined]
    context = {"status": status, "title": title, "what": what, "why": why, "now": now, "reference": request_id(),
               "typed": lost_forms.to_copy() if status in _TELLS_TYPED else ""}  # fmt: skip
    try:
        return make_response(render_template(template, **context), status)
    except Exception as error:  # the page around it has a menu, with counts out of the database
        unavailable = why_unavailable(error)
        if unavailable is None:
            raise
        return away.show(unavailable, error)


def install(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(CSRFError)
    def csrf(_error: CSRFError) -> Response:
        if not current_user.is_authenticated and request.method == "POST" and not lost_forms.for_anyone():
            return lost_forms.to_login()
        return once.lead_if_done() or show(
            400,
            _("Deze pagina was te oud"),
            _("We hebben niets opgeslagen."),
            _("Er is intussen opnieuw ingelogd, of de pagina stond te lang open."),
            _("Ga terug, kopieer wat u typte, open de pagina opnieuw en probeer het nog eens."),
        )

    @app.errorhandler(SecurityError)
    def foreign_host(_error: SecurityError) -> Response:
        # no page: its links would be built with a host name that is not ours
        return Response(_("Dit adres hoort niet bij Crafter."), 400, mimetype="text/plain")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response | HTTPException:
        if error.code is None or error.code < 400:
            return error
        if isinstance(error, InternalServerError):  # what failed outside a view, such as saving the session
            return unexpected(error.original_exception or error)
        if error.code == 404:
            return show(
                404,
                _("Deze pagina bestaat niet"),
                _("We vinden niets op dit adres."),
                _("De link klopt niet, of wat er stond is weg of van een ander bedrijf."),
                _("Ga terug naar het begin."),
            )
        if error.code == 403 and error.description == "foreign_site":
            return show(
                403,
                _("Dit verzoek kwam van een andere website"),
                _("Er is niets gewijzigd."),
                _("Uw browser meldt dat een andere website dit verzoek deed; zulke verzoeken weigeren we."),
                _("Open Crafter in een eigen tabblad en doe het daar opnieuw."),
            )
        if error.code == 403 and error.description == "read_only_visit":
            return show(
                403,
                _("U kijkt alleen mee"),
                _("Er is niets gewijzigd."),
                _("Tijdens het meekijken kan support niets veranderen of versturen."),
                _("Vraag de klant om dit zelf te doen."),
            )
        if error.code == 403 and error.description == "closed_to_support":
            return show(
                403,
                _("Dit blijft dicht voor support"),
                _("Er is niets gewijzigd."),
                _("Codes, tweede stap, team, toestemming, downloads en facturen plaatsen zijn van de klant zelf, en "
                  "verder gaat u nooit dan wie u vertegenwoordigt."),
                _("Vraag de klant om dit zelf te doen."),
            )  # fmt: skip
        if error.code == 403 and error.description == "visit_ended":
            return show(
                403,
                _("Uw bezoek is afgelopen"),
                _("Er is niets gewijzigd."),
                _("De tijd was om, u bent gestopt, of de klant heeft de toestemming ingetrokken."),
                _("Ga naar de klanten. Moet u er nog zijn, begin dan een nieuw bezoek met een nieuwe reden."),
            )
        if error.code == 403:
            return show(
                403,
                _("Dit mag u niet"),
                _("Er is niets gewijzigd."),
                _("Uw rol in dit bedrijf heeft hier geen recht toe."),
                _("Vraag het de eigenaar van het bedrijf."),
            )
        why = {
            405: _("Dit adres is een stap, geen pagina: u komt er via een knop."),
            413: _("Wat u verstuurde is te groot."),
        }
        return show(
            error.code,
            _("Dit verzoek begrijpen we niet"),
            _("Er is niets gewijzigd."),
            why.get(error.code, _("Er klopt iets niet aan het adres of aan wat er werd meegestuurd.")),
            _("Ga terug en probeer het opnieuw."),
        )

    @app.errorhandler(ReadOnly)
    def read_only(_error: ReadOnly) -> Response | HTTPException:
        db.session.rollback()
        log.error("a visit that only looks came to write", endpoint=request.endpoint)
        return http(Forbidden("read_only_visit"))

    @app.errorhandler(VisitOver)
    def visit_over(_error: VisitOver) -> Response | HTTPException:
        db.session.rollback()
        return http(Forbidden("visit_ended"))

    @app.errorhandler(Exception)
    def unexpected(error: BaseException) -> Response:
        unavailable = why_unavailable(error)
        if unavailable is not None:
            return away.show(unavailable, error)
        log.exception("unexpected error", method=request.method, endpoint=request.endpoint)
        db.session.rollback()
        return show(
            500,
            _("Er ging iets mis bij ons"),
            _("Uw verzoek is niet afgemaakt."),
            _("Er zit een fout in Crafter. We hebben hem opgeschreven."),
            _(
                "Ging het om een factuur? Open dan eerst de werkbon: daar staat of die verstuurd is. "
                "Blijft het misgaan, geef dan dit kenmerk door aan support."
            ),
        )
