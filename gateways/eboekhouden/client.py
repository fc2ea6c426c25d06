"""The bookkeeping port over e-Boekhouden's SOAP interface: each operation in our words, each answer with its proof."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from domain.invoice import InvoiceDraft, RemoteInvoice, differences
from domain.limits import Limits
from domain.notes import note
from domain.outcome import NotSent, Observed, Outcome, Problem, classify
from domain.relation import RelationDetails
from gateways.bookkeeping import (
    ArticleRows,
    BookkeepingError,
    CallsToday,
    Credentials,
    CredentialsRefused,
    Declined,
    Explanation,
    GoOn,
    LedgerAccount,
    Overtaken,
    RelationRows,
    RemoteArticle,
    RemoteRelation,
    Unfit,
    Unreachable,
    to_the_end,
)
from gateways.eboekhouden import codes, explanations, limits, mapping
from gateways.eboekhouden.answers import Known, Result, Rows, children, own, read_done, read_result, read_rows
from gateways.eboekhouden.guards import Breakers, Budget, Places
from gateways.eboekhouden.narrowing import Narrowing, Part, Search, Wanted
from gateways.eboekhouden.records import invoices_with, known, mapped, with_code
from gateways.eboekhouden.sessions import Sessions
from gateways.eboekhouden.transport import MIB, Call
from gateways.eboekhouden.wire import UNWRITABLE, Wire
from gateways.shared_counts import DayCounts, SharedCounts
from tenancy.clock import AMSTERDAM

_SOURCE = "Crafter"
LIST_CAP = 64 * MIB
_PATIENCE = 0.5
_CLOSING_SECONDS = 3.0
_NARROWING = Narrowing()

A = TypeVar("A", Result, Rows)


@dataclass(frozen=True)
class Times:
    """Seconds: to connect, and in total for an AddFactuur, another call, and a list."""

    connect: float = 3.0
    post: float = 20.0
    read: float = 10.0
    lists: float = 60.0


class EBoekhouden:
    """`gateways.bookkeeping.Bookkeeping` for e-Boekhouden.nl; one per process serves all tenants and threads.

    `before_call` is called before every round trip and may raise; at most `max_calls` threads are busy with it at
    once, at most `max_calls_each` for one administration, each waiting at most `patience` seconds for its turn; with
    `shared` at most `calls_together` of all nodes for one administration; `calls_a_day`, counted with `counts`, of
    which the last `calls_kept` are for invoices and at most `searching_a_day` for the rest of long lists; `listener`
    hears every answer as it came, `reached` each moment of each round trip, `asked` each that ended (wire.Wire), `sent`
    the kind of Outcome of each invoice.
    Raises ValueError when the endpoint is not https (plain http is for loopback only).
    """

    def __init__(
        self,
        endpoint: str,
        *,
        times: Times = Times(),
        before_call: Callable[[], None] = lambda: None,
        max_calls: int = 4,
        max_calls_each: int = 2,
        patience: float = _PATIENCE,
        shared: SharedCounts | None = None,
        counts: DayCounts | None = None,
        calls_together: int = 2,
        calls_a_day: int = 9000,
        calls_kept: int = 1000,
        searching_a_day: int = 2000,
        breakers: Breakers | None = None,
        narrowing: Narrowing = _NARROWING,
        listener: Callable[[str, bytes], None] = lambda operation, content: None,
        reached: Callable[[str], None] = lambda moment: None,
        asked: Callable[[str, str, float], None] = lambda operation, outcome, seconds: None,
        sent: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        _refuse_unsafe(endpoint)
        self._times = times
        self.narrowing = narrowing
        places = Places(max_calls, max_calls_each, patience, shared, calls_together)
        self._budget = Budget(calls_a_day, calls_kept, counts or shared, searching=searching_a_day)
        guards = places, breakers or Breakers(), self._budget
        self._wire = Wire(endpoint, times.connect, *guards, before_call, listener, reached, asked)
        self._sent = sent
        self._sessions = Sessions(self._open_session, patience=times.connect + times.read + _PATIENCE)

    @property
    def limits(self) -> Limits:
        """What they take and give at most."""
        return replace(limits.ALL, rows=self.narrowing.cap)

    def ready(self, credentials: Credentials) -> None:
        """See to it that a live session is at hand; at most one round trip."""
        with self._wire.place(credentials.tenant_id, "OpenSession"):
            self._sessions.get(credentials)

    def administration(self, credentials: Credentials) -> str:
        """The name of the administration, or an empty text where it is not given."""
        found = self._list(credentials, "GetAdministraties", "cAdministratie").rows
        wanted = credentials.code2.reveal().upper()
        own_rows = [row for row in found if row.get("Guid", "").strip("{}").upper() == wanted]
        rows = own_rows or (found if len(found) == 1 else ())
        return rows[0].get("Bedrijf", "") if rows else ""

    def relations(self, credentials: Credentials, go_on: GoOn = to_the_end) -> RelationRows:
        """All relations; where their answer is cut off, the rest is searched for."""
        seen: dict[int, RemoteRelation] = {}
        ask = partial(self._relations, credentials, seen)
        exact = lambda code: ask(code=code)  # noqa: E731
        found = Search(ask, exact, _WANTED_OF_A_RELATION, self.narrowing, go_on=go_on, seen=seen).all()
        return RelationRows(found.rows, found.complete, found.calls, found.stopped, found.odd)

    def relation(self, credentials: Credentials, code: str) -> RemoteRelation | None:
        """The relation with exactly this code, or None."""
        code = code.strip()
        limits.check(("code", "code", code, 15))
        return with_code(self._relations(credentials, {}, code=code), code) if code else None

    def add_relation(self, credentials: Credentials, relation: RelationDetails) -> int:
        """Make a relation; its id over there. Raises Unfit before anything is sent, and Declined for a used code."""
        ours = mapping.relation_out(self._wire.make, relation, datetime.now(AMSTERDAM).date())
        result = self._one(credentials, "AddRelatie", oRel=ours)
        remote_id = result.value("Rel_ID")
        if not remote_id.isdecimal() or int(remote_id) == 0:
            raise Unreachable(note("call.no_id", operation="AddRelatie"))
        return int(remote_id)

    def update_relation(
        self,
        credentials: Credentials,
        remote_id: int,
        changes: Mapping[str, str | bool],
        was: Mapping[str, str | bool] | None = None,
    ) -> None:
        """Change these fields of a relation: the record is read, changed and written back whole; see the port."""
        mapping.check_changes(changes)
        wanted = mapping.relation_filter(self._wire.make, remote_id=remote_id)
        try:
            found = self._one(credentials, "GetRelaties", cFilter=wanted).element
        except Unreachable as unreachable:  # the change itself has not left
            raise Unreachable(unreachable.why, may_have_arrived=False) from None
        for record in found.iterfind(f"{own('Relaties')}/{own('cRelatie')}"):
            if (record.findtext(own("ID")) or "").strip() == str(remote_id):
                there = mapping.relation_in(children(record))  # its ID is a number: it was compared
                expected = {name: (was[name], value) for name, value in changes.items()} if was is not None else {}
                moved = tuple(n for n, either in expected.items() if getattr(there, n) not in ("", *either))
                if moved:
                    raise Overtaken(moved, there)
                whole = mapping.changed_relation(self._wire.make, record, changes)
                self._one(credentials, "UpdateRelatie", read_done, oRel=whole)
                return
        raise Declined(note("call.relation_gone"))

    def _relations(
        self, credentials: Credentials, seen: Mapping[int, RemoteRelation], word: str = "", code: str = ""
    ) -> Part[RemoteRelation]:
        if word:
            self._budget.search(credentials.tenant_id)
        wanted = mapping.relation_filter(self._wire.make, word, code)
        rows = self._list(credentials, "GetRelaties", "cRelatie", wanted, known(seen, "ID"))
        return mapped(rows, mapping.relation_in, seen=seen)

    def articles(self, credentials: Credentials, go_on: GoOn = to_the_end) -> ArticleRows:
        """All articles; where their answer is cut off, the rest is searched for."""
        seen: dict[int, RemoteArticle] = {}
        ask = partial(self._articles, credentials, seen)
        found = Search(ask, None, _WANTED_OF_AN_ARTICLE, self.narrowing, go_on=go_on, seen=seen).all()
        return ArticleRows(found.rows, found.complete, found.calls, found.stopped, found.odd)

    def article(self, credentials: Credentials, code: str) -> RemoteArticle | None:
        """The article with exactly this code, or None."""
        code = code.strip()
        limits.check(("code", "code", code, 20))
        return with_code(self._articles(credentials, {}, code=code), code) if code else None

    def _articles(
        self, credentials: Credentials, seen: Mapping[int, RemoteArticle], word: str = "", code: str = ""
    ) -> Part[RemoteArticle]:
        if word:
            self._budget.search(credentials.tenant_id)
        wanted = mapping.article_filter(self._wire.make, word, code)
        rows = self._list(credentials, "GetArtikelen", "cArtikel", wanted, known(seen, "ArtikelID"))
        return mapped(rows, mapping.article_in, mapping.former_vat, seen)

    def ledger_accounts(self, credentials: Credentials) -> Sequence[LedgerAccount]:
        """All ledger accounts."""
        wanted = mapping.ledger_filter(self._wire.make)
        rows = self._list(credentials, "GetGrootboekrekeningen", "cGrootboekrekening", wanted)
        return mapped(rows, mapping.ledger_in).rows

    def find_invoice(
        self, credentials: Credentials, number: str, ours: InvoiceDraft | None = None
    ) -> RemoteInvoice | None:
        """The invoice under exactly this number, or None; of several the one that is `ours`, else the first."""
        limits.check(("number", "factuurnummer", number, 50))
        result = self._one(credentials, "GetFacturen", cFilter=mapping.invoice_filter(self._wire.make, number))
        found = list(invoices_with(result, "Factuurnummer", number))
        equal = [one for one in found if ours is not None and not differences(ours, one)]
        return next(iter(equal or found), None)

    def post_invoice(self, credentials: Credentials, draft: InvoiceDraft, start_by: float) -> Outcome:
        """Send one invoice, once; see the port. A refused session (E002.*) is a certain no: repeated once."""
        outcome = self._post(credentials, draft, start_by)
        self._sent(type(outcome).__name__)
        return outcome

    def _post(self, credentials: Credentials, draft: InvoiceDraft, start_by: float) -> Outcome:
        try:
            invoice = mapping.invoice_out(self._wire.make, draft)
        except Unfit as unfit:
            return NotSent(unfit.why)
        except (TypeError, ValueError) as error:
            return NotSent(note("call.unwritable", kind=type(error).__name__))
        try:
            with self._wire.place(credentials.tenant_id, "AddFactuur"):
                observed = self._add_invoice(credentials, invoice, start_by)
                if observed.answered and observed.problem is Problem.SESSION:
                    observed = self._add_invoice(credentials, invoice, start_by)
        except BookkeepingError as error:
            # only waiting for a place or opening the session raises one
            observed = Observed(False, code=error.code, text=error.text, why=error.why, problem=error.problem)
        return classify(observed, draft.number)

    def _add_invoice(self, credentials: Credentials, invoice: Any, start_by: float) -> Observed:
        session_id = self._sessions.get(credentials)
        call = Call(self._times.post, start_by=start_by, own_connection=True)
        parameters = _in_session(credentials, session_id) | {"oFact": invoice}
        read = answer_by(read_result, "AddFactuur")
        try:
            result = self._wire.ask(credentials.tenant_id, "AddFactuur", call, read, **parameters)
        except BookkeepingError as error:
            return Observed(left=call.left, why=error.why, problem=error.problem)
        except Exception as error:
            # once a byte left, whatever broke is an outcome; before that only an unwritable message is one
            if not call.left and not isinstance(error, UNWRITABLE):
                raise
            return Observed(left=call.left, why=note("call.broke", kind=type(error).__name__))
        problem = codes.problem(result.code)
        if problem is Problem.SESSION:
            self._sessions.drop(credentials, session_id)
        return Observed(True, True, result.code, result.text, result.value("Factuurnummer"), problem=problem)

    def explain(self, code: str) -> Explanation | None:
        """What a code of theirs means, in Dutch; None for a code we have no words for."""
        return explanations.explain(code)

    def codes_of(self, problem: Problem) -> Mapping[str, Explanation]:
        """The codes that come down to a problem, each with what it means."""
        return explanations.of(problem)

    def our_vat(self, code: str) -> str:
        """Our name of a VAT code of theirs; one that has none comes back as it is."""
        return mapping.vat_in(code)

    def calls_today(self, tenant_id: int) -> CallsToday | None:
        """How many calls a tenant's administration took today."""
        return self._budget.told(tenant_id)

    def forget(self, tenant_id: int) -> None:
        """Drop (and close, best effort) cached sessions of a tenant whose link was undone."""
        self._close_sessions(self._sessions.forget(tenant_id))

    def close(self) -> None:
        """Close all sessions; the process ends. Stops at the first that cannot be closed."""
        self._close_sessions(self._sessions.forget())
        self._wire.close()

    def _close_sessions(self, opened: Sequence[tuple[int, str]]) -> None:
        with contextlib.suppress(BookkeepingError):
            for tenant_id, session_id in opened:
                with self._wire.place(tenant_id, "CloseSession"):
                    call = Call(_CLOSING_SECONDS)
                    self._wire.ask(tenant_id, "CloseSession", call, lambda content: content, SessionID=session_id)

    def _open_session(self, credentials: Credentials) -> str:
        """A new SessionID; the caller holds a place."""
        whole = {
            "Username": credentials.username,
            "SecurityCode1": credentials.code1.reveal(),
            "SecurityCode2": credentials.code2.reveal(),
        }
        limits.check(*(("credentials", name, text, None) for name, text in whole.items()))
        read = answer_by(read_result, "OpenSession")
        call = Call(self._times.read)
        try:
            result = self._wire.ask(credentials.tenant_id, "OpenSession", call, read, **whole, Source=_SOURCE)
        except Unreachable as unreachable:
            # whatever the session was for has not left
            raise Unreachable(unreachable.why, may_have_arrived=False) from None
        _raise_for_code(result)
        session_id = result.value("SessionID")
        if not session_id:
            raise Unreachable(note("call.no_session", operation="OpenSession"), may_have_arrived=False)
        return session_id

    def _one(
        self,
        credentials: Credentials,
        operation: str,
        reader: Callable[[bytes, str], Result] = read_result,
        **parameters: Any,
    ) -> Result:
        """One operation that is no long list, a dead session reopened once; one that writes has its own connection."""
        own_connection = not operation.startswith("Get")
        call = partial(Call, self._times.read, own_connection=own_connection)
        return self._answered(credentials, operation, call, answer_by(reader, operation), **parameters)

    def _list(
        self, credentials: Credentials, operation: str, row: str, wanted: Any = None, known: Known | None = None
    ) -> Rows:
        """The rows of one list operation, a dead session reopened once."""
        parameters = {} if wanted is None else {"cFilter": wanted}
        call = partial(Call, self._times.lists, LIST_CAP)
        return self._answered(credentials, operation, call, answer_by(read_rows, operation, row, known), **parameters)

    def _answered(
        self,
        credentials: Credentials,
        operation: str,
        new_call: Callable[[], Call],
        read: Callable[[bytes], A],
        **parameters: Any,
    ) -> A:
        """The answer of an operation in a session, reopened once when they no longer know it. Raises for a code.

        A refused session means that nothing was carried out, so the repeat is safe for what writes, too.
        """
        with self._wire.place(credentials.tenant_id, operation):
            for _ in range(2):
                session_id = self._sessions.get(credentials)
                whole = _in_session(credentials, session_id) | parameters
                answer = self._wire.ask(credentials.tenant_id, operation, new_call(), read, **whole)
                if codes.problem(answer.code) is not Problem.SESSION:
                    break
                self._sessions.drop(credentials, session_id)
        _raise_for_code(answer)
        return answer


