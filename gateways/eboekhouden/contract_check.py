"""A check of a real service (or the sandbox) against what this gateway relies on: read-only, unless told to write."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from time import monotonic
from typing import Any

from domain import ledger as categories
from domain import vat
from domain.credit import credit_of
from domain.invoice import InvoiceDraft, InvoiceLine, RemoteInvoice, differences
from domain.outcome import Posted, Problem, Refused
from domain.relation import RelationDetails
from gateways.bookkeeping import BookkeepingError, Credentials, Declined, RemoteRelation
from gateways.eboekhouden import codes
from gateways.eboekhouden import contract_forms as forms
from gateways.eboekhouden.answers import read_result
from gateways.eboekhouden.contract_books import ContractBooks
from gateways.eboekhouden.narrowing import Narrowing
from gateways.eboekhouden.transport import Call
from tenancy.clock import AMSTERDAM

_NOT_THERE = "ZZNIETDAAR9"
_TEST_NAME = "TEST Crafter contractcontrole, mag weg"
_MOST_TRIED = 10  # relations whose invoices are looked at
# three times 0.07 with 21 % VAT: 0.01 a line makes 0.03, and over their total of 0.21 it is 0.04
_LINES, _PRICE = 3, Decimal("0.07")
_VAT_FORMS = {Decimal("0.03"): "line", Decimal("0.04"): "total"}


class _Stop(Exception):
    """Nothing further can be checked."""


@dataclass
class Check:
    """One run. `say` gets every line as it becomes known; afterwards `wrong` holds what contradicts the contract and
    `switches` how the sandbox has to be set to answer like this service."""

    endpoint: str
    credentials: Credentials
    say: Callable[[str], None]
    template: str = "Factuursjabloon"
    ledger: str = ""
    wrong: list[str] = field(default_factory=list)
    switches: dict[str, Any] = field(default_factory=dict)

    def run(self, write: bool = False) -> bool:
        """Whether nothing contradicts the contract. `write` makes one relation, one invoice and its credit, marked
        as a test.

        Raises ValueError when the endpoint is not https.
        """
        self._heard: list[tuple[str, bytes]] = []
        self._bookkeeping = ContractBooks(
            self.endpoint,
            narrowing=Narrowing(calls=1),
            listener=lambda operation, content: self._heard.append((operation, content)),
        )
        try:
            relation = self._read()
            if write:
                self._write()
            elif relation is not None:
                self._look_for_an_invoice(relation)
            self._closed_session()
        except _Stop:
            pass
        except BookkeepingError as error:
            self._contradicts(f"onverwacht: {_said(error)}")
        finally:
            self._bookkeeping.close()
        self._tell_forms()
        self.say(f"Schakelaars van het oefenboekhouden: {json.dumps(self.switches, sort_keys=True)}")
        self.say(
            f"{len(self.wrong)} tegenspraken met het contract." if self.wrong else "Niets spreekt het contract tegen."
        )
        return not self.wrong

    def _contradicts(self, what: str) -> None:
        self.wrong.append(what)
        self.say(f"FOUT  {what}")

    def _expect(self, there: bool, good: str, wrong: str = "") -> None:
        if there:
            self.say(f"goed  {good}")
        else:
            self._contradicts(wrong or f"niet zo: {good}")

    def _read(self) -> tuple[RemoteRelation, ...]:
        bookkeeping, who = self._bookkeeping, self.credentials
        try:
            bookkeeping.ready(who)
        except BookkeepingError as error:
            self._contradicts(f"er gaat geen sessie open: {_said(error)}")
            raise _Stop from None
        self.say("goed  een sessie gaat open")
        self.say(f"      administratie: {bookkeeping.administration(who) or 'wordt niet genoemd'}")
        relations = bookkeeping.relations(who)
        lists = {
            "relaties": relations.rows,
            "artikelen": bookkeeping.articles(who).rows,
            "grootboekrekeningen": bookkeeping.ledger_accounts(who),
            "kostenplaatsen": bookkeeping.cost_centers(who),
        }
        for name, rows in lists.items():
            self.say(f"goed  {len(rows)} {name} gelezen")
            self._expect(len(rows) <= Narrowing().cap, f"hoogstens {Narrowing().cap} {name} in een antwoord")
        self.say(f"goed  {bookkeeping.open_items(who).size} open posten gelezen")
        self._expect(bookkeeping.find_invoice(who, _NOT_THERE) is None, "een onbekend factuurnummer geeft niets")
        self._expect(bookkeeping.relation(who, _NOT_THERE) is None, "een onbekende relatiecode geeft niets")
        for one in relations.rows[:1]:
            found = bookkeeping.relation(who, one.code)
            self._expect(found == one, "een relatie komt met haar code alleen terug zoals in de lijst")
        lacking, new = forms.misfits(self._heard, self._fields_of)
        self._expect(not lacking, "elk verplicht veld is er", f"verplichte velden ontbreken: {', '.join(lacking)}")
        if new:
            self.say(f"let op velden die de beschrijving niet kent: {', '.join(new)}")
        return relations.rows

    def _fields_of(self, name: str) -> tuple[set[str], set[str]]:
        elements = self._bookkeeping._wire.make(name).elements  # type: ignore[attr-defined]
        return {one for one, element in elements if element.min_occurs}, {one for one, _ in elements}

    def _look_for_an_invoice(self, relations: tuple[RemoteRelation, ...]) -> None:
        since = datetime.now(AMSTERDAM).date() - timedelta(days=730)
        for relation in [one for one in relations if one.code][:_MOST_TRIED]:
            if self._bookkeeping.invoices_of(self.credentials, relation.code, since).rows:
                return
        self.say("      geen factuur gezien: de vorm van Relatiecode blijft onbekend")

    # -- writing ---------------------------------------------------------------------------------------------

    def _write(self) -> None:
        now = datetime.now(AMSTERDAM)
        relation = RelationDetails(_TEST_NAME, f"T{now:%y%m%d%H%M%S}", city="Proefdorp", email="test@proef.example")
        self._write_relation(relation)
        self._write_invoice(relation.code, now)

    def _write_relation(self, relation: RelationDetails) -> None:
        bookkeeping, who = self._bookkeeping, self.credentials
        remote_id = bookkeeping.add_relation(who, relation)
        self.say(f"goed  testrelatie {relation.code} gemaakt")
        found = bookkeeping.relation(who, relation.code)
        self._expect(
            found is not None and asdict(found) == asdict(relation) | {"remote_id": remote_id},
            "de testrelatie komt terug zoals zij is verstuurd",
        )
        try:
            bookkeeping.add_relation(who, relation)
        except Declined as declined:
            self._expect(
                declined.problem is Problem.CODE_TAKEN, f"een gebruikte relatiecode wordt geweigerd met {declined.code}"
            )
        else:
            self._contradicts("een gebruikte relatiecode wordt niet geweigerd")
        bookkeeping.update_relation(who, remote_id, {"city": "Proefstad"})
        changed = bookkeeping.relation(who, relation.code)
        self._expect(
            changed is not None and asdict(changed) == asdict(relation) | {"remote_id": remote_id, "city": "Proefstad"},
            "een wijziging verandert dat ene veld en niets anders",
        )

    def _write_invoice(self, relation_code: str, now: datetime) -> None:
        bookkeeping, who = self._bookkeeping, self.credentials
        draft = self._draft(relation_code, now)
        first = bookkeeping.post_invoice(who, draft, monotonic() + 5)
        if not isinstance(first, Posted):
            self._contradicts(f"de testfactuur is niet geplaatst: {first}")
            raise _Stop
        self.say(f"goed  testfactuur {draft.number} geplaatst (niet gemaild, niet geboekt)")
        theirs = bookkeeping.find_invoice(who, draft.number)
        self._expect(theirs is not None, "de testfactuur is terug te vinden")
        if theirs is not None:
            self._compare(draft, theirs)
        again = bookkeeping.post_invoice(who, draft, monotonic() + 5)
        if isinstance(again, Refused) and again.problem is Problem.NUMBER_TAKEN:
            self.switches["used_number"] = "refuse"
        elif isinstance(again, Posted):
            self.switches["used_number"] = "let_through"
            self.say("let op een gebruikt factuurnummer wordt doorgelaten: het stille venster is dan de enige muur")
        else:
            self._contradicts(f"hetzelfde nummer nog eens geeft {again}")
        self._write_credit(draft, now)

    def _write_credit(self, draft: InvoiceDraft, now: datetime) -> None:
        """Nothing written says how they take a line below zero; it takes the test invoice back at the same time."""
        credit = credit_of(draft, "TEST", f"{draft.number}C", now.date())
        taken = self._bookkeeping.post_invoice(self.credentials, credit, monotonic() + 5)
        self.switches["negative_lines"] = "take" if isinstance(taken, Posted) else "refuse"
        if not isinstance(taken, Posted):
            self.say(f"let op regels in de min worden niet aangenomen, dus crediteren kan daar niet: {taken}")
            return
        theirs = self._bookkeeping.find_invoice(self.credentials, credit.number)
        differ = ("niet teruggevonden",) if theirs is None else differences(credit, theirs)
        said = f"creditfactuur {credit.number} met regels in de min staat er zoals zij is verstuurd"
        self._expect(not differ, said, f"de creditfactuur wijkt af in {', '.join(differ)}")

    def _draft(self, relation_code: str, now: datetime) -> InvoiceDraft:
        ledger = self.ledger
        if not ledger:
            sales = [
                one.code
                for one in self._bookkeeping.ledger_accounts(self.credentials)
                if one.category == categories.PROFIT_AND_LOSS
            ]
            ledger = next((code for code in sales if code.startswith("8")), "") or next(iter(sales), "")
        line = InvoiceLine("TEST", "TEST van Crafter, niet betalen", Decimal(1), "", _PRICE, vat.HIGH, ledger)
        return InvoiceDraft(f"TEST{now:%Y%m%d%H%M%S}", relation_code, now.date(), 14, self.template, (line,) * _LINES)

    def _compare(self, draft: InvoiceDraft, theirs: RemoteInvoice) -> None:
        differ = differences(draft, theirs)
        self._expect(
            not differ, "de testfactuur is gelijk aan wat is verstuurd", f"zij wijkt af in {', '.join(differ)}"
        )
        if theirs.vat in _VAT_FORMS:
            self.switches["vat_per"] = _VAT_FORMS[theirs.vat]
        else:
            self._contradicts(f"btw over drie regels van 0,07 is {theirs.vat}, niet 0,03 of 0,04")

    # -- forms -----------------------------------------------------------------------------------------------

    def _closed_session(self) -> None:
        """What they say to a session that was closed tells how their codes are written."""
        bookkeeping, who = self._bookkeeping, self.credentials
        bookkeeping.ready(who)
        session_id = bookkeeping._sessions.get(who)
        bookkeeping.forget(who.tenant_id)
        parameters = {"SessionID": session_id, "SecurityCode2": who.code2.reveal()}
        read = partial(read_result, operation="GetAdministraties")
        code = bookkeeping._wire.ask(who.books, "GetAdministraties", Call(10), read, **parameters).code
        gone = codes.problem(code) is Problem.SESSION
        self._expect(gone, f"een gesloten sessie wordt geweigerd ({code or 'zonder code'})")
        if gone:
            self.switches["session_code"] = "dotted" if "." in code else "plain"

    def _tell_forms(self) -> None:
        said = forms.error_forms(self._heard)
        for operation, seen in said.items():
            self.say(f"vorm  geen fout bij {operation}: {_counted(seen)}")
        usual = {operation: seen.most_common(1)[0][0] for operation, seen in said.items()}
        self.switches["error_msg"] = next(iter(usual.values())) if len(set(usual.values())) == 1 else "likeliest"
        apart = {
            operation: form
            for operation, form in usual.items()
            if form != (forms.likeliest(operation) if len(set(usual.values())) > 1 else form)
        }
        if apart:
            self.switches["error_msg_of"] = apart
        shapes: list[tuple[str, Counter[Any]]] = [
            ("empty_lists", forms.empty_list_forms(self._heard)),
            ("relatiecode_typed", forms.relation_code_forms(self._heard)),
        ]
        for name, shape in shapes:
            if shape:
                self.switches[name] = shape.most_common(1)[0][0]
                self.say(f"vorm  {name}: {_counted(shape)}")
            else:
                self.say(f"vorm  {name}: niet gezien")
        for name in ("session_code", "vat_per", "used_number", "negative_lines"):
            self.say(f"vorm  {name}: {self.switches.get(name, 'niet gezien')}")


def _counted(seen: Mapping[Any, int]) -> str:
    return ", ".join(f"{form} ({times}x)" for form, times in seen.items())


def _said(error: BookkeepingError) -> str:
    return " ".join(part for part in (str(error.why), error.text) if part)
