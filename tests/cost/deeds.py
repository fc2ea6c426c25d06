"""What people do: every form of a tenant's pages, filled in sensibly, and the worker's rounds.

A route that changes something and is not described here is a failing test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from domain.permissions import OWNER
from domain.relation import RelationDetails
from domain.terms import Plan, Term
from jobs import rounds
from models import Connection, InvoicePosting, Relation, Token
from services.catalogue import elsewhere, relations
from services.invoicing import bulk, crediting, in_terms, press
from services.orders import agreement
from services.reconciliation import reports
from services.transaction import write_transaction
from tenancy.database import db
from tests.cost.asked import ids
from tests.cost.conftest import Grown
from tests.isolation.test_neighbour import tenant_rules, url
from tests.support.cast import make_order, process
from tests.support.client import client_for
from tests.support.counted_work import Work
from tests.support.work import worked

_LINE = {"kind": "hours", "description": "Arbeid", "quantity": "1", "price": "50", "vat_code": "high",
         "ledger_code": "8000"}  # fmt: skip
_ORDER = {"title": "Nieuw", "version": "1", "customer_order_number": "OPD-104257",
          "wage_part": "20"}  # fmt: skip
_ORDER |= {f"lines-0-{name}": value for name, value in _LINE.items()}
_TERMS = {"agreed": "100", "terms-0-label": "Aanbetaling", "terms-0-percent": "30"}
_ARTICLE = {"description": "Rookmelder", "price": "12,50", "unit": "stuk", "vat_code": "low", "ledger_code": "8000",
            "active": "y"}  # fmt: skip
_RELATION = {"name": "Nieuwe klant", "is_company": "yes", "city": "Gouda"}
_SITE = {
    "name": "Loods", "address": "Kade 2", "is_dwelling": "y", "dwelling_declared_on": "2026-01-05",
    "dwelling_declared_by": "Mw. De Vries",
}  # fmt: skip


@dataclass(frozen=True)
class Tenant:
    """The tenant in whose pages something is done."""

    grown: Grown

    @property
    def relation(self) -> str:
        """A customer out of the middle."""
        return str(self.grown.filled.relation_id)

    def order(self, state: str = "done") -> UUID:
        """A new order; of a customer whom the bookkeeping knows."""
        return make_order(process("vos"), self.grown.place.relation_id, state, title="Onderhoud")

    def planned(self) -> UUID:
        """A new order that is planned."""
        when = {"planned_on": date.today(), "executed_on": None, "worker_id": self.grown.place.worker_id}
        return make_order(process("vos"), self.grown.place.relation_id, "planned", title="Onderhoud", **when)

    def posted(self) -> UUID:
        """An order whose invoice was just posted."""
        order_id = self.order()
        pressed = press.approve(self.grown.app.extensions["crafter"], process("vos"), order_id)
        self._stands(pressed.posting_id, "posted")
        return order_id

    def credited(self) -> UUID:
        """An order whose invoice was just credited, which was refused."""
        order_id = self.posted()
        deps, actor = self.grown.app.extensions["crafter"], process("vos")
        self._stands(crediting.credit_order(deps, actor, order_id, "Verkeerde klant").posting_id, "refused")
        return order_id

    def in_terms(self, state: str = "") -> UUID:
        """A new order in terms, the first of which was just sent and stands so; without a state none was."""
        order_id, actor = self.order("draft"), process("vos")
        self._asks_nothing()
        agreement.agree(actor, order_id, Plan(Decimal(100), (Term("Aanbetaling", Decimal(30)),)))
        sent = None
        while state and sent is None:  # one that is there already, by the other size, is taken over or let go
            self._is_in_step()
            in_terms.send(self.grown.app.extensions["crafter"], process("vos"), order_id, 1)
            db.session.rollback()
            sent = in_terms.present(order_id, 1)
        if sent is not None:
            self._stands(sent.id, state)
        self._is_in_step()
        return order_id

    def _asks_nothing(self) -> None:
        """The customer, whom a deed before may have edited, asks for what this order has not."""
        with write_transaction() as session:
            whom = update(Relation).where(Relation.id == self.grown.place.relation_id)
            session.execute(whom.values(asks_order_number=False, wage_percent=None, g_percent=None))

    @staticmethod
    def _is_in_step() -> None:
        """Terms of both sizes name orders of the same number, so that each takes itself for an older copy of the
        other; here it does not."""
        process("vos")
        with write_transaction() as session:
            session.execute(update(Connection).values(behind_since=None))

    @staticmethod
    def _stands(posting_id: UUID | None, state: str) -> None:
        """Whatever it came to, for both sizes post the same numbers into the same books."""
        process("vos")
        with write_transaction() as session:
            session.execute(update(InvoicePosting).where(InvoicePosting.id == posting_id).values(state=state))

    def seen(self) -> str:
        """An executed order as a bulk preview offers it."""
        return f"{self.order()}:2"

    def customer(self) -> UUID:
        """A new customer, of whom the bookkeeping does not know."""
        return relations.create(process("vos"), RelationDetails("Nieuw hier"))

    def invited(self) -> UUID:
        """Who was invited last; before, everybody of the cast."""
        query = select(Token.id).where(Token.purpose == "invitation").order_by(Token.created_at.desc()).limit(1)
        return db.session.scalars(query).one()

    def finding(self) -> UUID:
        """An invoice that is not alike over there, of which nobody decided."""
        process("vos")
        return reports.findings().rows[0].finding.id

    def job(self) -> UUID:
        """A bulk job that waits for the worker."""
        deps, actor = self.grown.app.extensions["crafter"], process("vos")
        return bulk.start(deps, actor, [(self.order(), 2)])


@dataclass(frozen=True)
class Deed:
    """What is sent to a route: the form, and what the address names where that is not out of the middle of the history.
    Carried out or, where `refused`, not."""

    form: Callable[[Tenant], dict[str, Any]] = lambda _tenant: {}
    names: Callable[[Tenant], dict[str, Any]] = lambda _tenant: {}
    refused: bool = False


def _with(**form: Any) -> Callable[[Tenant], dict[str, Any]]:
    return lambda _tenant: form


def _on(state: str = "done") -> Callable[[Tenant], dict[str, Any]]:
    return lambda tenant: {"order_id": tenant.order(state)}


def _refused(tenant: Tenant) -> dict[str, Any]:
    return {"order_id": tenant.grown.filled.refused_order}


def _posted(tenant: Tenant) -> dict[str, Any]:
    return {"order_id": tenant.posted()}


def _credited(tenant: Tenant) -> dict[str, Any]:
    return {"order_id": tenant.credited()}


def _term(state: str = "") -> Callable[[Tenant], dict[str, Any]]:
    return lambda tenant: {"order_id": tenant.in_terms(state)}


def _new_customer(tenant: Tenant) -> dict[str, Any]:
    return {"relation_id": tenant.customer()}


def _elsewhere(tenant: Tenant) -> dict[str, Any]:
    process("vos")
    return {"relation_id": elsewhere.page().rows[0].relation.id}


# In this order, for the link is undone in the end.
DEEDS: dict[str, Deed] = {
    "work_orders.create": Deed(lambda tenant: _ORDER | {"relation_id": tenant.relation}),
    "work_orders.update": Deed(lambda tenant: _ORDER | {"relation_id": tenant.relation}, _on("draft")),
    "work_orders.move": Deed(names=_on("draft")),
    "work_orders.finished": Deed(_with(executed_on="19-11-2026"), _on("draft")),
    "work_orders.report": Deed(_with(work_done="Klaar", hours="2"), _on()),
    "planning.plan": Deed(
        lambda tenant: {"planned_on": date.today().isoformat(), "worker_id": str(tenant.grown.place.worker_id)},
        _on("draft"),
    ),
    "planning.hand_over": Deed(
        lambda tenant: {"order": str(tenant.planned()), "to_backlog": "1"},
        lambda tenant: {"worker_id": tenant.grown.place.worker_id},
    ),
    "work_orders.not_billable": Deed(_with(reason="garantie"), _on()),
    "work_orders.billable": Deed(names=_on()),
    "work_orders.withdraw_dwelling": Deed(names=_on()),
    "work_orders.ask_customer": Deed(names=_on()),
    "work_orders.approve": Deed(names=_on()),
    "work_orders.send": Deed(names=_refused),
    "work_orders.check": Deed(names=_refused),
    "work_orders.compare": Deed(names=_refused),
    "work_orders.accept": Deed(names=_refused, refused=True),
    "work_orders.next_number": Deed(names=_refused, refused=True),
    "work_orders.number_from": Deed(_with(next_number="60000"), _refused, refused=True),
    "work_orders.send_gone": Deed(names=_refused, refused=True),
    "work_orders.settle_code_moved": Deed(_with(reason="Staat goed"), _refused),
    "work_orders.give_up": Deed(_with(reason="dubbel"), _refused),
    "work_orders.read_back": Deed(),
    "work_orders.note_correction": Deed(_with(note="Prijs aangepast")),
    "work_orders.credit": Deed(_with(reason="Verkeerde klant", following="mend"), _posted),
    "work_orders.send_credit": Deed(names=_credited),
    "work_orders.check_credit": Deed(names=_credited),
    "work_orders.give_up_credit": Deed(_with(reason="dubbel"), _credited),
    "reconciliation.compare": Deed(),
    "reconciliation.payments": Deed(),
    "reconciliation.accept": Deed(_with(reason="afgesproken"), lambda tenant: {"finding_id": tenant.finding()}),
    "bulk.preview": Deed(lambda tenant: {"order": [str(tenant.order()) for _n in range(3)]}),
    "bulk.start": Deed(lambda tenant: {"order": [tenant.seen() for _n in range(3)]}),
    "bulk.together": Deed(lambda tenant: {"order": [tenant.seen() for _n in range(3)]}),
    "bulk.stop": Deed(names=lambda tenant: {"job_id": tenant.job()}),
    "relations.create": Deed(_with(**_RELATION)),
    "relations.update": Deed(_with(**_RELATION), _new_customer),
    "relations.save_code": Deed(_with(code="4242"), _new_customer),
    "relations.create_remote": Deed(names=_new_customer),
    "relations.same": Deed(lambda tenant: {"other": str(tenant.relation)}, _new_customer),
    "relations.take_sure": Deed(),
    "relations.put_aside": Deed(names=_elsewhere),
    "relations.bring_back": Deed(names=_elsewhere),
    "relations.fetch": Deed(_with(code="1001")),
    "relations.save_notes": Deed(
        _with(notes="Sleutel bij de buren", asks_order_number="y", wage_percent="60", g_percent="40")
    ),
    "relations.create_location": Deed(_with(**_SITE)),
    "relations.update_location": Deed(_with(**_SITE)),
    "relations.remove_location": Deed(),
    "articles.create": Deed(_with(**_ARTICLE)),
    "articles.update": Deed(_with(**_ARTICLE), lambda tenant: {"article_id": tenant.grown.place.article_id}),
    "work_orders.agree": Deed(_with(**_TERMS), _on("draft")),
    "work_orders.send_term": Deed(names=_term()),
    "work_orders.check_term": Deed(names=_term("refused")),
    "work_orders.give_up_term": Deed(_with(reason="later"), _term("refused")),
    "work_orders.credit_term": Deed(_with(reason="te vroeg"), _term("posted")),
    "settings.save_company": Deed(_with(name="Vos en dochters", g_account="NL91ABNA0417164300")),
    "settings.create_worker": Deed(_with(name="Nieuw", colour="petrol", active="y")),
    "settings.update_worker": Deed(_with(name="Anders", colour="petrol", active="y")),
    "settings.invite": Deed(_with(email="nieuw@elders.example", role="planner")),
    "settings.resend_invitation": Deed(),
    "settings.ask_second_factor": Deed(_with(wanted="no")),
    "settings.withdraw_invitation": Deed(names=lambda tenant: {"invitation_id": tenant.invited()}),
    "settings.update_member": Deed(_with(role="reader")),
    "settings.remove_member": Deed(),
    "settings.save_support_access": Deed(_with(reading="y")),
    "settings.save_notices": Deed(_with(daily="y")),
    "settings.save_invoicing": Deed(_with(term_days="14", next_number="1"), refused=True),
    "settings.save_connection": Deed(_with(username="demo", code1="", code2="")),
    "settings.start_connection": Deed(),
    "settings.look_back": Deed(),
    "settings.erase_codes": Deed(names=lambda _tenant: {"number": 1}),
    "settings.undo": Deed(),
    "settings.save_features": Deed(),
}
# What is not carried out here, and why.
ELSEWHERE = {
    "relations.sync": "as long as the list it reads: tests/services/test_sync_in_batches.py counts the rows it writes",
    "articles.sync": "the same",
    "relations.put_aside_all": "as long as what it puts aside, in steps: tests/services/test_elsewhere_relations.py",
    "settings.is_ours": "as long as what stands over there since the last known posting, like the look itself",
    "settings.is_not_ours": "the same",
}


def done(grown: Grown) -> dict[str, Work]:
    """The work of every deed and every round."""
    found, otherwise, tenant = {}, {}, Tenant(grown)
    rules = {rule.endpoint: rule for rule in tenant_rules(grown.app) if "POST" in (rule.methods or ())}
    with grown.app.app_context():
        client = client_for(grown.app, OWNER)
        client.get("/t/vos/help/")
        for endpoint, deed in DEEDS.items():
            named = ids(grown, grown.filled.posted_order) | deed.names(tenant)
            form = deed.form(tenant)
            with worked(db.engine) as work:
                answer = client.post(url(grown.app, rules[endpoint], "vos", named), data=form)
            if answer.status_code not in ({422} if deed.refused else {200, 204, 303}):
                otherwise[endpoint] = answer.status_code
            found[endpoint] = work
        assert otherwise == {}, "answered otherwise than expected"
        deps = grown.app.extensions["crafter"]
        for work_round in (rounds.every_minute, rounds.every_hour):
            with worked(db.engine) as work:
                work_round(deps)
            found[work_round.__name__] = work
    return found
