"""The port over Kasboek: its words end here, as e-Boekhouden's do in their gateway."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from domain import ledger, vat
from domain.invoice import InvoiceDraft, InvoiceLine, RemoteInvoice
from domain.limits import Limits
from domain.message import as_written, msg
from domain.money import ZERO
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
    InvoiceRows,
    LedgerAccount,
    OpenItem,
    OpenItemRows,
    RelationRows,
    RemoteArticle,
    RemoteRelation,
    Unreachable,
    to_the_end,
)
from tests.second_bookkeeping.kasboek import MOST_LINES, PAGE

_RATES = {vat.HIGH: "H", vat.LOW: "L", vat.NO_VAT: "0"}
_OUR_VAT = {theirs: ours for ours, theirs in _RATES.items()}
_PROBLEMS = {
    "wrong-key": Problem.CREDENTIALS,
    "slow-down": Problem.LIMIT,
    "nr-in-use": Problem.NUMBER_TAKEN,
    "short-in-use": Problem.CODE_TAKEN,
}
_EXPLANATIONS = {
    "wrong-key": Explanation(
        msg("Kasboek laat ons niet binnen."), msg("De sleutel past niet."), msg("Maak een nieuwe."), "credentials"
    ),
    "who-is-that": Explanation(
        msg("Kasboek kent deze klant niet."), msg("Zij staat er niet in."), msg("Zet haar erin."), "relation_code"
    ),
}


class KasboekGateway:
    """`gateways.bookkeeping.Bookkeeping` for Kasboek."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc

    @property
    def limits(self) -> Limits:
        return Limits(PAGE, MOST_LINES, {"number": 20, "relation_code": 8}, {"code": 10})

    def ready(self, credentials: Credentials) -> None:
        self._ask(credentials, "GET", "/title")

    def administration(self, credentials: Credentials) -> str:
        return str(self._ask(credentials, "GET", "/title")["title"])

    def relations(self, credentials: Credentials, go_on: GoOn = to_the_end) -> RelationRows:
        rows, calls, stopped = self._all(credentials, "/customers", go_on)
        return RelationRows(tuple(map(_relation, rows)), not stopped, calls, stopped)

    def relation(
        self, credentials: Credentials, code: str, within: float | None = None, for_invoice: bool = True
    ) -> RemoteRelation | None:
        found = self._ask(credentials, "GET", "/customers?" + urlencode({"short": code}))["rows"]
        return _relation(found[0]) if found else None

    def add_relation(self, credentials: Credentials, relation: RelationDetails) -> int:
        made = self._ask(credentials, "POST", "/customers", {"short": relation.code, "called": relation.name})
        return int(made["no"])

    def update_relation(
        self,
        credentials: Credentials,
        remote_id: int,
        changes: Mapping[str, str | bool],
        was: Mapping[str, str | bool] | None = None,
    ) -> None:
        raise Declined("Kasboek wijzigt geen klanten")

    def articles(self, credentials: Credentials, go_on: GoOn = to_the_end) -> ArticleRows:
        rows, calls, stopped = self._all(credentials, "/goods", go_on)
        return ArticleRows(tuple(map(_article, rows)), not stopped, calls, stopped)

    def article(self, credentials: Credentials, code: str) -> RemoteArticle | None:
        found = self._ask(credentials, "GET", "/goods?" + urlencode({"short": code}))["rows"]
        return _article(found[0]) if found else None

    def ledger_accounts(self, credentials: Credentials) -> Sequence[LedgerAccount]:
        rows, _calls, _stopped = self._all(credentials, "/accounts", to_the_end)
        return [
            LedgerAccount(row["short"], row["called"], ledger.PROFIT_AND_LOSS if row["side"] == "+" else ledger.BALANCE)
            for row in rows
        ]

    def post_invoice(self, credentials: Credentials, draft: InvoiceDraft, start_by: float) -> Outcome:
        if time.monotonic() > start_by:
            return NotSent(as_written("te laat"))
        body = {
            "nr": draft.number,
            "for": draft.relation_code,
            "day": draft.on.isoformat(),
            "days": draft.term_days,
            "lines": [
                {
                    "short": line.code,
                    "what": line.description,
                    "much": str(line.quantity),
                    "per": line.unit,
                    "each": str(line.price),
                    "rate": _RATES[line.vat_code],
                    "account": line.ledger_code,
                }
                for line in draft.lines
            ],
        }
        try:
            answer = self._ask(credentials, "POST", "/invoices", body)
        except Unreachable as error:
            return classify(Observed(error.may_have_arrived, why=error.why), draft.number)
        except BookkeepingError as error:
            seen = Observed(True, True, error.code, error.text, why=error.why, problem=error.problem)
            return classify(seen, draft.number)
        return classify(Observed(True, True, number=answer["nr"]), draft.number)

    def find_invoice(
        self, credentials: Credentials, number: str, ours: InvoiceDraft | None = None
    ) -> RemoteInvoice | None:
        try:
            found = self._ask(credentials, "GET", f"/invoices/{quote(number)}")
        except Declined as declined:
            if declined.code == "nothing-here":
                return None
            raise
        return _invoice(found)

    def invoices_between(
        self, credentials: Credentials, first: date, last: date, within: float | None = None
    ) -> InvoiceRows:
        found = self._ask(credentials, "GET", f"/invoices?{urlencode({'first': first, 'last': last})}")
        return InvoiceRows(tuple(map(_invoice, found)), (), len(found))

    def invoices_of(
        self, credentials: Credentials, relation_code: str, since: date, until: date | None = None
    ) -> InvoiceRows:
        asked = {"first": since, "for": relation_code} | ({"last": until} if until else {})
        found = self._ask(credentials, "GET", f"/invoices?{urlencode(asked)}")
        return InvoiceRows(tuple(map(_invoice, found)), (), len(found))

    def open_items(self, credentials: Credentials, within: float | None = None) -> OpenItemRows:
        found = [_invoice(one) for one in self._ask(credentials, "GET", "/owed")]
        rows = (OpenItem(one.number, one.relation_code, one.on, one.incl, ZERO, one.incl) for one in found)
        return OpenItemRows(tuple(rows), (), len(found))

    def explain(self, code: str) -> Explanation | None:
        return _EXPLANATIONS.get(code)

    def codes_of(self, problem: Problem) -> Mapping[str, Explanation]:
        return {
            code: _EXPLANATIONS[code] for code, one in _PROBLEMS.items() if one is problem and code in _EXPLANATIONS
        }

    def our_vat(self, code: str) -> str:
        return _OUR_VAT.get(code, code)

    def calls_today(self, tenant_id: int) -> CallsToday | None:
        return None

    def forget(self, tenant_id: int) -> None:
        """It has no sessions."""

    def close(self) -> None:
        """It keeps nothing open."""

    def _all(self, credentials: Credentials, path: str, go_on: GoOn) -> tuple[list[dict[str, Any]], int, bool]:
        rows: list[dict[str, Any]] = []
        calls, more = 0, True
        while more:
            if calls and not go_on(calls, len(rows)):
                return rows, calls, True
            page = self._ask(credentials, "GET", f"{path}?from={len(rows)}")
            rows, calls, more = rows + page["rows"], calls + 1, page["more"]
        return rows, 1, False  # pages of theirs are proof: as good as one answer

    def _ask(self, credentials: Credentials, verb: str, path: str, body: Any = None) -> Any:
        key = f"{credentials.code1.reveal()}/{credentials.code2.reveal()}"
        line = http.client.HTTPConnection(self._host, timeout=5)
        left = False
        try:
            line.connect()
            left = True
            line.request(verb, path, None if body is None else json.dumps(body), {"X-Key": key})
            answer = line.getresponse()
            told = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(type(error).__name__, left) from None
        finally:
            line.close()
        if answer.status == 200:
            return told
        problem = _PROBLEMS.get(told["word"], Problem.OTHER)
        kind = CredentialsRefused if problem is Problem.CREDENTIALS else Declined
        raise kind(f"Kasboek zegt {told['word']}", told["word"], told["said"], problem)


def _relation(row: Mapping[str, Any]) -> RemoteRelation:
    return RemoteRelation(remote_id=row["no"], code=row["short"], name=row["called"])


def _article(row: Mapping[str, Any]) -> RemoteArticle:
    rate = _OUR_VAT.get(row["rate"], row["rate"])
    price = Decimal(row["each"])
    return RemoteArticle(row["no"], row["short"], row["called"], "", price, rate, row["account"], True)


def _invoice(found: Mapping[str, Any]) -> RemoteInvoice:
    excl, tax = Decimal(found["excl"]), Decimal(found["vat"])
    day, total = date.fromisoformat(found["day"]), excl + tax
    lines = tuple(map(_line, found["lines"]))
    return RemoteInvoice(found["nr"], found["for"], day, found["days"], excl, tax, total, total, lines)


def _line(row: Mapping[str, Any]) -> InvoiceLine:
    much, each = Decimal(row["much"]), Decimal(row["each"])
    return InvoiceLine(row["short"], row["what"], much, row["per"], each, _OUR_VAT[row["rate"]], row["account"])
