"""Security headers on every answer, and a wall against requests that another site sends in our users' name."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from blueprints._hypermedia import vary

CDN = "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js"
POLICY = (
    f"default-src 'self'; script-src 'self' {CDN}; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # Flask-WTF checks the Referer over https, so it may not be left out
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
HSTS = "max-age=31536000; includeSubDomains"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask, https: bool) -> None:
    """Register both; `https` when the portal is reached that way. Comes before CSRFProtect, so that a foreign request
    is told what it is."""

    @app.before_request
    def refuse_foreign_sites() -> None:
        # The browser itself says where a request comes from; a page cannot forge it. Absent (an old browser, a
        # script) the CSRF token decides alone; "none" is the user's own doing, such as a bookmark.
        if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
            abort(403, "foreign_site")

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        if https or request.is_secure:
            response.headers["Strict-Transport-Security"] = HSTS
        if response.mimetype == "text/html":
            response.headers["Cache-Control"] = "no-store"
            vary(response)
        elif not (request.endpoint or "").endswith("static"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
