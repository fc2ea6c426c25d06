"""What no list held is looked up by itself: by its exact number, and among the invoices of its relation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from domain import posting as states
from domain.differing import told
from domain.invoice import InvoiceDraft, difference_notes, differences
from domain.notes import note
from domain.outcome import Uncertain
from domain.permissions import Actor
from domain.reconciliation import Held, How, Kind
from gateways.bookkeeping import Credentials
from models import InvoicePosting, Reconciliation, ReconciliationFinding
from services.dependencies import Dependencies
from services.invoicing import missing, posting
from services.reconciliation import findings
from services.transaction import stop_reading
from tenancy.clock import database_now
from tenancy.database import db


@dataclass(frozen=True)
class Proof:
    """What looking one invoice up came to; nothing of it is written yet. `found` is None when it was not looked for: it
    is not posted any more."""

    finding_id: UUID
    posting_id: UUID
    draft: InvoiceDraft
    began: datetime
    replaced: bool
    found: missing.Search | None


def look_up(deps: Dependencies, actor: Actor, credentials: Credentials, finding_id: UUID) -> Proof:
    """Look up the invoice of a finding: two calls, or one when it is under its number. Raises BookkeepingError."""
    session = db.session()
    finding = session.get_one(ReconciliationFinding, (session.info["tenant_id"], finding_id))
    posting_id = finding.posting_id
    assert posting_id is not None  # to_look_up gives no other
    row = session.get_one(InvoicePosting, (session.info["tenant_id"], posting_id))
    draft, began, replaced = posting.thawed(deps, row), database_now(session), finding.kind == Kind.REPLACED
    found, administration = None, row.administration
    if row.state == states.POSTED:
        stop_reading()
        search = missing.search_elsewhere if replaced else missing.search
        found = search(deps, actor, credentials, administration, draft)
    return Proof(finding_id, posting_id, draft, began, replaced, found)


def write(session: Session, deps: Dependencies, actor: Actor, run: Reconciliation, proof: Proof) -> None:
    """Write what a look-up proved, inside the transaction that locked link and run."""
    row = posting.locked(session, proof.posting_id)
    finding = findings.current(session, [proof.posting_id]).get(proof.posting_id)
    if finding is None or finding.id != proof.finding_id:
        return
    # not before the run began, or it would be looked up again and again once the clock was set back
    now = max(database_now(session), run.started_at)
    finding.looked_up_at = now
    if row.state == states.GONE:
        findings.keep(session, run, findings.about(row), Held(Kind.MISSING), finding)
        return
    if row.state != states.POSTED or proof.found is None:
        findings.settle(session, finding, How.DECIDED, run.by)
        return
    after_window = states.window_is_over(row.lease_until, deps.settings.times.quiet_window, proof.began)
    held = _held(proof)
    if held is None and proof.replaced:
        if states.after_another(proof.found.elsewhere, after_window) == states.CONFLICT:
            differ = difference_notes([one.name for one in finding.differences if one.line == 0])
            posting.conclude(session, actor, row, states.CONFLICT, Uncertain(note("posting.differs", what=differ)))
        return
    missing.write_search(session, deps, actor, row, proof.began, proof.found)
    if held is None:
        held = Held(Kind.MISSING if row.state == states.GONE else Kind.UNSURE)
    run.missing += held.kind is Kind.MISSING
    run.unsure += held.kind is Kind.UNSURE
    run.changed += held.kind in {Kind.CHANGED, Kind.RENUMBERED}
    run.equal += held.kind is Kind.EQUAL
    if findings.keep(session, run, findings.about(row), held, finding) and held.kind is not Kind.EQUAL:
        session.flush()
        for one in findings.current(session, [row.id]).values():
            one.looked_up_at = now


def _held(proof: Proof) -> Held | None:
    """How it stands when it was found; None when it was not."""
    assert proof.found is not None
    theirs = proof.found.there or proof.found.moved
    if theirs is None:
        return None
    differs = told(proof.draft, theirs)
    if proof.found.there is None:
        return Held(Kind.RENUMBERED, theirs, differs)
    return Held(Kind.CHANGED if differences(proof.draft, theirs) else Kind.EQUAL, theirs, differs)
