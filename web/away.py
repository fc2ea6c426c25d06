"""The answer when the database cannot do its work: a page, or the part that htmx asked for, which needs no row itself.

So it stands apart from web/errors.py, whose pages have a menu with counts, a person and a session.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, make_response, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from blueprints import _words
from blueprints._hypermedia import wants_fragment
from oversight import logs
from tenancy.database import db
from tenancy.unavailable import AWAY, BUSY, FULL, READ_ONLY
from web import lost_forms
from web.headers import SAFE_METHODS
from web.requests import request_id

RETRY_AFTER = 30  # seconds
log = logs.get("crafter.web")


def install(app: Flask) -> None:
    """Let a request whose session could not be read end here, before somebody is taken for logged out."""

    @app.before_request
    def without_a_session() -> None:
        unread = getattr(session, "unread", None)
        if unread is not None:
            raise unread


def show(why: str, error: BaseException) -> Response:
    """503, and in it what happened, why and what now; of a press that the invoice may have been posted."""
    log.error("the database is not available", why=why, error=f"{type(error).__name__}: {error}".splitlines()[0],
              method=request.method, endpoint=request.endpoint)  # fmt: skip
    try:
        db.session.rollback()
    except SQLAlchemyError:
        db.session.remove()
    if session:
        session.asleep = True  # type: ignore[attr-defined]  # it cannot be saved either
    with _words.of_this_request():
        response = make_response(_rendered(why), 503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _rendered(why: str) -> str:
    order = _order_page()
    pressed = bool(order) and _is_press()
    titles = {
        AWAY: _("Crafter kan nu niet bij zijn gegevens"),
        FULL: _("De schijf van Crafter is vol"),
        BUSY: _("De database van Crafter is bezet"),
        READ_ONLY: _("Crafter kan nu niets bewaren"),
    }
    reasons = {
        AWAY: _("De database van Crafter antwoordt niet. Dat ligt niet aan u."),
        FULL: _("Waar Crafter zijn gegevens bewaart is geen ruimte meer. De beheerder van deze installatie moet ruimte "
                "maken."),
        BUSY: _("Iets anders hield de database te lang bezet. Dat gaat meestal vanzelf over."),
        READ_ONLY: _("De database van Crafter laat zich nu alleen lezen. De beheerder van deze installatie moet dat "
                     "herstellen."),
    }  # fmt: skip
    template = "errors/away.html"
    if wants_fragment():
        template = "errors/_away_strook.html" if pressed else "errors/_error.html"
    what, now = _told(pressed)
    # not render_template: what that adds for every page asks the database
    return current_app.jinja_env.get_template(template).render(
        status=503, title=titles[why], what=what, why=reasons[why], now=now, reference=request_id(),
        pressed=pressed, address=order or _this_page(), typed=lost_forms.as_text(), typed_label=_("Dit had u getypt"),
    )  # fmt: skip


def _told(pressed: bool) -> tuple[str, str]:
    if pressed:
        return (
            _("We weten niet zeker hoe het met de factuur staat: hij kan al in e-Boekhouden staan."),
            _("Plaats hem niet opnieuw en maak hem daar ook niet zelf. Open over een minuut eerst de werkbon: daar "
              "staat wat er gebeurd is. Is het nog onzeker, dan zoekt Crafter de factuur zelf op."),
        )  # fmt: skip
    if request.method in SAFE_METHODS:
        return _("Deze pagina kan nu niet getoond worden."), _("Wacht een minuut en probeer het opnieuw.")
    return (
        _("We weten niet zeker of bewaard is wat u deed."),
        _("Wacht een minuut en kijk dan eerst of het er staat. Doe het alleen opnieuw als het er niet staat."),
    )


def _is_press() -> bool:
    """Whether an invoice may have gone out: whatever is done with the right to approve."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method not in SAFE_METHODS and getattr(view, "door", None) == ("tenant", "work_order:approve")


def _order_page() -> str:
    order_id = (request.view_args or {}).get("order_id")
    return url_for("work_orders.show", order_id=order_id) if order_id else ""


def _this_page() -> str:
    return request.full_path.rstrip("?") if request.method in SAFE_METHODS else url_for("auth.home")
