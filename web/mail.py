"""Mail posted by a request goes out right after it, in a thread of its own: nobody waits for a mail server, and how
long an answer takes never tells whether something was sent. The worker's round takes what is left."""

from __future__ import annotations

import threading

from flask import Flask, Response

from services import mail
from services.company import tenants
from services.dependencies import Parts


def install(app: Flask) -> None:
    """Deliver after requests that posted something, when there is a mail server."""

    def deliver(parts: Parts) -> None:
        with app.app_context():
            try:
                mail.deliver(parts)
            except Exception:
                app.logger.exception("delivering mail failed; the worker tries again within a minute")
            finally:
                tenants.leave()

    @app.after_request
    def start(response: Response) -> Response:
        parts: Parts = app.extensions["crafter"]
        if parts.mailer is not None and mail.posted_lately():
            work = threading.Thread(target=deliver, args=[parts], name="mail", daemon=True)
            response.call_on_close(work.start)
        return response
