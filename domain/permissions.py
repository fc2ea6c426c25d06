"""Who may do what: roles, permissions as `area:action` words, and the person at work."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.message import N_, Message

OWNER, OFFICE, PLANNER, WORKER, READER = "owner", "office", "planner", "worker", "reader"
ROLE_NAMES = {
    OWNER: N_("eigenaar"),
    OFFICE: N_("administratie"),
    PLANNER: N_("planner"),
    WORKER: N_("monteur"),
    READER: N_("lezer"),
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
_OFFICE = _PLAN | {
    "bookkeeping:sync",
    "settings:read",
    "settings:write",
    "worker:write",
    "export:read",
    "team:read",
    "notice:choose",
    "reconciliation:read",
    "reconciliation:write",
}

GRANTED: dict[str, frozenset[str]] = {
    OWNER: _OFFICE | {"support_access:write", "bookkeeping:connect", "team:write"},
    OFFICE: _OFFICE,
    PLANNER: _PLAN | {"bookkeeping:sync"},
    WORKER: frozenset({"start:read", "help:read", "work_order:read", "work_order:perform"}),
    READER: _READ,
}
# What support may while looking along, and at most while acting on somebody's behalf (never more than that person).
# Closed to support always: credentials, people, consent, exports, and posting into somebody's books.
SUPPORT = _READ | {"settings:read", "reconciliation:read"}
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
    "start:read": N_("startpagina zien"),
    "help:read": N_("help lezen"),
    "planning:read": N_("planning zien"),
    "work_order:read": N_("werkbonnen zien"),
    "work_order:write": N_("werkbonnen maken en wijzigen"),
    "work_order:plan": N_("werk inplannen"),
    "work_order:perform": N_("gedaan werk invullen"),
    "work_order:approve": N_("werkbonnen controleren en facturen plaatsen"),
    "price:read": N_("prijzen zien"),
    "relation:read": N_("relaties zien"),
    "relation:write": N_("relaties wijzigen"),
    "article:read": N_("artikelen zien"),
    "article:write": N_("artikelen wijzigen"),
    "history:read": N_("logboek zien"),
    "bookkeeping:sync": N_("ophalen uit e-Boekhouden"),
    "bookkeeping:connect": N_("koppeling met e-Boekhouden instellen"),
    "reconciliation:read": N_("zien of Crafter en e-Boekhouden aansluiten"),
    "reconciliation:write": N_("vergelijken met e-Boekhouden, en verschillen zo laten"),
    "export:read": N_("bestanden downloaden"),
    "settings:read": N_("instellingen zien"),
    "settings:write": N_("instellingen wijzigen"),
    "worker:write": N_("medewerkers wijzigen"),
    "team:read": N_("team zien"),
    "team:write": N_("team wijzigen en mensen uitnodigen"),
    "notice:choose": N_("kiezen welke mails zij zelf krijgen"),
    "support_access:write": N_("toegang voor support regelen"),
}
ALL_PERMISSIONS = frozenset().union(*GRANTED.values())


@dataclass(frozen=True)
class Actor:
    """The person at work in one tenant. `on_behalf_of` is set during a visit of support: `acting` says that they may
    change things too, with the rights of `role` as far as support has them; else they look only."""

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
    def visiting(self) -> bool:
        """Whether this is support staff on a visit."""
        return self.on_behalf_of is not None

    def may(self, permission: str) -> bool:
        """Whether this person may; unknown words raise KeyError so that a typo never grants or hides silently."""
        if permission not in ALL_PERMISSIONS:
            raise KeyError(permission)
        if self.visiting and not self.acting:
            return permission in SUPPORT
        if self.visiting:
            return permission in SUPPORT_ACTING & GRANTED.get(self.role, frozenset())
        return permission in GRANTED.get(self.role, frozenset())

    @property
    def only_own_orders(self) -> bool:
        """A mechanic sees the orders planned for them, and no others."""
        return self.role == WORKER
