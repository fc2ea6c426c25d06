"""PyPI package eboekhouden-python: log in, write and read. Usage: python with_eboekhouden_python.py <url>"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from eboekhouden_python import EboekhoudenClient
from eboekhouden_python.constants import BtwCode, OpenPostSoort
from eboekhouden_python.models import Mutatie, MutatieRegel, Relatie

_CREDENTIALS = ("demo", "0123456789abcdef0123456789abcdef", "0F0E0D0C-1111-4222-8333-444455556666")
_DAY = "2026-11-22"


def conversation(url: str, say: Callable[[str, Any], None]) -> None:
    """Everything this client can do, step by step; `say` gets the step's name and what came of it."""
    client = EboekhoudenClient(*_CREDENTIALS, server_url=f"{url}?wsdl")
    relation = Relatie(relatie_code="PY1", bedrijf_particulier="B", bedrijf="Klant van Python", plaats="Hagewoud")
    say("add_relatie", int(client.add_relatie(relation)) > 0)
    say("add_relatie (again)", _refusal(lambda: client.add_relatie(relation)))
    found = client.get_relaties(relatie_code="PY1")
    say("get_relaties (code)", [(entry.bedrijf, entry.plaats) for entry in found])
    say("get_relaties (keyword)", [entry.relatie_code for entry in client.get_relaties(trefwoord="van python")])
    say("get_relaties (nothing)", client.get_relaties(relatie_code="NONE"))

    sold = Mutatie.factuur_verstuurd(
        datum=_DAY,
        rekening="1300",
        relatie_code="PY1",
        factuur_nummer="PY-1",
        omschrijving="Verkoop",
        mutatie_regels=[MutatieRegel.from_bedrag(100.0, BtwCode.hoog_verkoop_21, "8000")],
    )
    say("mutatie_exists", client.mutatie_exists(sold))
    number = client.add_mutatie(sold)
    say("add_mutatie", number)
    say("add_mutatie (again)", _refusal(lambda: client.add_mutatie(sold)))
    say("mutatie_exists", client.mutatie_exists(sold))
    received = Mutatie.geld_ontvangen(
        datum=_DAY,
        rekening="1010",
        omschrijving="Kasverkoop",
        mutatie_regels=[MutatieRegel.from_bedrag(10.9, BtwCode.laag_verkoop_9, "8000")],
    )
    say("add_mutatie (money)", client.add_mutatie(received))
    mutations = client.get_mutaties(datum_van=_DAY, datum_totmet=_DAY)
    say("get_mutaties", [(one.soort, one.mutatie_regels[0].bedrag_btw) for one in mutations])
    say("get_mutaties (number)", [one.omschrijving for one in client.get_mutaties(mutatie_nummer=number)])
    items = client.get_open_posten(OpenPostSoort.debiteuren)
    say("get_open_posten", [(item.factuur_nummer, item.relatie_bedrijf, item.bedrag_openstaand) for item in items])
    wrong = (*_CREDENTIALS[:1], "x", _CREDENTIALS[2])
    say("log in (wrong code 1)", _refusal(lambda: EboekhoudenClient(*wrong, server_url=f"{url}?wsdl")))


def _refusal(act: Callable[[], Any]) -> str:
    try:
        act()
    except ValueError as refused:
        return str(refused).partition(":")[0]
    return "no refusal"


if __name__ == "__main__":
    conversation(sys.argv[1], lambda step, value: print(f"{step:<28}{json.dumps(value, ensure_ascii=False)}"))
