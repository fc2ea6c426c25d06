"""The help: questions by section, search, and a page per question."""

from __future__ import annotations

from flask import Response, abort, request

from blueprints._doors import door, present_actor, tenant_blueprint
from blueprints._hypermedia import answer
from blueprints.help import search
from blueprints.help.topics import BY_SLUG, OFTEN, SECTIONS, TOPICS, screen_for
from services.link import connection

blueprint = tenant_blueprint("help", __name__, "/help")


@blueprint.get("/")
@door("help:read")
def index() -> Response:
    """All questions, or the answers to what is sought (`q`)."""
    query = request.args.get("q", "").strip()[:100]
    return answer(
        "help/index.html",
        "help/_answers.html",
        query=query,
        found=search.find(query),
        often=[BY_SLUG[slug] for slug in OFTEN],
        sections=[(name, [topic for topic in TOPICS if topic.section == key]) for key, name in SECTIONS.items()],
    )


@blueprint.get("/<topic>")
@door("help:read")
def topic(topic: str) -> Response:
    """One question and its answer."""
    found = BY_SLUG.get(topic) or abort(404)
    return answer(
        "help/topic.html",
        "help/_topic.html",
        topic=found,
        body=search.body(found),
        screen=screen_for(found, present_actor(), connection.feature_on()),
        near=[other for other in TOPICS if other.section == found.section and other is not found],
    )
