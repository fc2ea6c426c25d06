"""Mail posted by a request goes out right after it, in a thread of its own: nobody waits for a mail server, and how
long an answer takes never tells whether something was sent. The worker's round takes what is left."""

from __future__ import annotations

import threading

from flask import Flask, Response

from services import mail
from services.company import tenants
from services.dependencies import Dependencies


def install(app: Flask) -> None:
    """Deliver after requests that posted something, when there is a mail server."""

    def deliver(deps: Dependencies) -> None:
        with app.app_context():
            try:
                mail.deliver(deps)
            except Exception:
                app.logger.exception("delivering mail failed; the worker tries again within a minute")
            finally:
                tenants.leave()

    @app.after_request
    def start(response: Response) -> Response:
        deps: Dependencies = app.extensions["crafter"]
        if deps.mailer is not None and mail.posted_lately():
            work = threading.Thread(target=deliver, args=[deps], name="mail", daemon=True)
            response.call_on_close(work.start)
        return response
