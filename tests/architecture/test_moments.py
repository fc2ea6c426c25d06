"""A moment that was kept is held against now in one place (domain/moments.py), for the clock may have been set back.

Each comparison elsewhere is named here with the reason why a clock that was set back does no harm there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tenancy.database import Base, Moment

ROOT = Path(__file__).parents[2]
OURS = ("web", "blueprints", "jobs", "demo", "services", "oversight", "gateways", "models", "tenancy", "domain")
RULE = {"domain/moments.py", "tenancy/clock.py"}
TOO_COMMON = {"after", "at", "since", "through"}  # as a name of its own; as a column they count
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)

_THROWN_AWAY = "thrown away later, which harms nobody"
_LETTER = "told in a letter a day later"
_SHOWN = "only shown, and by the day"
_SEALS = "entries among themselves; docs/architecture.md says what a clock that was set back does to a seal"
DECIDED = {
    "services/link/kept_codes.py": {
        "InvoicePosting.settled_at > since": "one of a clock that ran ahead is read back all the same, which ends it",
    },
    "services/catalogue/elsewhere.py": {
        "last.started_at >= seen_at": "which of two moments is later; else nobody is taken by itself until read again"
    },
    "services/link/moved_codes.py": {"InvoicePosting.sent_at > read": "with is_ahead"},
    "services/due_work.py": {
        "DueWork.due_at <= now": "with written_after: a row of before is due",
        "again <= present.due_at": "which of two moments is earlier",
    },
    "models/due.py": {"DueWork.due_at <= query.excluded.due_at": "which of two moments is earlier"},
    "services/heartbeat.py": {
        "Heartbeat.beat_at <= now + within": "the rule of is_recent, of rows",
        "Heartbeat.beat_at < database_now(db.session()) - KEPT": _THROWN_AWAY,
    },
    "services/link/merging.py": {
        "row.synced_at <= since": "with is_ahead",
    },
    "services/mail.py": {"Mail.created_at < old": _THROWN_AWAY},
    "services/orders/attention.py": {
        "func.coalesce(WorkOrder.approved_at, WorkOrder.changed_at) <= before": _LETTER,
        "func.coalesce(InvoicePosting.settled_at, InvoicePosting.created_at) <= before": _LETTER,
        "item.since <= before": _LETTER,
    },
    "services/orders/daily_letter.py": {
        "link.broken_at <= before": "told in a letter a day later; at once in one of its own",
    },
    "services/orders/start.py": {"InvoicePosting.settled_at >= monday": _SHOWN},
    "services/people/authentication.py": {
        "Token.expires_at < datetime.now(UTC) - timedelta(days=30)": _THROWN_AWAY,
    },
    "services/people/invitations.py": {"row.expires_at <= now": "only shown; valid_token decides"},
    "services/people/login_sessions.py": {
        "seen_at < now - TOUCH_EVERY": "written later; is_recent decides who is in",
        "LoginSession.seen_at < now - TOUCH_EVERY": "written later; is_recent decides who is in",
        "LoginSession.seen_at < now - times.session_idle": _THROWN_AWAY,
        "LoginSession.created_at < now - times.session_absolute": _THROWN_AWAY,
        "LoginSession.seen_at < now - ANONYMOUS_LIFE": _THROWN_AWAY,
    },
    "services/people/throttle.py": {"Throttle.last_at < database_now(db.session()) - KEEP": _THROWN_AWAY},
    "services/purging.py": {
        "FormDone.created_at < now - once.KEPT": _THROWN_AWAY,
        "KeptForm.created_at < now - KEPT_OVER_A_LOGIN": _THROWN_AWAY,
    },
    "services/reconciliation/findings.py": {
        "found.looked_up_at < run.started_at": "looked up is never before the run began (proving.write)",
    },
    "services/reconciliation/payments.py": {
        "InvoicePosting.settled_at >= at - _A_LITTLE_BEFORE": "one too few is asked for along; the night asks for all",
    },
    "services/support/access.py": {"SupportVisit.ends_at > now": "one too many is asked whether it is covered"},
    "services/support/visits.py": {
        "SupportVisit.started_at > now - timedelta(days=1)": "a reason of before asks for another one",
        "row.ends_at <= now": "with is_ahead",
        "SupportVisit.ends_at <= now": "with the rule of is_ahead, of rows",
        "SupportVisit.started_at > now + moments.CLOCKS_DIFFER": "the rule of is_ahead, of rows",
    },
    "services/telling.py": {"Notice.since < database_now(db.session()) - KEPT": _THROWN_AWAY},
    "services/trail/history.py": {
        "AuditEntry.at >= midnight(wanted.since)": _SHOWN,
        "AuditEntry.at < midnight(wanted.through + timedelta(days=1))": _SHOWN,
    },
    "services/trail/seals.py": {
        "AuditEntry.at > last.through": _SEALS,
        "AuditEntry.at > previous.through": _SEALS,
        "AuditEntry.at > row.after": _SEALS,
        "AuditEntry.at <= until": _SEALS,
        "AuditEntry.at <= row.through": _SEALS,
        "AuditEntry.at <= found[-1].at": _SEALS,
    },
    "domain/customer.py": {
        "seen_at >= now - within": "with is_ahead",
        "sent_at > one": "with is_ahead",
        "seen_at >= since": "with is_ahead",
        "asked_at >= (seen_at or asked_at)": "which of two moments is later; the press asks anew",
    },
    "domain/posting.py": {"now > lease_until + quiet_window": "of a lease that is counted (lease_counted)"},
    # moments of this process that no row keeps, by a clock that is never set back
    "gateways/eboekhouden/guards.py": {"one.recent[0].at <= now - self._within": "monotonic"},
    "gateways/eboekhouden/sessions.py": {"time.monotonic() - slot.used_at > _IDLE_SECONDS": "monotonic"},
}


def compared() -> Iterator[tuple[str, str]]:
    """Every comparison by order that names a moment of a table: file and words."""
    columns = {column.key for table in Base.metadata.tables.values() for column in table.columns
               if isinstance(column.type, Moment)}  # fmt: skip
    for folder in OURS:
        for path in (ROOT / folder).rglob("*.py"):
            short = str(path.relative_to(ROOT))
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Compare) or not any(isinstance(op, ORDER) for op in node.ops):
                    continue
                within = list(ast.walk(node))
                named = {one.attr for one in within if isinstance(one, ast.Attribute)}
                named |= {one.id for one in within if isinstance(one, ast.Name)} - TOO_COMMON
                if named & columns and short not in RULE:
                    yield short, ast.unparse(node)


def test_a_moment_that_was_kept_is_held_against_now_by_the_rule_or_for_a_reason() -> None:
    found = set(compared())
    decided = {(file, words) for file, each in DECIDED.items() for words in each}
    new = sorted(found - decided)
    assert new == [], "use domain/moments.py, for the clock may have been set back; or say here why that does no harm"
    assert sorted(decided - found) == [], "these comparisons are not there any more"
