"""A form whose login is gone: what was typed is shown again, and nothing is done before it is pressed again.

A form says for whom its page was made (blueprints/_whose.py). When its token is not of this session, or nobody is
logged in, then:

- who is logged in, and is the one for whom the page was made, gets the form again at once;
- who is not, logs in first. Meanwhile the form is kept (services/kept_forms.py), without what is secret in it, and
  after the login its address is asked with `?kept=`. `KeptForms` serves that as the form that was sent, without its
  token: so it comes here again, by way of all doors, and can do no more than be shown.

A form whose door asks the password again (blueprints/_freshness.py) waits for that in the same way. What cannot come
back, because a door is shut by now, is shown as text to copy (`to_copy`, on the pages of web/errors.py).

To show it the view is called with a form that is not right whatever is in it, and with a session that may not write.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from flask import Flask, Response, current_app, flash, g, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from markupsafe import escape

from blueprints import _freshness, _kept, _whose
from blueprints._dependencies import deps
from blueprints._forms import lose, was_shown
from blueprints._freshness import came_from
from blueprints._hypermedia import go, over_the_page, wants_fragment
from domain.visible import bare
from services import kept_forms
from services.transaction import ask_before_writing
from tenancy.database import db
from tenancy.unavailable import why_unavailable
from web import once
from web.secret_fields import is_secret, of_coming_in

# What a form brings beside what is typed: of its page, not of its sender.
_NOT_TYPED = once.BROUGHT | {"version", "seen", "next", "opened", "take"}
_LINE = re.compile(r".+-\d+-")
_UNREAD = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")  # the id of a row
_TOKEN, _LEFT_OUT = "crafter.kept", "crafter.kept_left_out"


class NotCarriedOut(BaseException):
    """What is only shown came to write, or to call outside. Nobody but us may take it for an error of theirs."""


class Tokens(CSRFProtect):
    """Flask-WTF's protection. What it refuses goes on to the doors when it may be shown again to who asks, and no
    further than `show_lost`."""

    def protect(self, apply_exemptions: bool = False) -> None:
        try:
            super().protect(apply_exemptions)
        except CSRFError:
            if not _may_be_shown():
                raise
            g.form_is_lost = True


def _refuse(_session: object) -> None:
    raise NotCarriedOut


def install(app: Flask) -> None:
    """Register what shows a form again. Between the doors and web/once.py: who is not let in is shown nothing."""
    app.wsgi_app = KeptForms(app)  # type: ignore[method-assign]
    app.jinja_env.globals.update(whose=_whose.signed, shown_order=_whose.shown_order)

    @app.before_request
    def show_lost() -> Response | None:
        return (once.lead_if_done() or _show()) if g.get("form_is_lost") else None


def for_anyone() -> bool:
    """Whether the present request's route asks no login."""
    return getattr(current_app.view_functions[request.endpoint or ""], "door", ("", ""))[0] == "anyone"


def _may_be_shown() -> bool:
    whose = _whose.sent()
    if whose is None:
        return False
    if for_anyone():
        return True
    token = request.environ.get(_TOKEN)
    return whose == _whose.present() and (token is None or _kept.is_ours(token, whose))


# --- logging in first -----------------------------------------------------------------------------------------------


def to_login() -> Response:
    """To log in; a form that was sent waits until that is done."""
    if request.method != "POST":
        return go(url_for("auth.login", next=request.full_path.rstrip("?") if request.method == "GET" else None))
    done = once.lead_if_done()
    if done is not None:
        return done
    page = came_from()
    if request.endpoint == "auth.logout":
        flash(_("U bent uitgelogd."), "ok")
        return go(url_for("auth.login"))
    whose = _whose.sent()
    if whose and _typed():
        _keep(whose, page)
        flash(_("U was uitgelogd. Log in; wat u invulde staat daarna weer klaar."), "warn")
    else:
        flash(_("U was uitgelogd, dus dit is niet gebeurd. Log in en doe het daarna nog eens."), "warn")
    return go(url_for("auth.login", next=page))


def to_confirmation() -> Response:
    """To say once more who one is; a form that was sent waits until that is done. Only of a page that was made for who
    asks, and not of nothing but secrets, which are not kept."""
    if request.method == "POST":
        token, whose = request.environ.get(_TOKEN), _whose.sent()
        if token is not None:  # it waits already
            return _freshness.to_confirmation(_where(token))
        if whose == _whose.present() and any(not is_secret(name) for name, _value in _typed()):
            return _freshness.to_confirmation(_keep(whose, came_from(), _kept.PASSWORD))
    return _freshness.to_confirmation()


def _where(token: str) -> str:
    query = request.query_string.decode("latin-1")
    return f"{request.path}?{query}{'&' if query else ''}{_kept.ASKED}={token}"


def _keep(whose: str, page: str, first: str = _kept.LOGIN) -> str:
    """Keep the form that was sent; the address where it waits."""
    kept = [(name, value) for name, value in request.form.items(multi=True) if not is_secret(name)]
    fields = [(name, value) for name, value in kept if name not in {"csrf_token", "ask", "confirmed"}]
    query = request.query_string.decode("latin-1")
    form = kept_forms.Kept(request.path, query, fields, page, _secrets_given())
    token = kept_forms.keep(deps().settings.credentials_keys, UUID(whose), form)
    _kept.remember(token, _where(token), whose, first)
    return _where(token)


