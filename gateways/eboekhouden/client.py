"""The bookkeeping port over e-Boekhouden's SOAP interface. The only module that knows zeep."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import zeep
import zeep.exceptions

from domain.invoice import InvoiceDraft, RemoteInvoice
from domain.outcome import NotSent, Observed, Outcome, classify, is_credentials_problem, is_session_problem
from gateways.bookkeeping import (
    ArticleRows,
    BookkeepingError,
    Busy,
    Credentials,
    CredentialsRefused,
    Declined,
    Explanation,
    LedgerAccount,
    RelationRows,
    Unreachable,
)
from gateways.eboekhouden import explanations, mapping
from gateways.eboekhouden.answers import NAMESPACE, Result, Rows, Unreadable, own, read_result, read_rows
from gateways.eboekhouden.sessions import Sessions
from gateways.eboekhouden.transport import MIB, Call, Transport, Trouble

_WSDL = Path(__file__).with_name("eboekhouden.wsdl")
_SOURCE = "Crafter"
_LIST_CAP = 64 * MIB
_MOST_ROWS = 2000  # they cut lists there without saying so
_PATIENCE = 0.5
_CLOSING_SECONDS = 3.0
_UNWRITABLE = (zeep.exceptions.ValidationError, TypeError, ValueError)

# at DEBUG this logger writes whole envelopes, security codes included
logging.getLogger("zeep.transports").setLevel(logging.INFO)

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

    `before_call` is called before every round trip and may raise; at most `max_calls` round trips are under way
    at once. Raises ValueError when the endpoint is not https (plain http is for loopback only).
    """

    def __init__(
        self,
        endpoint: str,
        *,
        times: Times = Times(),
        before_call: Callable[[], None] = lambda: None,
        max_calls: int = 4,
    ) -> None:
        _refuse_unsafe(endpoint)
        self._endpoint = endpoint
        self._times = times
        self._before_call = before_call
        self._places = threading.BoundedSemaphore(max_calls)
        self._building = threading.Lock()
        self._transport = Transport(endpoint, times.connect)
        self._client: Any = None
        self._service: Any = None
        self._sessions = Sessions(self._open_session, patience=times.connect + times.read + _PATIENCE)

    def ready(self, credentials: Credentials) -> None:
        """See to it that a live session is at hand; at most one round trip."""
        self._sessions.get(credentials)

    def administration(self, credentials: Credentials) -> str:
        """The name of the administration, or an empty text where it is not given."""
        found = self._list(credentials, "GetAdministraties", "cAdministratie")
        wanted = credentials.code2.reveal().upper()
        own_rows = [row for row in found.rows if row.get("Guid", "").strip("{}").upper() == wanted]
        rows = own_rows or (found.rows if len(found.rows) == 1 else ())
        return rows[0].get("Bedrijf", "") if rows else ""

    def relations(self, credentials: Credentials) -> RelationRows:
        """All relations, as far as they give them."""
        found = self._list(credentials, "GetRelaties", "cRelatie", mapping.relation_filter)
        rows = _mapped(found, mapping.relation_in)
        return RelationRows(rows, complete=len(rows) < _MOST_ROWS)

    def articles(self, credentials: Credentials) -> ArticleRows:
        """All articles, as far as they give them."""
        found = self._list(credentials, "GetArtikelen", "cArtikel", mapping.article_filter)
        rows = _mapped(found, mapping.article_in)
        return ArticleRows(rows, complete=len(rows) < _MOST_ROWS)

    def ledger_accounts(self, credentials: Credentials) -> Sequence[LedgerAccount]:
        """All ledger accounts."""
        found = self._list(credentials, "GetGrootboekrekeningen", "cGrootboekrekening", mapping.ledger_filter)
        return _mapped(found, mapping.ledger_in)

    def find_invoice(self, credentials: Credentials, number: str) -> RemoteInvoice | None:
        """The invoice under exactly this number, or None."""

        def ask(session_id: str) -> Result:
            wanted = mapping.invoice_filter(self._make, number)
            content = self._round_trip(
                "GetFacturen", Call(self._times.read), **_in_session(credentials, session_id), cFilter=wanted
            )
            return _read(read_result, content, "GetFacturen")

        result = self._answered(credentials, ask)
        for found in result.element.iterfind(f"{own('Facturen')}/{own('cFactuurList')}"):
            if (found.findtext(own("Factuurnummer")) or "").strip() == number:
                try:
                    return mapping.invoice_in(found)
                except ValueError:
                    raise Unreachable("GetFacturen gaf een onleesbare factuur") from None
        return None

    def post_invoice(self, credentials: Credentials, draft: InvoiceDraft, start_by: float) -> Outcome:
        """Send one invoice, once; see the port. A refused session (E002.*) is a certain no: repeated once."""
        try:
            invoice = mapping.invoice_out(self._make, draft)
        except (TypeError, ValueError) as error:
            return NotSent(f"factuur past niet in hun bericht ({type(error).__name__})")
        try:
            observed = self._add_invoice(credentials, invoice, start_by)
            if observed.answered and is_session_problem(observed.code):
                observed = self._add_invoice(credentials, invoice, start_by)
        except BookkeepingError as error:
            # only opening the session raises one
            observed = Observed(left=False, why=error.why, code=error.code, text=error.text)
        return classify(observed, draft.number)

    def _add_invoice(self, credentials: Credentials, invoice: Any, start_by: float) -> Observed:
        session_id = self._sessions.get(credentials)
        call = Call(self._times.post, start_by=start_by, fresh=True)
        try:
            content = self._round_trip("AddFactuur", call, **_in_session(credentials, session_id), oFact=invoice)
            result = _read(read_result, content, "AddFactuur")
        except BookkeepingError as error:
            return Observed(left=call.left, why=error.why)
        except Exception as error:
            # once a byte left, whatever broke is an outcome; before that only an unwritable message is one
            if not call.left and not isinstance(error, _UNWRITABLE):
                raise
            return Observed(left=call.left, why=f"{type(error).__name__} bij het versturen")
        if is_session_problem(result.code):
            self._sessions.drop(credentials, session_id)
        return Observed(True, True, result.code, result.text, result.value("Factuurnummer"))

    def explain(self, code: str) -> Explanation | None:
        """What a code of theirs means, in Dutch; None for a code we have no words for."""
        return explanations.explain(code)

    def forget(self, tenant_id: int) -> None:
        """Drop (and close, best effort) cached sessions of a tenant whose link was undone."""
        self._close_sessions(self._sessions.forget(tenant_id))

    def close(self) -> None:
        """Close all sessions; the process ends. Stops at the first that cannot be closed."""
        self._close_sessions(self._sessions.forget())
        self._transport.close()

    def _close_sessions(self, session_ids: Sequence[str]) -> None:
        with contextlib.suppress(BookkeepingError):
            for session_id in session_ids:
                self._round_trip("CloseSession", Call(_CLOSING_SECONDS), SessionID=session_id)

    def _open_session(self, credentials: Credentials) -> str:
        content = self._round_trip(
            "OpenSession",
            Call(self._times.read),
            Username=credentials.username,
            SecurityCode1=credentials.code1.reveal(),
            SecurityCode2=credentials.code2.reveal(),
            Source=_SOURCE,
        )
        result = _read(read_result, content, "OpenSession")
        _raise_for_code(result)
        session_id = result.value("SessionID")
        if not session_id:
            raise Unreachable("OpenSession gaf geen sessie")
        return session_id

    def _list(
        self,
        credentials: Credentials,
        operation: str,
        row: str,
        make_filter: Callable[..., Any] | None = None,
    ) -> Rows:
        """One list operation, a dead session reopened once."""

        def ask(session_id: str) -> Rows:
            parameters = _in_session(credentials, session_id)
            if make_filter is not None:
                parameters["cFilter"] = make_filter(self._make)
            content = self._round_trip(operation, Call(self._times.lists, _LIST_CAP), **parameters)
            return _read(read_rows, content, operation, row)

        return self._answered(credentials, ask)

    def _answered(self, credentials: Credentials, ask: Callable[[str], A]) -> A:
        """The answer of a read in a session, reopened once when they no longer know it. Raises for a code."""
        session_id = self._sessions.get(credentials)
        answer = ask(session_id)
        if is_session_problem(answer.code):
            self._sessions.drop(credentials, session_id)
            session_id = self._sessions.get(credentials)
            answer = ask(session_id)
            if is_session_problem(answer.code):
                self._sessions.drop(credentials, session_id)
        _raise_for_code(answer)
        return answer

    def _round_trip(self, operation: str, call: Call, **parameters: Any) -> bytes:
        """Send one request within `call`; the answer's XML. Raises Busy, Unreachable, and what zeep says of a
        request that cannot be written."""
        self._before_call()
        if not self._places.acquire(timeout=_PATIENCE):
            raise Busy("e-Boekhouden is druk: er lopen al genoeg aanroepen")
        try:
            self._build()
            with call, self._client.settings(raw_response=True):
                answer = self._service[operation](**parameters)
        except Trouble as trouble:
            raise Unreachable(str(trouble)) from None
        finally:
            self._places.release()
        content: bytes = answer.content
        return content

    def _make(self, name: str) -> Callable[..., Any]:
        """zeep's class of one of their types."""
        self._build()
        made: Callable[..., Any] = self._client.get_type(f"{{{NAMESPACE}}}{name}")
        return made

    def _build(self) -> None:
        """The zeep client, once per process and not before the first use, so after any fork."""
        with self._building:
            if self._service is None:
                settings = zeep.Settings(forbid_dtd=True, forbid_external=True)
                self._client = zeep.Client(  # type: ignore[no-untyped-call]
                    str(_WSDL), transport=self._transport, settings=settings
                )
                self._service = self._client.create_service(f"{{{NAMESPACE}}}soapAppSoap", self._endpoint)


def _in_session(credentials: Credentials, session_id: str) -> dict[str, Any]:
    return {"SessionID": session_id, "SecurityCode2": credentials.code2.reveal()}


def _read(reader: Callable[..., A], content: bytes, *names: str) -> A:
    try:
        return reader(content, *names)
    except Unreadable as why:
        raise Unreachable(str(why)) from None


T = TypeVar("T")


def _mapped(found: Rows, into: Callable[[dict[str, str]], T]) -> tuple[T, ...]:
    try:
        return tuple(into(row) for row in found.rows)
    except (ValueError, KeyError):
        raise Unreachable("een regel van het antwoord is onleesbaar") from None


def _raise_for_code(answer: Result | Rows) -> None:
    """Raise their business error, if there is one; a blank code is none."""
    if not answer.code:
        return
    kind = CredentialsRefused if is_credentials_problem(answer.code) else Declined
    raise kind(f"e-Boekhouden meldt {answer.code}", answer.code, answer.text)


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
