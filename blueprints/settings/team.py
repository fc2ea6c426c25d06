"""Team: members, invitations, roles and what each may. Changing anything asks the password again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from blueprints._deeds import does, edits, makes
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor
from blueprints._forms import HouseForm
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints._validators import at_most, follows
from blueprints._words import say
from blueprints.settings._blueprint import blueprint
from blueprints.settings.workers import to_what_is_left
from domain import email_address
from domain.message import Refusal
from domain.permissions import ALL_PERMISSIONS, GRANTED, PERMISSION_NAMES, ROLE_NAMES
from services.company import workers
from services.people import invitations
from services.people import team as people
from services.people.team import Member


class RoleForm(HouseForm):
    """What somebody is."""

    role = SelectField(_l("Rol"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [(role, say(name)) for role, name in ROLE_NAMES.items()]


class InviteForm(RoleForm):
    """Who is invited."""

    email = StringField(
        _l("E-mailadres"),
        [InputRequired(_l("Vul een e-mailadres in.")), at_most(150), follows(email_address.of_person)],
    )


@blueprint.get("/team")
@door("team:read")
def team() -> str:
    """Members, pending invitations, and who may do what."""
    actor = present_actor()
    rights = [
        (say(PERMISSION_NAMES[word]), [(say(ROLE_NAMES[role]), word in GRANTED[role]) for role in ROLE_NAMES])
        for word in PERMISSION_NAMES
        if word in ALL_PERMISSIONS
    ]
    asked = any(one.tenant_id == actor.tenant_id and one.factor_for_all for one in current_user.person.belongings)
    return render_template(
        "settings/team.html", members=people.members(actor), pending=invitations.list_(actor),
        rights=rights, form=HouseForm(), factor_for_all=asked,
    )  # fmt: skip


@blueprint.post("/team/second-factor")
@door("team:write", fresh=True)
@does(at=".team")
def ask_second_factor() -> Response:
    """Ask the second step of everybody, or no longer."""
    wanted = request.form.get("wanted") == "yes"
    if people.ask_factor_of_all(present_actor(), wanted):
        said = _("Wie nog geen tweede stap heeft, stelt hem nu eerst in."), _("De tweede stap is weer eigen keus.")
        flash(said[0] if wanted else said[1], "ok")
    return go(url_for("settings.team"))


@blueprint.get("/team/invite")
@door("team:write", fresh=True)
def invite_form() -> str:
    """Who shall join?"""
    return render_template("settings/invite.html", form=InviteForm(role="worker"))


@blueprint.post("/team/invite")
@door("team:write", fresh=True)
@makes("token", at=".team")
def invite() -> Response | tuple[str, int]:
    """Send an invitation."""
    form = InviteForm()
    if form.validate():
        with refusals_at(form):
            invitations.invite(deps(), present_actor(), form.email.data, form.role.data)
            flash(_("De uitnodiging aan %(email)s is verstuurd.", email=form.email.data.strip()), "ok")
            return go(url_for("settings.team"))
    return render_template("settings/invite.html", form=form), 422


@blueprint.post("/team/invitations/<uuid:invitation_id>/resend")
@door("team:write", fresh=True)
@does(at=".team")
def resend_invitation(invitation_id: UUID) -> Response:
    """Send it again, under a new link."""
    try:
        email = invitations.resend(deps(), present_actor(), invitation_id)
    except LookupError:
        abort(404)
    except Refusal as refusal:
        flash(say(refusal.message), "warn")
        return go(url_for("settings.team"))
    flash(_("De uitnodiging aan %(email)s is opnieuw verstuurd. De vorige link werkt niet meer.", email=email), "ok")
    return go(url_for("settings.team"))


@blueprint.post("/team/invitations/<uuid:invitation_id>/withdraw")
@door("team:write", fresh=True)
@does(at=".team")
def withdraw_invitation(invitation_id: UUID) -> Response:
    """Take it back."""
    try:
        email = invitations.withdraw(present_actor(), invitation_id)
    except LookupError:
        abort(404)
    flash(_("De uitnodiging aan %(email)s is ingetrokken.", email=email), "ok")
    return go(url_for("settings.team"))


@blueprint.get("/team/<uuid:person_id>")
@door("team:write", fresh=True)
def edit_member(person_id: UUID) -> str:
    """The role of one member, and the way out."""
    found = _found(person_id)
    return render_template(
        "settings/member.html", form=RoleForm(role=found.role).on({"role": found.role}), member=found
    )


@blueprint.post("/team/<uuid:person_id>")
@door("team:write", fresh=True)
@edits("membership", at=".team")
def update_member(person_id: UUID) -> Response | tuple[str, int]:
    """Give one member another role."""
    found, form = _found(person_id), RoleForm()
    if form.validate():
        with refusals_at(form):
            changed = people.change_role(present_actor(), person_id, form.role.data, form.opened)
            role = say(ROLE_NAMES[form.role.data])
            text = _("%(name)s is nu %(role)s.", name=found.name, role=role) if changed else _("Er is niets gewijzigd.")
            flash(text, "ok")
            return go(url_for("settings.team" if person_id != present_actor().person_id else "start.show"))
    return render_template("settings/member.html", form=form, member=found), 422


@blueprint.get("/team/<uuid:person_id>/remove")
@door("team:write", fresh=True)
def remove_member_form(person_id: UUID) -> str:
    """What removing does, before it is done."""
    return render_template("settings/member_remove.html", form=HouseForm(), member=_found(person_id))


@blueprint.post("/team/<uuid:person_id>/remove")
@door("team:write", fresh=True)
@does(at=".team")
def remove_member(person_id: UUID) -> Response | tuple[str, int]:
    """Take somebody out of the team."""
    found, form = _found(person_id), HouseForm()
    with refusals_at(form):
        worker_id = workers.of_person(person_id)
        name = people.remove(present_actor(), person_id)
        if person_id == present_actor().person_id:
            return go(url_for("auth.home"))
        flash(_("%(name)s hoort niet meer bij het team en is overal uitgelogd.", name=name), "ok")
        return (to_what_is_left(worker_id) if worker_id else None) or go(url_for("settings.team"))
    return render_template("settings/member_remove.html", form=form, member=found), 422


def _found(person_id: UUID) -> Member:
    try:
        return people.member(present_actor(), person_id)
    except LookupError:
        abort(404)
