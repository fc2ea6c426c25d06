"""Following an invitation: somebody new chooses a name and a password, somebody known logs in and says yes."""

from __future__ import annotations

from flask import Response, flash, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from blueprints import _words
from blueprints._deeds import makes
from blueprints._doors import anyone
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints.auth._blueprint import begin, blueprint
from blueprints.auth.forms import JoinForm
from domain.permissions import ROLE_NAMES
from services.people import invitations


@blueprint.get("/invitation/<token>")
@anyone
def invited(token: str) -> str:
    """What one is invited to, and as what."""
    return _page(token, JoinForm())


@blueprint.post("/invitation/<token>")
@anyone
@makes("membership", at=".home")
def join(token: str) -> Response | tuple[str, int]:
    """Take the invitation: as the person who is logged in, or as somebody new."""
    form = JoinForm()
    found = _followed(token)
    with refusals_at(form):
        if found and found.known and current_user.is_authenticated:
            slug = invitations.accept(token, current_user.person.id)
            flash(_("U hoort nu bij %(name)s.", name=found.tenant_name), "ok")
            return go(url_for("start.show", tenant_slug=slug))
        if found and not found.known and form.validate():
            person, slug = invitations.accept_new(token, form.name.data, form.password.data, _words.language())
            begin(person)
            return go(url_for("start.show", tenant_slug=slug))
    return _page(token, form), 422


def _page(token: str, form: JoinForm) -> str:
    found = _followed(token)
    taken = None if found else invitations.taken(token)
    whose = found or taken
    mine = bool(whose and current_user.is_authenticated and current_user.person.email == whose.email)
    if taken:
        _words.hint(taken.language)
        return render_template("auth/invitation_taken.html", taken=taken, mine=mine)
    role = ROLE_NAMES[found.role] if found else ""
    return render_template("auth/invitation.html", form=form, found=found, mine=mine, role=role, token=token)


def _followed(token: str) -> invitations.Followed | None:
    """What the link leads to; the page then speaks the company's language, unless another was picked."""
    found = invitations.followed(token)
    if found:
        _words.hint(found.language)
    return found
