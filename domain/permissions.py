"""Who may do what: roles, permissions as `area:action` words, and the person at work."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

OWNER, OFFICE, PLANNER, WORKER, READER = "owner", "office", "planner", "worker", "reader"
ROLE_NAMES = {
    OWNER: "eigenaar",
    OFFICE: "administratie",
    PLANNER: "planner",
    WORKER: "monteur",
    READER: "lezer",
}

_READ = frozenset(
    {
        "start:read",
        "help:read",
        "planning:read",
        "work_order:read",
        "relation:read",
        "article:read",
        "price:read",
        "history:read",
    }
)
_PLAN = _READ | {
    "work_order:write",
    "work_order:plan",
    "work_order:perform",
    "relation:write",
    "article:write",
    "work_order:approve",
}
_OFFICE = _PLAN | {"bookkeeping:sync", "settings:read", "settings:write", "worker:write"}

GRANTED: dict[str, frozenset[str]] = {
    OWNER: _OFFICE | {"bookkeeping:connect"},
    OFFICE: _OFFICE,
    PLANNER: _PLAN | {"bookkeeping:sync"},
    WORKER: frozenset({"start:read", "help:read", "work_order:read", "work_order:perform"}),
    READER: _READ,
}
# What support may do while stepping in: look, and nothing else (design section 5).
SUPPORT = _READ | {"settings:read"}
ALL_PERMISSIONS = frozenset().union(*GRANTED.values())


@dataclass(frozen=True)
class Actor:
    """The person at work in one tenant. `on_behalf_of` is set while support steps in; then nothing is written."""

    tenant_id: int
    tenant_slug: str
    tenant_name: str
    person_id: UUID
    person_name: str
    role: str
    worker_id: UUID | None = None
    on_behalf_of: str | None = None
    visit_id: UUID | None = None

    @property
    def impersonating(self) -> bool:
        """Whether this is support staff stepping in."""
        return self.on_behalf_of is not None

    def may(self, permission: str) -> bool:
        """Whether this person may; unknown words raise KeyError so that a typo never grants or hides silently."""
        if permission not in ALL_PERMISSIONS:
            raise KeyError(permission)
        if self.impersonating:
            return permission in SUPPORT
        return permission in GRANTED.get(self.role, frozenset())

    @property
    def only_own_orders(self) -> bool:
        """A mechanic sees the orders planned for them, and no others."""
        return self.role == WORKER
