"""What support may, as whom: never more than the subject, never more than support, and some things never."""

from __future__ import annotations

from uuid import uuid4

import pytest

from domain.permissions import ALL_PERMISSIONS, GRANTED, SUPPORT, SUPPORT_ACTING, Actor

CLOSED = {"bookkeeping:connect", "team:write", "support_access:write", "export:read", "work_order:approve"}
CHANGES = {word for word in ALL_PERMISSIONS if not word.endswith(":read")}


def actor(role: str, **changes: object) -> Actor:
    """Somebody at work at Vos."""
    return Actor(1, "vos", "Vos", uuid4(), "Sam Steun", role, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", sorted(GRANTED))
@pytest.mark.parametrize("permission", sorted(ALL_PERMISSIONS))
def test_acting_is_the_intersection_of_support_and_the_subject(role: str, permission: str) -> None:
    visitor = actor(role, on_behalf_of="Iemand", acting=True)
    allowed = permission in GRANTED[role] and permission in SUPPORT_ACTING
    assert visitor.may(permission) == allowed
    if permission in CLOSED:
        assert not visitor.may(permission)
    assert actor(role).may(permission) >= visitor.may(permission)


def test_looking_along_changes_nothing_and_acting_is_no_less() -> None:
    assert not SUPPORT & CHANGES
    assert SUPPORT <= SUPPORT_ACTING
    assert not CLOSED & SUPPORT_ACTING


def test_a_role_nobody_has_may_nothing() -> None:
    assert not any(actor("support", on_behalf_of="Vos", acting=True).may(word) for word in ALL_PERMISSIONS)


def test_a_misspelt_permission_is_an_error_for_visitors_too() -> None:
    for acting in (False, True):
        with pytest.raises(KeyError):
            actor("owner", on_behalf_of="Vos", acting=acting).may("order:write")
