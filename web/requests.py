"""What is known of a request, on every log line and in the metrics: its id, who asked, its end, its duration."""

from __future__ import annotations

import re
import time
from uuid import uuid4

from flask import Flask, Response, g, request, session

from oversight import logs, metrics

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = logs.get("crafter.web")


def install(app: Flask, behind_proxy: bool) -> None:
    """Register the hooks. First of all: its first hook begins before, and its last one ends after all others. Only a
    proxy of ours (`behind_proxy`) names a request."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        given = request.headers.get("X-Request-ID", "") if behind_proxy else ""
        g.request_id = given if _SAFE_ID.fullmatch(given) else uuid4().hex[:16]
        logs.clear()  # a server's thread serves one request after another
        logs.bind(request_id=g.request_id, person_id=session.get("_user_id"))

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        response.headers["X-Request-ID"] = request_id()
        # the rule and never the path: a path may hold a one-time token, and anything a visitor likes
        rule = request.url_rule.rule if request.url_rule else None
        metrics.request_done(request.endpoint or "none", response.status_code, seconds)
        _tell_refusal(rule, response.status_code)
        log.info(
            "request", method=request.method, endpoint=request.endpoint, rule=rule, status=response.status_code,
            ms=round(seconds * 1000, 1), address=request.remote_addr,
        )  # fmt: skip
        return response


def know_actor(app: Flask) -> None:
    """Bind the tenant once the doors have let somebody in. Registered right after them."""

    @app.before_request
    def bind() -> None:
        actor = g.get("actor")
        if actor is not None:
            logs.bind(tenant_id=actor.tenant_id, visit_id=actor.visit_id)


def _tell_refusal(rule: str | None, status: int) -> None:
    """A known address that was refused is worth a line of its own: a 403, or the 404 of somebody else's."""
    if status == 403 or (status == 404 and rule is not None):
        tenant = logs.one_line(g.get("tenant_slug") or "") or None
        log.warning("access.refused", status=status, rule=rule, method=request.method, tenant=tenant,
                    address=request.remote_addr)  # fmt: skip


def request_id() -> str:
    """The id of the request under way, to show on an error page."""
    known: str | None = g.get("request_id")
    if known is None:
        known = g.request_id = uuid4().hex[:16]
    return known
