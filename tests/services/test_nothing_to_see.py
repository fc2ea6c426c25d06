"""A required text of nothing but signs that nobody sees is empty, wherever it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from domain.message import Refusal
from services.catalogue import articles, locations, relations
from services.catalogue.articles import ArticleInput
from services.catalogue.locations import LocationInput
from services.catalogue.relations import RelationDetails
from services.company import details, workers
from services.company.details import CompanyInput
from services.company.workers import WorkerInput
from services.invoicing import looking_back, press
from services.orders import work_orders
from services.orders.work_orders import OrderInput
from services.people import invitations

UNSEEN = "\u200b\u3164 \u00ad"
ASKED: dict[str, Callable[[Any], object]] = {
    "title of an order": lambda vos: work_orders.create(vos.actor, OrderInput(title=UNSEEN)),
    "why an order is not billed": lambda vos: work_orders.set_billable(vos.actor, vos.order_id, UNSEEN),
    "name of a relation": lambda vos: relations.create(vos.actor, RelationDetails(UNSEEN)),
    "address of a work site": lambda vos: locations.create(vos.actor, vos.relation_id, LocationInput(UNSEEN)),
    "article": lambda vos: articles.create(vos.actor, _ARTICLE),
    "name of somebody who works here": lambda vos: workers.create(vos.actor, WorkerInput(UNSEEN)),
    "name of the company": lambda vos: details.save(vos.actor, CompanyInput(UNSEEN)),
    "name of who was invited": lambda vos: invitations.accept_new("invited-vos", UNSEEN, "een lang genoeg wachtwoord"),
    "why an invoice is let go": lambda vos: press.give_up(vos.actor, vos.order_id, UNSEEN),
    "what was corrected there": lambda vos: press.note_correction(vos.actor, vos.order_id, UNSEEN),
    "why an invoice is not ours": lambda vos: looking_back.is_not_ours(vos.deps, vos.actor, "WB2026-0001", UNSEEN),
}
_ARTICLE = ArticleInput(description=UNSEEN, price=Decimal(1))


@pytest.mark.parametrize("what", ASKED)
def test_it_is_refused_as_empty(vos: SimpleNamespace, what: str) -> None:
    with pytest.raises(Refusal) as refused:
        ASKED[what](vos)
    assert refused.value.message.text.startswith(("Vul", "Geef", "Schrijf")), "it asks for the text"
