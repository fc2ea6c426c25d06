"""The help: questions by section, search, and a page per question. Inside a tenant it links to the screens it speaks
of; outside it is open to everybody, for who cannot log in yet."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, request

from blueprints._doors import anyone, door, tenant_blueprint
from blueprints._hypermedia import answer
from blueprints.help import search
from blueprints.help.topics import BY_SLUG, OFTEN, SECTIONS, TOPICS, screen_for
from services.link import connection

blueprint = tenant_blueprint("help", __name__, "/help")
outside = Blueprint("open_help", __name__, url_prefix="/help")


@blueprint.get("/")
@door("help:read")
def index() -> Response:
    """All questions, or the answers to what is sought (`q`)."""
    return _questions()


@blueprint.get("/<topic>")
@door("help:read")
def topic(topic: str) -> Response:
    """One question and its answer."""
    return _question(topic)


@outside.get("/")
@anyone
def index_outside() -> Response:
    """The same, for somebody who is not logged in."""
    return _questions()


@outside.get("/<topic>")
@anyone
def topic_outside(topic: str) -> Response:
    """The same, for somebody who is not logged in."""
    return _question(topic)


def _questions() -> Response:
    query = request.args.get("q", "").strip()[:100]
    return answer(
        "help/index.html",
        "help/_answers.html",
        query=query,
        found=search.find(query),
        often=[BY_SLUG[slug] for slug in OFTEN],
        sections=[(name, [topic for topic in TOPICS if topic.section == key]) for key, name in SECTIONS.items()],
    )


def _question(slug: str) -> Response:
    found, actor = BY_SLUG.get(slug) or abort(404), g.get("actor")
    return answer(
        "help/topic.html",
        "help/_topic.html",
        topic=found,
        body=search.body(found),
        screen=screen_for(found, actor, connection.feature_on()) if actor else None,
        near=[other for other in TOPICS if other.section == found.section and other is not found],
    )
