"""What the script asks about the forms it keeps in the browser (static/js/drafts.js)."""

from __future__ import annotations

from flask import Response, jsonify, request

from blueprints._doors import signed_in
from blueprints.account._blueprint import blueprint
from services import once

MOST = 40  # more than a browser keeps


@blueprint.get("/account/forms-done")
@signed_in
def forms_done() -> Response:
    """Which of the forms that were sent were carried out, as JSON: the address names each as `form=token path`, the
    answer gives the tokens. Nobody knows a token but who was given the form."""
    asked = [form.partition(" ") for form in request.args.getlist("form")[:MOST]]
    keys = {once.key_of(token, path): token for token, _, path in asked}
    return jsonify(done=sorted(keys[key] for key in once.done_among(keys)))