class KeptForms:
    """Serves `?kept=…` as the form that was kept, sent once more without its token."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._served: Any = app.wsgi_app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] == "GET" and f"{_kept.ASKED}=" in query:
            pairs = parse_qsl(query, keep_blank_values=True)
            token = dict(pairs).get(_kept.ASKED)
            if token is not None:
                environ = self._as_sent(environ, token)
        answer: Iterable[bytes] = self._served(environ, start_response)
        return answer

    def _as_sent(self, environ: dict[str, Any], token: str) -> dict[str, Any]:
        try:
            with self._app.app_context():
                form = kept_forms.read(deps().settings.credentials_keys, token)
        except Exception as error:
            if why_unavailable(error) is None:
                raise
            return environ  # whoever serves it tells what is the matter
        if form is None or form.path != environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"):
            return environ | {"PATH_INFO": "/", "QUERY_STRING": ""}
        body = urlencode(form.fields).encode()
        page = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}{form.page}"
        left = {name: value for name, value in environ.items() if name not in {"HTTP_X_CSRFTOKEN", "HTTP_X_CSRF_TOKEN"}}
        return left | {
            "REQUEST_METHOD": "POST", "QUERY_STRING": form.query, "HTTP_REFERER": page, "HTTP_SEC_FETCH_SITE": "none",
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body), _TOKEN: token, _LEFT_OUT: form.left_out,
        }  # fmt: skip


# --- what cannot come back ------------------------------------------------------------------------------------------


def to_copy() -> str:
    """What whoever asks typed in the form they sent, as text: a row for each field, or for each line of a list. Only
    of a page that was made for them, without secrets, and without what no person reads. A form that waited for a login
    is told to support alone: its visit may be over, while a person of the company may have lost the right to read."""
    if request.method != "POST" or not current_user.is_authenticated or _whose.sent() != _whose.present():
        return ""
    if _TOKEN in request.environ and not current_user.person.is_support:
        return ""
    return as_text()


def as_text() -> str:
    """What was typed in the form that was sent, for `to_copy` and for who cannot ask whose it is (web/away.py): then
    only of a page that we made for somebody, as its form says."""
    if request.method != "POST" or not _whose.sent():
        return ""
    rows: dict[str, list[str]] = {}
    for name, value in _typed():
        if bare(value) and not is_secret(name) and not _UNREAD.fullmatch(value.strip()):
            line = _LINE.match(name)
            rows.setdefault(line[0] if line else name, []).append(bare(value))
    return "\n".join(" ".join(values) for values in rows.values())


# --- showing it again -----------------------------------------------------------------------------------------------


def _typed() -> list[tuple[str, str]]:
    return [pair for pair in request.form.items(multi=True) if pair[0] not in _NOT_TYPED]


def _secrets_given() -> bool:
    return any(value and is_secret(name) for name, value in request.form.items(multi=True))


def _show() -> Response:
    page = came_from()
    if for_anyone() and current_user.is_authenticated and _whose.sent() == _whose.NOBODY:
        return go(url_for("auth.home"))
    if _typed():
        shown = _by_its_view()
        _kept.was_shown(request.environ.get(_TOKEN, ""))
        if shown is not None:
            return shown
        if not for_anyone():
            return _as_it_came(page)
    flash(_("U was intussen uitgelogd, dus dit is nog niet gebeurd. Doe het hier nog eens."), "warn")
    return go(page)


def _by_its_view() -> Response | None:
    """The form as its own page shows it, or None when the view has none to show."""
    before, answer = dict(session), None
    _say_why()
    lose(_("Kijk het na en druk dan opnieuw."))
    ask_before_writing(db.session(), _refuse)
    try:
        answer = current_app.make_response(current_app.dispatch_request())
        if wants_fragment():  # a page shows by itself what is to be said
            answer.set_data(render_template("layouts/_flashes.html") + answer.get_data(as_text=True))
    except NotCarriedOut:
        pass
    finally:
        _forget_since(before)
    if answer is None or not was_shown() or answer.status_code not in {200, 422}:
        return None
    stands = of_coming_in() or f'action="{escape(request.path)}"' in answer.get_data(as_text=True)
    return answer if stands else None  # in what state its page is now, it may have no such form


def _say_why() -> None:
    text = _("U was intussen uitgelogd, dus dit is nog niet gebeurd. Wat u invulde staat er nog.")
    if _asked_password():
        text = _("We vroegen eerst uw wachtwoord, dus dit is nog niet gebeurd. Wat u invulde staat er nog.")
    if for_anyone():
        text = _("Deze pagina stond te lang open, dus er is nog niets gebeurd.")
    flash(text, "warn")
    if _secrets_given() or request.environ.get(_LEFT_OUT):
        flash(_("Wachtwoorden en codes bewaren we niet: vul die opnieuw in."), "warn")


def _asked_password() -> bool:
    """Whether the form waited for the password, and nobody was logged out."""
    return _kept.asked_first(request.environ.get(_TOKEN)) == _kept.PASSWORD


def _forget_since(before: dict[str, Any]) -> None:
    """What the view did to the session is not so, but for the token of the form that is shown."""
    for name in {*session, *before} - {"csrf_token"}:
        if name not in before:
            session.pop(name)
        elif session.get(name) != before[name]:
            session[name] = before[name]
    session.rotate = False  # type: ignore[attr-defined]


def _as_it_came(page: str) -> Response:
    """A form without a page of its own, with the button that sends it."""
    template = "errors/_lost_form.html" if wants_fragment() else "errors/lost_form.html"
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in once.BROUGHT]
    here = request.full_path.rstrip("?")
    path = urlsplit(page).path
    title = _("Dit is nog niet gebeurd") if _asked_password() else _("U was uitgelogd")
    page = page if path != request.path else ""
    text = render_template(template, fields=fields, action=here, page=page, title=title)
    return over_the_page(Response(text, 422))
