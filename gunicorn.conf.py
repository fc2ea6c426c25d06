"""How gunicorn serves the portal: `gunicorn 'app:create_app()'` reads this by itself.

WEB_CONCURRENCY says how many processes. The app is made once, before the processes part, so that they share what it
takes. create_app leaves no connection and no thread behind, for those cannot be shared.
"""

from __future__ import annotations

import gc
import os
from typing import Any

from services import heartbeat, telling

wsgi_app = "app:create_app()"
preload_app = True
worker_class = "web.whole_requests.WholeRequests"  # threads, none of which waits for who sends half a request
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 8
graceful_timeout = 30  # a press under way may take its 20 seconds
control_socket_disable = True
umask = 0o077  # gunicorn sets its own, and that is none (data_folder.py says why ours)


def pre_fork(server: Any, worker: Any) -> None:
    """What was made before is never collected: a collector that writes to it would copy it for each process."""
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """A process that serves gives signs of life and watches whether the worker does; its thread belongs to it alone."""
    watch, deps = telling.Watch(), worker.wsgi.extensions["crafter"]
    away = deps.settings.times.away
    heartbeat.keep_beating(heartbeat.PORTAL, worker.wsgi.app_context, away, lambda: watch.look(deps))


def worker_exit(server: Any, worker: Any) -> None:
    """What a process opened since is let go of at its end: a queue in a file then leaves nothing beside it."""
    gc.unfreeze()
