"""What htmx gets is a piece of what a browser gets: fragments and pages are one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask

from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.client import HTMX, client_for


@pytest.mark.slow
def test_a_fragment_is_never_a_whole_page_and_a_page_never_a_fragment(app: Flask, cast: SimpleNamespace) -> None:
    client = client_for(app, "owner")
    for rule in tenant_rules(app):
        if "GET" not in (rule.methods or set()):
            continue
        address = url(app, rule, "vos", ids_of(cast.vos))
        page = client.get(address)
        assert page.status_code in {200, 303}, f"{address} answered {page.status_code}"
        restored = client.get(address, headers={"HX-History-Restore-Request": "true", "HX-Request-Type": "full"})
        if page.mimetype == "text/html" and rule.endpoint != "work_orders.invoice" and page.status_code == 200:
            assert "<html" in page.text, address
            assert "<html" in restored.text, f"{address}: going back in history asks for the full page"
        fragment = client.get(address, headers=HTMX)
        assert fragment.status_code in {200, 303}, address
