"""Knowledge that used to be written in many places is written in one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import String

from blueprints.relations.forms import RelationForm
from domain.relation import LED_THERE, LONGEST, SAID, TEXTS, RelationDetails
from gateways.eboekhouden import mapping
from models import Relation

ROOT = Path(__file__).parents[2]
OURS = ("web", "blueprints", "jobs", "demo", "services", "oversight", "gateways", "models", "tenancy", "domain")

# what is written, as a pattern, and the only files of ours that may hold it
OWNERS = {
    "the zone of our days": (r"Europe/Amsterdam|ZoneInfo\(", {"tenancy/clock.py"}),
    "which postings bill an order": (
        r"BillingClaim\.|\.billing = ",
        {"services/invoicing/claims.py", "models/billing.py", "models/work_order.py"},
    ),
    "where a page ends": (r"\b(SIZE|PAGE) \+ 1\b", {"services/paging.py"}),
    "what is an e-mail address": (r"""['"]@['"] (not )?in |@\[\^@""", {"domain/email_address.py"}),
    "what a role is called": (r"""_\(['"](eigenaar|monteur|lezer)['"]\)""", {"domain/permissions.py"}),
    "the states of the link": (r"""[!=]= ?['"](active|inactive|broken|off)['"]""", set()),
    "the link locked": (r"select\(Connection\)\.with_for_update", {"services/link/connection.py"}),
    "names sorted by their letters' codes": (
        r"order_by\([^)]*\.(name|description|title|label)\b|key=lambda \w+: (?!.*sort_key).*\.(name|description)\b",
        {"tenancy/distribution.py"},  # names of the database's own constraints
    ),
    "the credentials compared": (r"\.version [!=]= (self\.)?credentials\.version", {"services/link/connection.py"}),
}


def sources() -> list[Path]:
    own = [path for folder in OURS for path in (ROOT / folder).rglob("*.py")]
    return [*own, *ROOT.glob("*.py"), *(ROOT / "templates").rglob("*.html")]


@pytest.mark.parametrize("knowledge", OWNERS)
def test_knowledge_has_one_owner(knowledge: str) -> None:
    pattern, owners = OWNERS[knowledge]
    found = {str(path.relative_to(ROOT)) for path in sources() if re.search(pattern, path.read_text())}
    assert found == owners, f"{knowledge} is also in {sorted(found - owners)}"


def test_a_relation_has_the_same_details_everywhere() -> None:
    assert set(LONGEST) == {"code", *TEXTS} == set(SAID) - {"is_company"}
    assert set(mapping._OF_A_RELATION) == set(LONGEST)
    columns = Relation.__mapper__.columns
    assert {name: columns[name].type.length for name in LONGEST if isinstance(columns[name].type, String)} == LONGEST
    shown = set(vars(RelationForm)) & set(SAID)
    assert shown == set(SAID), "a detail that no form asks for"
    assert all(hasattr(RelationDetails("x"), name) for name in LED_THERE)
