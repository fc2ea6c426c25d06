"""What is an e-mail address, and which spellings are the same person."""

from __future__ import annotations

import pytest

from domain.email_address import as_known, contact, of_person, on_envelope
from domain.message import Refusal

ADDRESSES = {
    "jan@bedrijf.nl": "jan@bedrijf.nl",
    "  Jan.Vos@Bedrijf.NL ": "jan.vos@bedrijf.nl",
    "a+werk@bedrijf.nl": "a+werk@bedrijf.nl",
    "o'neill@bedrijf.nl": "o'neill@bedrijf.nl",
    "jan@bücher.example": "jan@bücher.example",
    "jan@BÜCHER.example": "jan@bücher.example",
    "jan@xn--bcher-kva.example": "jan@bücher.example",
    "planner@installatie.example": "planner@installatie.example",
    "iemand@proef.test": "iemand@proef.test",
}
NONE = (
    "geen adres", "jan", "jan@", "@bedrijf.nl", "jan@bedrijf", "jan@bedrijf..nl", "jan@@bedrijf.nl", "j vos@bedrijf.nl",
    "Jan <jan@bedrijf.nl>", "jan@[127.0.0.1]", "jan@localhost", "jan@nas.local",
    '"jan vos"@bedrijf.nl', "jan@bedrijf.nl\nBcc: x@y.nl", "jan\x00@bedrijf.nl", "jan@be drijf.nl", ".jan@bedrijf.nl",
)  # fmt: skip


@pytest.mark.parametrize("typed", ADDRESSES)
def test_an_address_has_one_spelling_by_which_somebody_is_known(typed: str) -> None:
    assert of_person(typed) == as_known(typed) == ADDRESSES[typed]
    assert of_person(of_person(typed)) == of_person(typed)


@pytest.mark.parametrize("typed", NONE)
def test_what_is_no_address_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Refusal, match="niet af") as refused:
        of_person(typed, "owner_email")
    assert refused.value.field == "owner_email"
    for read in (contact, of_person):
        with pytest.raises(Refusal, match="niet af") as unnamed:
            read(typed)
        assert unnamed.value.field == "email"
    assert as_known(typed) == typed.strip().lower()


def test_a_customer_may_have_an_address_that_nobody_logs_in_with() -> None:
    assert contact(" Jörg@Bücher.example ") == "Jörg@Bücher.example", "it stays as it was typed"
    assert contact("  ") == ""
    with pytest.raises(Refusal, match="zonder accent"):
        of_person("jörg@bedrijf.nl")
    with pytest.raises(Refusal, match="hoogstens 150"):
        of_person("x" * 60 + "@" + ".".join(["y" * 40] * 3) + ".nl")


def test_on_an_envelope_the_domain_is_ascii() -> None:
    assert on_envelope("jan@bücher.example") == "jan@xn--bcher-kva.example"
    assert on_envelope(" jan@bedrijf.nl ") == "jan@bedrijf.nl"
    assert on_envelope("jan@kantoor") == "jan@kantoor", "known by an older rule: the mail server decides"
    for wrong in ("jan", "jan@bedrijf.nl\r\nBcc: x@y.nl", "jan vos@bedrijf.nl"):
        with pytest.raises(ValueError, match=r"^this is no mail address$"):
            on_envelope(wrong)


def test_no_look_up_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("a look-up")

    for name in ("getaddrinfo", "socket"):
        monkeypatch.setattr(socket, name, refuse)
    assert of_person("jan@bestaat-niet.example") == "jan@bestaat-niet.example"


@pytest.mark.parametrize("typed", ["a@x.nl; b@x.nl", "a@x.nl,b@x.nl", "a@x.nl b@x.nl"])
def test_of_two_addresses_it_is_said_that_one_fits(typed: str) -> None:
    with pytest.raises(Refusal, match="één e-mailadres"):
        contact(typed)
