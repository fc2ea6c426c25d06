"""Where the help stands for who asks: inside their tenant, else the open pages."""

from __future__ import annotations

from flask import g, url_for


def help_url(topic: str = "") -> str:
    """The address of one question by its slug, or of all of them."""
    inside = g.get("actor") is not None
    if topic:
        return url_for("help.topic" if inside else "open_help.topic_outside", topic=topic)
    return url_for("help.index" if inside else "open_help.index_outside")
