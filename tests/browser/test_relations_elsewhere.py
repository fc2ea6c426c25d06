"""Customers of another administration in a real browser, at the width of a phone and a screen."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from domain.link import LinkState
from models import Relation, SyncRun
from services.link import connection
from services.transaction import write_transaction
from tenancy.clock import database_now
from tests.browser.conftest import found_by_axe, log_in, too_wide
from tests.support.cast import process


def _in_another(site: SimpleNamespace) -> None:
    """Three customers of the administration of before; one of them is certainly known in the one of now."""
    with site.app.app_context():
        process("vos")
        with write_transaction() as session:
            now = database_now(session)
            link = connection.locked(session)
            link.enabled, link.state, link.active_since, link.administration_number = True, LinkState.ACTIVE, now, 2
            oven = {"name": "Bakkerij De Oven", "postcode": "2345 BC", "city": "Waterveen", "email": "i@deoven.example"}
            session.add_all(
                [
                    Relation(**oven, code="77", remote_id=77, synced_at=now, administration=2),
                    Relation(**oven, address="Molenstraat 12", synced_at=now),
                    Relation(name="Stichting Tot Behoud Van Zeer Lange Namen In Waterveen En Omstreken", synced_at=now,
                             postcode="2345 BC", email="eenlangadresmetveeltekens@waterveen-en-omstreken.example"),
                    Relation(name="De Linde", code="1501", email="i@deoven.example", synced_at=now),
                    SyncRun(what="relations", started_at=now, finished_at=now, complete=True, by="Vos"),
                ]
            )  # fmt: skip


@pytest.mark.parametrize(("width", "javascript"), [(360, False), (1280, True)])
def test_they_are_shown_taken_and_put_aside(
    site: SimpleNamespace, open_page: Callable[..., Page], width: int, javascript: bool
) -> None:
    _in_another(site)
    page = open_page(width=width, javascript=javascript)
    log_in(page, site, "owner")
    page.goto(f"{site.url}/t/vos/relations/")
    assert too_wide(page) == 0
    page.get_by_role("link", name="Bekijk wie het daar zijn").click()
    expect(page.get_by_role("heading", name="Relaties uit een andere administratie")).to_be_visible()
    assert too_wide(page) == 0
    if javascript:
        assert found_by_axe(page) == []
    page.get_by_role("button", name="Neem alle zekere over").click()
    expect(page.get_by_text("1 relatie is overgenomen.")).to_be_visible()
    page.get_by_role("button", name="Berg op: De Linde").click()
    expect(page.get_by_text("De relatie is opgeborgen.")).to_be_visible()
    expect(page.get_by_role("button", name="Berg op: De Linde")).to_have_count(0)
    page.get_by_role("link", name="Kies zelf").click()
    expect(page.get_by_label("Zij staat hier al, onder code")).to_be_visible()
    assert too_wide(page) == 0
