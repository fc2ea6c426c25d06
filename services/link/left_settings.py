"""What was chosen for one administration waits while another is linked: template, payment term and what a kind of line
carries. In another one they are asked again, and back in the first they hold again."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Administration, Connection, LineDefault


def put_away(session: Session, link: Connection, row: Administration) -> None:
    """Remember the settings in the row of the administration that a locked link is about to leave, when they were
    chosen for that one."""
    if link.settings_of != row.number:
        return
    lines = {one.kind: [one.code, one.ledger_code, one.vat_code] for one in session.scalars(select(LineDefault))}
    row.settings = json.dumps({"template": link.template, "term_days": link.term_days, "lines": lines})


def bring_back(session: Session, link: Connection, row: Administration) -> None:
    """Let the settings hold again that were put away in the row of the administration where a locked link arrives.
    Where there are none, what holds now waits for somebody to look at it."""
    if not row.settings:
        return
    kept: dict[str, Any] = json.loads(row.settings)
    link.template, link.term_days, link.settings_of = kept["template"], kept["term_days"], row.number
    for one in session.scalars(select(LineDefault)):
        if one.kind in kept["lines"]:
            one.code, one.ledger_code, one.vat_code = kept["lines"][one.kind]
    row.settings = ""
