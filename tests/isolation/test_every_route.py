"""Every route at once: what changes wants a token, what only shows changes nothing, what is not ours has its hash."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

from flask import Flask
from sqlalchemy import select

from models import Tenant
from tenancy.database import Base, db
from tenancy.row_security import tell
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.support.client import HTMX, client_for

TEMPLATES = Path(__file__).parents[2] / "templates"
SAFE = {"GET", "HEAD", "OPTIONS"}
# tables of the machinery, where looking may leave a trace: when a session was last used
MACHINERY = {"login_session", "throttle"}


def every_row(but: Collection[str] = MACHINERY) -> dict[str, set[str]]:
    """All rows of all tables but these, as text, tenant after tenant."""
    db.session.remove()
    found: dict[str, set[str]] = {}
    for tenant_id in db.session.scalars(select(Tenant.id)).all():
        with db.engine.connect() as connection:
            tell(connection, tenant_id)
            for table in Base.metadata.sorted_tables:
                if table.name not in but:
                    found.setdefault(table.name, set()).update(str(row) for row in connection.execute(select(table)))
    db.session.remove()
    assert len(found["work_order"]) > 1, "the rows were not read at all"
    return found


def addresses(app: Flask, cast: SimpleNamespace, unsafe: bool) -> list[tuple[str, str]]:
    """(method, address) of every route that changes something, or that only shows."""
    scoped, found = tenant_rules(app), []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if (method not in SAFE) != unsafe or rule.endpoint.endswith("static"):
                continue
            if rule in scoped:
                found.append((method, url(app, rule, "vos", ids_of(cast.vos))))
            else:
                values = {name: uuid4() if name.endswith("_id") else "vos" for name in rule.arguments}
                built = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
                found.append((method, built))
    return found


def test_every_address_that_changes_something_wants_a_token(app: Flask, cast: SimpleNamespace) -> None:
    found = addresses(app, cast, unsafe=True)
    assert len(found) > 40
    before = every_row()
    for who in ("owner", "support"):
        client = client_for(app, who)
        client.csrf = ""
        for method, address in found:
            answer = client.open(address, method=method, headers=HTMX)
            assert (answer.status_code, "Deze pagina was te oud" in answer.text) == (400, True), f"{method} {address}"
    assert every_row() == before


def test_looking_at_every_page_changes_nothing(app: Flask, cast: SimpleNamespace) -> None:
    found = addresses(app, cast, unsafe=False)
    assert len(found) > 40
    client_for(app, "owner").get("/t/vos/")
    before = every_row()
    for who in ("owner", "worker", "support"):
        client = client_for(app, who)
        for method, address in found:
            assert client.open(address, method=method).status_code < 500, f"{method} {address}"
    after = every_row()
    files = [address for _method, address in found if "export" in address]
    written = [row for row in after["audit_entry"] if row not in before["audit_entry"]]
    assert len(written) == len(files) > 0, "that a file was taken is all that looking writes down"
    assert all("export.taken" in str(row) for row in written)
    for table, rows in before.items():
        if table not in {"audit_entry", "due_work"}:  # that there is something to seal
            assert after[table] == rows, f"looking changed {table}"


def test_what_comes_from_elsewhere_has_its_hash() -> None:
    elsewhere = [
        (path.name, tag)
        for path in TEMPLATES.rglob("*.html")
        for tag in re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*https?://[^>]*>", path.read_text())
    ]
    assert len(elsewhere) == 1
    for name, tag in elsewhere:
        assert re.search(r'integrity="sha384-[\w+/=]{64}"', tag), name
        assert 'crossorigin="anonymous"' in tag, name
