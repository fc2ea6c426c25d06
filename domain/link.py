"""How the link with the bookkeeping stands."""

from __future__ import annotations

from enum import StrEnum


class LinkState(StrEnum):
    """off: not ticked under Functies; inactive: no credentials that were seen to work; active; broken: the credentials
    were refused. Also the word that is stored."""

    OFF = "off"
    INACTIVE = "inactive"
    ACTIVE = "active"
    BROKEN = "broken"

    @property
    def is_off(self) -> bool:
        """Whether the tenant does not use the link."""
        return self is LinkState.OFF

    @property
    def is_inactive(self) -> bool:
        """Whether the link is used but was not started (again)."""
        return self is LinkState.INACTIVE

    @property
    def is_active(self) -> bool:
        """Whether calls are made: invoices go out, lists come in."""
        return self is LinkState.ACTIVE

    @property
    def is_broken(self) -> bool:
        """Whether the credentials were refused; nothing calls until they are saved again."""
        return self is LinkState.BROKEN
