"""The bookkeeping port over e-Boekhouden's SOAP interface: each operation in our words, each answer with its proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any

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
    Declined,
    Explanation,
    GoOn,
    InvoiceRows,
    LedgerAccount,
    OpenItemRows,
    Overtaken,
    RelationRows,
    RemoteArticle,
    RemoteRelation,
    Unfit,
    Unreachable,
    to_the_end,
)
from gateways.eboekhouden import codes, explanations, limits, mapping
from gateways.eboekhouden.answers import children, own, read_done, read_result
from gateways.eboekhouden.calls import ONLY_LOOK_UP, Calls, answer_by, in_session
from gateways.eboekhouden.guards import LOOK_UP
from gateways.eboekhouden.narrowing import Part, Search, Wanted
from gateways.eboekhouden.records import invoices_with, known, mapped, open_items, with_code
from gateways.eboekhouden.transport import Call
from gateways.eboekhouden.wire import UNWRITABLE
from tenancy.clock import AMSTERDAM

# Trefwoord looks in these fields, kind (B or P) included; narrowing starts from the code, which every relation has
_WANTED_OF_A_RELATION: Wanted[RemoteRelation] = Wanted(
    lambda row: row.remote_id,
    lambda row: (row.code, row.name, row.city, row.contact, row.email, "B" if row.is_company else "P"),
)
_DEBTORS = "Debiteuren"
_WANTED_OF_AN_ARTICLE: Wanted[RemoteArticle] = Wanted(lambda row: row.remote_id, lambda row: (row.description,))


class EBoekhouden(Calls):
    """`gateways.bookkeeping.Bookkeeping` for e-Boekhouden.nl; one per process serves all tenants and threads."""

    @property
    def limits(self) -> Limits:
        """What they take and give at most."""
        return replace(limits.ALL, rows=self.narrowing.cap)

    def ready(self, credentials: Credentials) -> None:
        """See to it that a live session is at hand; at most one round trip."""
        with self._wire.place(credentials.books, "OpenSession"):
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
        return RelationRows(found.rows, found.complete, found.calls, found.stopped, found.odd, found.why)

    def relation(
        self, credentials: Credentials, code: str, within: float | None = None, for_invoice: bool = True
    ) -> RemoteRelation | None:
        """The relation with exactly this code, or None; `within` and `for_invoice` as the port says."""
        code = code.strip()
        limits.check(("code", "code", code, 15))
        if not code:
            return None
        guarded_as = LOOK_UP if within and for_invoice else ""
        return with_code(self._relations(credentials, {}, code=code, within=within, guarded_as=guarded_as), code)

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
        self,
        credentials: Credentials,
        seen: Mapping[int, RemoteRelation],
        word: str = "",
        code: str = "",
        within: float | None = None,
        guarded_as: str = "",
    ) -> Part[RemoteRelation]:
        if word:
            self._budget.search(credentials.books)
        wanted = mapping.relation_filter(self._wire.make, word, code)
        rows = self._list(credentials, "GetRelaties", "cRelatie", wanted, known(seen, "ID"), within, guarded_as)
        return mapped(rows, mapping.relation_in, seen=seen)

    def articles(self, credentials: Credentials, go_on: GoOn = to_the_end) -> ArticleRows:
        """All articles; where their answer is cut off, the rest is searched for."""
        seen: dict[int, RemoteArticle] = {}
        ask = partial(self._articles, credentials, seen)
        found = Search(ask, None, _WANTED_OF_AN_ARTICLE, self.narrowing, go_on=go_on, seen=seen).all()
        return ArticleRows(found.rows, found.complete, found.calls, found.stopped, found.odd, found.why)

    def article(self, credentials: Credentials, code: str) -> RemoteArticle | None:
        """The article with exactly this code, or None."""
        code = code.strip()
        limits.check(("code", "code", code, 20))
        return with_code(self._articles(credentials, {}, code=code), code) if code else None

    def _articles(
        self, credentials: Credentials, seen: Mapping[int, RemoteArticle], word: str = "", code: str = ""
    ) -> Part[RemoteArticle]:
        if word:
            self._budget.search(credentials.books)
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

    def invoices_between(
        self, credentials: Credentials, first: date, last: date, within: float | None = None
    ) -> InvoiceRows:
        """The invoices dated in this period, both days included, as far as one answer gave them; see the port."""
        if last < first:
            return InvoiceRows()
        wanted = mapping.invoice_filter(self._wire.make, first=first, last=last)
        part = self._many_invoices(credentials, wanted, within)
        return InvoiceRows(tuple(one for one in part.rows if first <= one.on <= last), part.odd, part.size)

    def invoices_of(
        self, credentials: Credentials, relation_code: str, since: date, until: date | None = None
    ) -> InvoiceRows:
        """The invoices of the relation with exactly this code, dated from `since` to `until`; see the port."""
        limits.check(("relation_code", "relatiecode", relation_code, 15))
        if not relation_code.strip():
            return InvoiceRows()  # an empty condition is none: they would give those of everybody
        last = until or mapping.LAST_DAY
        wanted = mapping.invoice_filter(self._wire.make, relation=relation_code, first=since, last=last)
        part = self._many_invoices(credentials, wanted)
        theirs = tuple(one for one in part.rows if one.relation_code == relation_code and since <= one.on <= last)
        return InvoiceRows(theirs, part.odd, part.size)

    def open_items(self, credentials: Credentials, within: float | None = None) -> OpenItemRows:
        """The invoices to customers that are in the books and not wholly paid; see the port."""
        part = open_items(self._list(credentials, "GetOpenPosten", "cOpenPost", within=within, OpSoort=_DEBTORS))
        return OpenItemRows(part.rows, part.odd, part.size)

    def post_invoice(self, credentials: Credentials, draft: InvoiceDraft, start_by: float) -> Outcome:
        """Send one invoice, once; see the port. A refused session (E002.*) is a certain no: repeated once."""
        outcome = self._post(credentials, draft, start_by)
        self._sent(type(outcome).__name__)
        return outcome

    def _post(self, credentials: Credentials, draft: InvoiceDraft, start_by: float) -> Outcome:
        if credentials.only_look_up:
            return NotSent(ONLY_LOOK_UP)
        try:
            invoice = mapping.invoice_out(self._wire.make, draft)
        except Unfit as unfit:
            return NotSent(unfit.why)
        except (TypeError, ValueError) as error:
            return NotSent(note("call.unwritable", kind=type(error).__name__))
        try:
            with self._wire.place(credentials.books, "AddFactuur"):
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
        parameters = in_session(credentials, session_id) | {"oFact": invoice}
        read = answer_by(read_result, "AddFactuur")
        try:
            result = self._wire.ask(credentials.books, "AddFactuur", call, read, **parameters)
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
        return self._budget.told(str(tenant_id))
