"""A node: the portal for gunicorn (`tests.cluster.node:portal(…)`), or `python -m tests.cluster.node …` for a worker.

DATABASE SOAP FOLDER REDIS, as the settings of a production would say it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from flask import Flask

from app import create_app
from jobs import __main__ as jobs
from settings import Settings
from tests.torture.stage import PATIENT, settings_for


def settings(database: str, soap: str, folder: str, redis: str) -> Settings:
    """What a node of the cluster is told: everything that is shared, and one proxy in front."""
    return replace(settings_for(database, soap, Path(folder), PATIENT), queue_url=redis, proxy_hops=1)


def portal(database: str, soap: str, folder: str, redis: str) -> Flask:
    """The whole app."""
    return create_app(settings(database, soap, folder, redis))


if __name__ == "__main__":
    jobs.main(settings(*sys.argv[1:]))
