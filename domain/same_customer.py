"""Whether two customers look like one: the same KvK or VAT number, e-mail address, or name and postcode."""

from __future__ import annotations

from typing import Protocol

from domain.finding import words_in
from domain.fold import fold, sort_key
from domain.message import N_

_FORMS = frozenset({"bv", "nv", "vof", "cv", "eenmanszaak"})  # what a company is, and not what it is called
BY_COC, BY_VAT, BY_EMAIL, BY_NAME = "coc_number", "vat_number", "email", "name"
WHY = {
    BY_COC: N_("hetzelfde KvK-nummer"),
    BY_VAT: N_("hetzelfde btw-nummer"),
    BY_EMAIL: N_("hetzelfde e-mailadres"),
    BY_NAME: N_("dezelfde naam en postcode"),
}
COMPARED = ("name", "postcode", "email", "coc_number", "vat_number")


class Customer(Protocol):
    """What is compared of one."""

    @property
    def name(self) -> str: ...
    @property
    def postcode(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def coc_number(self) -> str: ...
    @property
    def vat_number(self) -> str: ...


def joined(text: str) -> str:
    """A text as one word: folded, without blanks and marks."""
    return "".join(sign for sign in fold(text) if sign.isalnum())


def called(name: str) -> str:
    """A name as it is compared: without capitals, accents and marks, and without what kind of company it is."""
    words = sort_key(name).split()
    return " ".join(word for word in words if word not in _FORMS) or " ".join(words)


def looks_like(one: Customer, other: Customer) -> str:
    """By what two customers look like one, surest first; empty when by nothing. An empty field is like no other."""
    for field in (BY_COC, BY_VAT, BY_EMAIL):
        value = joined(getattr(one, field))
        if value and value == joined(getattr(other, field)):
            return field
    postcode = joined(one.postcode)
    same = bool(postcode) and postcode == joined(other.postcode) and called(one.name) == called(other.name)
    return BY_NAME if same else ""


def surely(one: Customer, other: Customer) -> bool:
    """Whether two customers are one as surely as what is kept of them can tell: they are called the same, have the same
    KvK or VAT number, e-mail address or postcode, and differ in none of the numbers and the postcode that both have. A
    branch of a company has the company's numbers, and is told apart by its postcode."""
    if called(one.name) != called(other.name):
        return False
    both = [(joined(getattr(one, field)), joined(getattr(other, field))) for field in (BY_COC, BY_VAT, "postcode")]
    if any(ours and theirs and ours != theirs for ours, theirs in both):
        return False
    both.append((joined(one.email), joined(other.email)))
    return any(ours and ours == theirs for ours, theirs in both)


def word_of(text: str) -> str:
    """The word in the index that a text with a digit or a mark in it is certainly found by, folded; empty for none."""
    return max(words_in(text), key=len, default="")


def fingerprint(one: Customer) -> str:
    """What a customer sent to the bookkeeping is recognised by there."""
    return "\t".join(joined(text) for text in (one.name, one.postcode, one.email))
