"""How one administration answers where the real service's form is not certain."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from sandbox.schema import OPERATIONS
from sandbox.wishes import WrongWish

# every switch and what it can be
CHOICES: dict[str, tuple[Any, ...]] = {
    "error_msg": ("likeliest", "absent", "no_children", "empty_children"),
    "empty_lists": ("present", "absent"),
    "relatiecode_typed": (True, False),
    "session_code": ("dotted", "plain"),
    "vat_per": ("line", "total"),
    "used_number": ("refuse", "let_through"),
    "long_email": ("refuse", "take"),
    "decimals": ("round", "keep"),
    "zero_term": ("take", "refuse"),
    "negative_lines": ("take", "refuse"),
    "list_order": ("kept", "shuffled"),
    "invoice_cap": (0, 100),
}
# those that say what they decide, not in which form they answer
RULES = ("long_email", "decimals", "zero_term", "negative_lines", "list_order", "invoice_cap")
LIKELIEST = "likeliest"


@dataclass(frozen=True)
class Switches:
    """The switches of one administration; the defaults are the likeliest behaviour."""

    error_msg: str = "likeliest"
    empty_lists: str = "present"
    relatiecode_typed: bool = True
    session_code: str = "dotted"
    vat_per: str = "total"
    used_number: str = "refuse"
    long_email: str = "refuse"
    decimals: str = "round"
    zero_term: str = "take"
    negative_lines: str = "take"
    list_order: str = "kept"
    invoice_cap: int = 0
    error_msg_of: dict[str, str] = field(default_factory=dict)

    def error_form(self, operation: str) -> str:
        """How this operation says that nothing was wrong: absent, no_children or empty_children."""
        form = self.error_msg_of.get(operation, self.error_msg)
        if form != LIKELIEST:
            return form
        return "empty_children" if operation in ("OpenSession", "OpenSessionSub") else "no_children"

    def changed(self, wishes: Any) -> Switches:
        """A copy with the given switches turned. Raises WrongWish for an unknown one or value."""
        if not isinstance(wishes, dict):
            raise WrongWish("switches are a JSON object")
        for name, value in wishes.items():
            if name == "error_msg_of":
                _check_forms(value)
                continue
            if name not in CHOICES:
                raise WrongWish(f"unknown switch {name!r}; there are {', '.join(CHOICES)}")
            if not any(value is choice or value == choice for choice in CHOICES[name]):
                raise WrongWish(f"{name} is one of {CHOICES[name]}, not {value!r}")
        return replace(self, **wishes)

    def as_dict(self) -> dict[str, Any]:
        """Every switch by name."""
        return asdict(self)

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> Switches:
        """From what the state file holds; names it no longer knows are passed over."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


def _check_forms(value: Any) -> None:
    forms = CHOICES["error_msg"]
    if not isinstance(value, dict) or not all(key in OPERATIONS and form in forms for key, form in value.items()):
        raise WrongWish(f"error_msg_of is a form of {forms} by the name of an operation, not {value!r}")
