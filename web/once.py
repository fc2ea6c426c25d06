"""The second press of a form: it leads to what the first one did.

Every form carries a token of its own (`csrf()` of templates/components/form.html). A request brings it along to
services/once.py, which carries a form out once. A page of before that had no tokens, or a script without one, is served
as ever.
"""

from __future__ import annotations

import re
import secrets

from flask import Flask, Response, current_app, flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from blueprints import _deeds, _whose
from blueprints._forms import refuse_once
from blueprints._hypermedia import go
from services import once
from services.once import AlreadyDone, Form

FIELD = "once"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
# What every form of ours brings of itself, and a form that is shown again brings anew.
BROUGHT = frozenset({FIELD, "csrf_token", "confirmed", _whose.FIELD, _whose.ORDER_FIELD})


def new_token() -> str:
    """128 random bits for one form of one page."""
    return secrets.token_urlsafe(16)


def install(app: Flask) -> None:
    """Register the hooks, and what templates put in a form. After the doors: who is not let in carries nothing out."""
    app.jinja_env.globals["form_token"] = new_token

    @app.before_request
    def bring() -> None:
        form = _sent()
        done = once.already_done(form) if form is not None else None
        once.bring(form)
        if done is not None:  # before the view asks for what is no longer so, or counts an attempt
            raise done

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        once.bring(None)  # a server's thread serves one request after another

    @app.errorhandler(AlreadyDone)
    def show(done: AlreadyDone) -> Response | AnyResponse:
        if done.same:
            return _lead(done)
        refuse_once()
        try:  # the view shows its form again, as it was typed, with a new token
            return current_app.make_response(current_app.dispatch_request())
        except AlreadyDone:  # it has no form to show
            flash(_("Dit hebt u al gedaan. Wat u daarna veranderde is niet gebeurd: doe dat hier opnieuw."), "warn")
            return go(_result(done))
        except Exception as error:  # it stops for another reason: what it was about is gone, say
            return current_app.make_response(current_app.handle_user_exception(error))


def lead_if_done() -> Response | None:
    """To what this request's form did, when it was carried out before; for who has another session by now."""
    form = _sent()
    done = once.already_done(form) if form is not None else None
    return _lead(done) if done is not None and done.same else None


def _sent() -> Form | None:
    """The form this request brings, when its route carries one out once."""
    if request.method != "POST":
        return None
    deed, token = _deeds.of_request(), request.form.get(FIELD, "")
    if deed is None or deed.each_time or not _TOKEN.fullmatch(token):
        return None
    typed = [pair for pair in request.form.items(multi=True) if pair[0] not in BROUGHT]
    inside = once.hash_of(f"{token} {request.path} {typed!r}")
    return Form(once.key_of(token, request.path), inside, deed.what if deed.kind == _deeds.MAKES else "")


def _lead(done: AlreadyDone) -> Response:
    flash(_("Dit was al gelukt; het is niet nog eens gedaan."), "ok")
    return go(_result(done))


def _result(done: AlreadyDone) -> str:
    deed = _deeds.of_request()
    assert deed is not None
    return _deeds.result_of(deed, done.made_id)
