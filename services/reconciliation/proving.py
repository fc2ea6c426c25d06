"""What no list held is looked up by itself: by its exact number, and among the invoices of its relation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from domain import posting as states
from domain.differing import told
from domain.invoice import DIFFERENCE_NAMES, InvoiceDraft, difference_notes
from domain.notes import note
from domain.outcome import Uncertain
from domain.permissions import Actor
from domain.reconciliation import Held, How, Kind, elsewhere, is_another
from gateways.bookkeeping import Credentials
from models import InvoicePosting, Reconciliation, ReconciliationFinding
from services.dependencies import Dependencies
from services.invoicing import missing, posting
from services.reconciliation import findings, holding
from services.transaction import stop_reading
from tenancy.clock import database_now
from tenancy.database import db


@dataclass(frozen=True)
class Proof:
    """What looking one invoice up came to; nothing of it is written yet. `found` is None when it was not looked for: it
    is not posted any more. `another`: what stands under its number and is none of ours, with what differs."""

    finding_id: UUID
    posting_id: UUID
    draft: InvoiceDraft
    began: datetime
    found: missing.Search | None = None
    another: Held | None = None


def look_up(deps: Dependencies, actor: Actor, credentials: Credentials, finding_id: UUID) -> Proof:
    """Look up the invoice of a finding: two calls as a rule, or one when it is under its number. Raises
    BookkeepingError."""
    session = db.session()
    finding = session.get_one(ReconciliationFinding, (session.info["tenant_id"], finding_id))
    posting_id = finding.posting_id
    assert posting_id is not None  # to_look_up gives no other
    row = session.get_one(InvoicePosting, (session.info["tenant_id"], posting_id))
    draft, began, administration = posting.thawed(deps, row), database_now(session), row.administration
    perhaps = next((str(one.theirs) for one in finding.differences if one.name == "number" and one.theirs), "")
    if row.state != states.POSTED:
        return Proof(finding_id, posting_id, draft, began)
    stop_reading()
    found = missing.search(deps, actor, credentials, administration, draft)
    another = None
    if found.there is not None and is_another(draft, found.there):
        another = Held(Kind.REPLACED, found.there, told(draft, found.there))
        found = missing.search_elsewhere(deps, actor, credentials, administration, draft)
    if perhaps and found.there is None and found.moved is None:
        seen = deps.bookkeeping.find_invoice(credentials, perhaps)
        found = missing.Search(None, elsewhere(draft, [seen] if seen else ()), found.proves)
    return Proof(finding_id, posting_id, draft, began, found, another)


def write(session: Session, deps: Dependencies, actor: Actor, run: Reconciliation, proof: Proof) -> None:
    """Write what a look-up proved, inside the transaction that locked link and run."""
    row = posting.locked(session, proof.posting_id)
    finding = findings.current(session, [proof.posting_id]).get(proof.posting_id)
    if finding is None or finding.id != proof.finding_id:
        return
    if row.state == states.GONE:
        held = Held(Kind.MISSING)
    elif row.state != states.POSTED or proof.found is None:
        findings.settle(session, finding, How.DECIDED, run.by)
        return
    else:
        held = _proved(session, deps, actor, row, proof, proof.found)
        if finding.kind in {Kind.SUSPECTED, Kind.UNSURE} and finding.run_id == run.id:
            holding.count_where_it_was(session, run, row, held)
    run.missing += held.kind is Kind.MISSING
    run.unsure += held.kind is Kind.UNSURE
    run.changed += held.kind in {Kind.CHANGED, Kind.RENUMBERED, Kind.REPLACED}
    run.equal += held.kind is Kind.EQUAL
    findings.keep(session, run, findings.about(row), held, finding)
    session.flush()
    for one in findings.current(session, [row.id]).values():
        # not before the run began, or it would be looked up again and again once the clock was set back
        one.looked_up_at = max(database_now(session), run.started_at)


def _proved(
    session: Session, deps: Dependencies, actor: Actor, row: InvoicePosting, proof: Proof, found: missing.Search
) -> Held:
    """How a posted invoice stands that was looked up, after its posting was told."""
    if proof.another is not None and found.moved is None:
        after_window = states.window_is_over(row.lease_until, deps.settings.times.quiet_window, proof.began)
        if states.after_another(found.elsewhere, after_window) != states.CONFLICT:
            return Held(Kind.UNSURE, proof.another.theirs, proof.another.differs)
        names = list(dict.fromkeys(one.name for one in proof.another.differs if one.name in DIFFERENCE_NAMES))
        why = note("posting.differs", what=difference_notes(names))
        posting.conclude(session, actor, row, states.CONFLICT, Uncertain(why))
        return proof.another
    missing.write_search(session, deps, actor, row, proof.began, found)
    theirs = found.there or found.moved
    if theirs is None:
        return Held(Kind.MISSING if row.state == states.GONE else Kind.UNSURE)
    differs = told(proof.draft, theirs)
    if found.there is None:
        return Held(Kind.RENUMBERED, theirs, differs)
    return Held(Kind.CHANGED if differs else Kind.EQUAL, theirs, differs)
