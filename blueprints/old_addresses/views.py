"""The Dutch addresses of before, each with the route it went to: mails, bookmarks and open pages still name them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request, url_for

from blueprints._doors import anyone

blueprint = Blueprint("old_addresses", __name__)

# Old address: the route that is there now. Who keeps an old mail or a bookmark never says so: none is taken out.
OLD = {
    "/inloggen": "auth.login",
    "/inloggen/code": "auth.code",
    "/uitloggen": "auth.logout",
    "/welkom/<token>": "auth.welcome",
    "/wachtwoord-vergeten": "auth.forgotten",
    "/wachtwoord-nieuw/<token>": "auth.reset",
    "/uitnodiging/<token>": "auth.invited",
    "/bevestig": "account.confirm",
    "/account/wachtwoord": "account.password",
    "/account/sessies/<uuid:session_id>/uit": "account.end_session",
    "/account/sessies/andere-uit": "account.end_other_sessions",
    "/account/tweede-stap": "account.second_factor",
    "/account/tweede-stap/begin": "account.begin_second_factor",
    "/account/tweede-stap/instellen": "account.set_up_second_factor",
    "/account/tweede-stap/herstelcodes": "account.renew_recovery_codes",
    "/account/tweede-stap/uit": "account.switch_off_second_factor",
}


def _moved_to(endpoint: str) -> Callable[..., Response]:
    """A view that sends on for good; what was typed goes along (308), and so does what stood behind the question mark.
    It opens nothing: the door is the new address's."""

    @anyone
    def moved(**values: Any) -> Response:
        query = request.query_string.decode("latin-1")
        address = url_for(endpoint, **values) + (f"?{query}" if query else "")
        return make_response(redirect(address, 301 if request.method in {"GET", "HEAD"} else 308))

    return moved


for _number, (_old, _endpoint) in enumerate(OLD.items()):
    blueprint.add_url_rule(_old, f"moved_{_number}", _moved_to(_endpoint), methods=["GET", "POST"])