def answer_by(reader: Callable[..., A], *given: Any) -> Callable[[bytes], A]:
    """A reader of answers.py for the operation (and row) of this name."""
    return lambda content: reader(content, *given)


def _in_session(credentials: Credentials, session_id: str) -> dict[str, Any]:
    return {"SessionID": session_id, "SecurityCode2": credentials.code2.reveal()}


# Trefwoord looks in these fields, kind (B or P) included; narrowing starts from the code, which every relation has
_WANTED_OF_A_RELATION: Wanted[RemoteRelation] = Wanted(
    lambda row: row.remote_id,
    lambda row: (row.code, row.name, row.city, row.contact, row.email, "B" if row.is_company else "P"),
)
_WANTED_OF_AN_ARTICLE: Wanted[RemoteArticle] = Wanted(lambda row: row.remote_id, lambda row: (row.description,))


def _raise_for_code(answer: Result | Rows) -> None:
    """Raise their business error, if there is one; a blank code is none."""
    if not answer.code:
        return
    problem = codes.problem(answer.code)
    kind = CredentialsRefused if problem is Problem.CREDENTIALS else Declined
    raise kind(note("call.said_code", code=answer.code), answer.code, answer.text, problem)


def _refuse_unsafe(endpoint: str) -> None:
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return
    loopback = host == "localhost"
    with contextlib.suppress(ValueError):
        loopback = loopback or ipaddress.ip_address(host).is_loopback
    if parts.scheme != "http" or not loopback:
        raise ValueError("the e-Boekhouden address must be https, for the codes travel in the message")
