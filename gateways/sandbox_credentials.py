"""The play bookkeeping's credentials, for the practice panel of a demo. Fails quietly to nothing."""

from __future__ import annotations

from dataclasses import dataclass

import requests

_SECONDS = 2.0


@dataclass(frozen=True)
class PlayAdministration:
    """One administration of the play bookkeeping, with the credentials that open it. Not secret: it is play."""

    name: str
    company: str
    username: str
    code1: str
    code2: str


def fetch(control_url: str) -> tuple[PlayAdministration, ...]:
    """All administrations of the play bookkeeping; none when it does not answer well within two seconds."""
    with requests.Session() as session:
        session.trust_env = False  # loopback only; a proxy from the environment has no business here
        try:
            answer = session.get(f"{control_url}/control/administrations", timeout=_SECONDS, allow_redirects=False)
            answer.raise_for_status()
            return tuple(
                PlayAdministration(*(str(row[key]) for key in ("name", "company", "username", "code1", "code2")))
                for row in answer.json()
            )
        except (requests.RequestException, ValueError, TypeError, KeyError):
            return ()
