"""Who may do what: roles, permissions as `area:action` words, and the person at work."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.message import Message

OWNER, OFFICE, PLANNER, WORKER, READER = "owner", "office", "planner", "worker", "reader"
ROLE_NAMES = {
    OWNER: "eigenaar",
    OFFICE: "administratie",
    PLANNER: "planner",
    WORKER: "monteur",
    READER: "lezer",
}


def role_note(role: str) -> Message:
    """A role's name, as a row can hold it."""
    return Message(ROLE_NAMES.get(role, role), key=f"role.{role}")


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
_OFFICE = _PLAN | {"bookkeeping:sync", "settings:read", "settings:write", "worker:write", "export:read", "team:read"}

GRANTED: dict[str, frozenset[str]] = {
    OWNER: _OFFICE | {"support_access:write", "bookkeeping:connect", "team:write"},
    OFFICE: _OFFICE,
    PLANNER: _PLAN | {"bookkeeping:sync"},
    WORKER: frozenset({"start:read", "help:read", "work_order:read", "work_order:perform"}),
    READER: _READ,
}
# What support may while looking along, and at most while acting on somebody's behalf (never more than that person).
# Closed to support always: credentials, people, consent, exports, and posting into somebody's books.
SUPPORT = _READ | {"settings:read"}
SUPPORT_ACTING = SUPPORT | {
    "work_order:write",
    "work_order:plan",
    "work_order:perform",
    "relation:write",
    "article:write",
    "bookkeeping:sync",
    "settings:write",
    "worker:write",
}
# What each permission lets somebody do, in the words of the table under Instellingen, Team.
PERMISSION_NAMES = {
    "start:read": "startpagina zien",
    "help:read": "help lezen",
    "planning:read": "planning zien",
    "work_order:read": "werkbonnen zien",
    "work_order:write": "werkbonnen maken en wijzigen",
    "work_order:plan": "werk inplannen",
    "work_order:perform": "gedaan werk invullen",
    "work_order:approve": "werkbonnen controleren en facturen plaatsen",
    "price:read": "prijzen zien",
    "relation:read": "relaties zien",
    "relation:write": "relaties wijzigen",
    "article:read": "artikelen zien",
    "article:write": "artikelen wijzigen",
    "history:read": "logboek zien",
    "bookkeeping:sync": "ophalen uit e-Boekhouden",
    "bookkeeping:connect": "koppeling met e-Boekhouden instellen",
    "export:read": "bestanden downloaden",
    "settings:read": "instellingen zien",
    "settings:write": "instellingen wijzigen",
    "worker:write": "medewerkers wijzigen",
    "team:read": "team zien",
    "team:write": "team wijzigen en mensen uitnodigen",
    "support_access:write": "toegang voor support regelen",
}
ALL_PERMISSIONS = frozenset().union(*GRANTED.values())


@dataclass(frozen=True)
class Actor:
    """The person at work in one tenant. `on_behalf_of` is set while support steps in: `acting` says that they may also
    change things there, with the rights of `role` as far as support has them; else they look only."""

    tenant_id: int
    tenant_slug: str
    tenant_name: str
    person_id: UUID
    person_name: str
    role: str
    worker_id: UUID | None = None
    on_behalf_of: str | None = None
    visit_id: UUID | None = None
    on_behalf_of_id: UUID | None = None
    acting: bool = False

    @property
    def impersonating(self) -> bool:
        """Whether this is support staff stepping in."""
        return self.on_behalf_of is not None

    def may(self, permission: str) -> bool:
        """Whether this person may; unknown words raise KeyError so that a typo never grants or hides silently."""
        if permission not in ALL_PERMISSIONS:
            raise KeyError(permission)
        if self.impersonating and not self.acting:
            return permission in SUPPORT
        if self.impersonating:
            return permission in SUPPORT_ACTING & GRANTED.get(self.role, frozenset())
        return permission in GRANTED.get(self.role, frozenset())

    @property
    def only_own_orders(self) -> bool:
        """A mechanic sees the orders planned for them, and no others."""
        return self.role == WORKER
