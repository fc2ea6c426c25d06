"""The frozen invoice, equality with theirs, and pre-flight."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.invoice import (
    PAYLOAD_VERSION,
    InvoiceDraft,
    InvoiceLine,
    RemoteInvoice,
    differences,
    fingerprint,
    freeze,
    renumbered,
    thaw,
)
from domain.limits import Limits
from domain.preflight import Candidate, as_sent, blockers, draft

LIMITS = Limits(2000, 100, {"relation_code": 15, "template": 50}, {"unit": 50, "code": 50, "ledger_code": 10})
LINE = InvoiceLine("ARBEID", "Arbeid", Decimal("2.5"), "uur", Decimal("62.50"), "high", "8000")
OURS = InvoiceDraft("WB2026-0031", "1001", date(2026, 11, 19), 14, "Factuursjabloon", (LINE, LINE))
THEIRS = RemoteInvoice(
    "WB2026-0031", "1001", date(2026, 11, 19), 14, Decimal("312.50"), Decimal("65.63"), Decimal("378.13"),
    Decimal("378.13"), (LINE, LINE),
)  # fmt: skip
CANDIDATE = Candidate(
    "2026-0042", "Jansen", "1001", date(2026, 11, 3), date(2026, 11, 19), "Dorpsstraat 1", "Factuursjabloon",
    14, (LINE,),
)  # fmt: skip


def test_freezing_and_thawing_gives_the_same_invoice_and_the_same_bytes() -> None:
    assert thaw(freeze(OURS), PAYLOAD_VERSION, str.upper) == OURS
    assert freeze(thaw(freeze(OURS), PAYLOAD_VERSION, str.upper)) == freeze(OURS)
    assert fingerprint(freeze(OURS)) != fingerprint(freeze(renumbered(OURS, "WB2026-0032")))


def test_a_frozen_invoice_is_these_bytes() -> None:
    frozen = freeze(replace(OURS, template="Sjabloon é", lines=(LINE,)))
    assert frozen == (
        '{"lines":[{"code":"ARBEID","description":"Arbeid","ledger_code":"8000","price":"62.50","quantity":"2.5",'
        '"unit":"uur","vat_code":"high"}],"number":"WB2026-0031","on":"2026-11-19","relation_code":"1001",'
        '"template":"Sjabloon é","term_days":14}'
    )
    assert fingerprint("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


def test_the_same_invoice_under_another_number_differs_in_nothing_else() -> None:
    assert renumbered(OURS, "WB2026-0032") == replace(OURS, number="WB2026-0032")


def test_a_payload_of_the_first_version_is_read_with_the_words_of_its_bookkeeping() -> None:
    theirs = freeze(replace(OURS, lines=(replace(LINE, vat_code="V21"), replace(LINE, vat_code="V99"))))
    names = {"V21": "high"}
    made = thaw(theirs, 1, lambda code: names.get(code, code))
    assert [line.vat_code for line in made.lines] == ["high", "V99"]


@pytest.mark.parametrize("version", [0, PAYLOAD_VERSION + 1])
def test_a_payload_of_an_unknown_version_is_not_guessed_at(version: int) -> None:
    with pytest.raises(ValueError, match=f"version {version}"):
        thaw(freeze(OURS), version, str)


def test_the_same_invoice_is_equal_and_a_cent_of_vat_a_line_is_allowed() -> None:
    assert differences(OURS, THEIRS) == ()
    assert differences(OURS, replace(THEIRS, vat=Decimal("65.61"))) == ()
    assert differences(OURS, replace(THEIRS, vat=Decimal("65.60"))) == ("vat",)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"number": "F00001"}, "number"),
        ({"relation_code": "1002"}, "relation_code"),
        ({"on": date(2026, 11, 20)}, "on"),
        ({"lines": (LINE,)}, "lines"),
        ({"lines": (LINE, replace(LINE, price=Decimal("62.51")))}, "lines"),
        ({"lines": (LINE, replace(LINE, vat_code="low"))}, "lines"),
        ({"excl": Decimal("312.51")}, "excl"),
    ],
)
def test_what_differs_is_named(changed: dict[str, object], name: str) -> None:
    assert name in differences(OURS, replace(THEIRS, **changed))  # type: ignore[arg-type]


def test_the_first_line_says_which_order_and_when_it_was_supplied() -> None:
    made = draft(CANDIDATE, "WB2026-0031", date(2026, 11, 19))
    supplied = replace(LINE, description="Werkbon 2026-0042, uitgevoerd 3-11-2026, Dorpsstraat 1: Arbeid")
    assert made == InvoiceDraft("WB2026-0031", "1001", date(2026, 11, 19), 14, "Factuursjabloon", (supplied,))


def test_what_is_not_known_yet_is_left_out_of_a_preview_of_the_invoice() -> None:
    made = draft(replace(CANDIDATE, relation_code=None, executed_on=None), "", date(2026, 11, 19))
    assert (made.relation_code, made.lines[0].description) == (
        "", "Werkbon 2026-0042, uitgevoerd 19-11-2026, Dorpsstraat 1: Arbeid",
    )  # fmt: skip


def test_a_text_that_fits_exactly_and_an_everyday_character_block_nothing() -> None:
    line = replace(LINE, unit="u" * 50, code="c" * 50, ledger_code="8" * 10, description="Café – ½ m²\nregel 2 😀" * 90)
    full = replace(CANDIDATE, relation_code="1" * 15, template="t" * 50, location="’s-Gravenweg 1 <a>", lines=(line,))
    assert blockers(full, LIMITS) == ()


def test_nothing_blocks_a_complete_candidate() -> None:
    assert blockers(CANDIDATE, LIMITS) == ()


@pytest.mark.parametrize(
    ("candidate", "key", "mend"),
    [
        (replace(CANDIDATE, relation_name=None, relation_code=None), "relation", "order"),
        (replace(CANDIDATE, relation_code=None), "relation_code", "relation_code"),
        (replace(CANDIDATE, executed_on=None), "executed_on", "order"),
        (replace(CANDIDATE, template=""), "template", "invoice_settings"),
        (replace(CANDIDATE, connection_broken=True), "connection", "connection"),
        (replace(CANDIDATE, lines=()), "line_count", "lines"),
        (replace(CANDIDATE, lines=(LINE,) * 101), "line_count", "lines"),
        (replace(CANDIDATE, lines=(replace(LINE, code=""),)), "code", "invoice_settings"),
        (replace(CANDIDATE, lines=(replace(LINE, ledger_code=""),)), "ledger", "invoice_settings"),
        (replace(CANDIDATE, lines=(replace(LINE, vat_code=""),)), "vat", "lines"),
        (replace(CANDIDATE, lines=(replace(LINE, vat_code="HOOG_VERK"),)), "vat", "lines"),
        (replace(CANDIDATE, lines=(replace(LINE, vat_code="eu_distance"),)), "vat_kind", "lines"),
        (replace(CANDIDATE, relation_code="1" * 16), "relation_code_length", "relation_code"),
        (replace(CANDIDATE, relation_code="10\x0001"), "relation_code_characters", "relation_code"),
        (replace(CANDIDATE, template="t" * 51), "template_length", "invoice_settings"),
        (replace(CANDIDATE, template="Factuur\ud800"), "template_characters", "invoice_settings"),
        (replace(CANDIDATE, location="Kade\x0b 2"), "location_characters", "location"),
        (replace(CANDIDATE, lines=(replace(LINE, description="a\x07b"),)), "characters", "lines"),
        (replace(CANDIDATE, lines=(replace(LINE, ledger_code="80\x1f"),)), "characters", "lines"),
        (replace(CANDIDATE, lines=(replace(LINE, ledger_code="8" * 11),)), "length", "lines"),
        (replace(CANDIDATE, lines=(replace(LINE, unit="u" * 51),)), "length", "lines"),
    ],
)
def test_each_blocker_is_found_and_says_where_to_mend(candidate: Candidate, key: str, mend: str) -> None:
    assert [(found.key, found.mend) for found in blockers(candidate, LIMITS)] == [(key, mend)]


@pytest.mark.parametrize(
    ("quantity", "price", "sent", "said"),
    [
        ("1000", "0.0825", ("1", "82.50"), "(1000 uur × € 0,0825)"),
        ("0.1250", "62.5000", ("1", "7.81"), "(0,125 uur × € 62,50)"),
        ("-1000", "0.0825", ("-1", "82.50"), "(-1000 uur × € 0,0825)"),
        ("2.50", "-0.1234", ("-1", "0.31"), "(2,50 uur × € -0,1234)"),
        ("0.0001", "0.0001", ("1", "0.00"), "(0,0001 uur × € 0,0001)"),
    ],
)
def test_a_line_with_fine_decimals_goes_out_as_once_its_total(
    quantity: str, price: str, sent: tuple[str, str], said: str
) -> None:
    line = replace(LINE, quantity=Decimal(quantity), price=Decimal(price))
    out = as_sent(line)
    assert (out.quantity, out.price, out.unit) == (Decimal(sent[0]), Decimal(sent[1]), "")
    assert out.total == line.total
    assert out.description == f"Arbeid {said}"
    assert as_sent(out) == out


def test_a_line_of_two_decimals_goes_out_as_it_is() -> None:
    assert as_sent(LINE) is LINE
    fine = replace(LINE, quantity=Decimal("2.5000"), price=Decimal("62.5000"))
    assert as_sent(fine) is fine


def test_what_is_seen_beforehand_is_what_goes_out_and_adds_up_alike() -> None:
    fine = replace(CANDIDATE, lines=(replace(LINE, quantity=Decimal(1000), price=Decimal("0.0825")), LINE))
    assert blockers(fine, LIMITS) == ()
    made = draft(fine, "WB1", date(2026, 11, 3))
    assert made.totals.excl == Decimal("238.75")
    assert made.lines[0].description.startswith("Werkbon 2026-0042")
