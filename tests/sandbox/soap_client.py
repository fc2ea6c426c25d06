"""A zeep client as any program of the world would make one, and an invoice that is in order."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import requests
import zeep
from lxml import etree
from zeep.transports import Transport

from tests.support.sandbox_process import Sandbox

DAY = datetime(2026, 11, 22)
BINDING = "{http://www.e-boekhouden.nl/soap}soapAppSoap"


class SoapClient:
    """Calls of one administration. `session_id` and `code2` go along with every call."""

    def __init__(self, sandbox: Sandbox, administration: str = "demo", timeout: float = 60) -> None:
        self.credentials = sandbox.credentials(administration)
        self.code2 = self.credentials["code2"]
        self.session_id = ""
        self._requests = requests.Session()
        self._requests.trust_env = False
        self._transport = transport = Transport(session=self._requests, operation_timeout=timeout)
        document = _parsed_wsdl(sandbox.soap_url)
        client = zeep.Client(document, transport=transport)
        self._client = client
        self.service = client.create_service(BINDING, sandbox.soap_url)

    def wait_at_most(self, seconds: float) -> None:
        """How long it waits for bytes from now on."""
        self._transport.operation_timeout = seconds

    def log_in(self) -> None:
        """Open a session with the right credentials."""
        self.session_id = self.open(self.credentials)["SessionID"]

    def open(self, credentials: dict[str, str]) -> Any:
        """The answer of OpenSession."""
        return self.service.OpenSession(credentials["username"], credentials["code1"], credentials["code2"], "test")

    def call(self, operation: str, *payload: Any) -> Any:
        """The answer of an operation in the session."""
        return self.service[operation](self.session_id, self.code2, *payload)

    def message(self, operation: str, *payload: Any) -> bytes:
        """The envelope that zeep would send for a call."""
        return etree.tostring(
            self._client.create_message(self.service, operation, self.session_id, self.code2, *payload)
        )

    def add(self, **changes: Any) -> Any:
        """The answer of AddFactuur for an invoice that is in order but for the changes."""
        return self.call("AddFactuur", invoice(**changes))

    def find(self, **conditions: Any) -> list[Any]:
        """What GetFacturen finds."""
        wanted = {"DatumVan": datetime(1980, 1, 1), "DatumTm": datetime(2049, 12, 31)} | conditions
        found = self.call("GetFacturen", wanted)["Facturen"]
        return found["cFactuurList"] if found else []

    def close(self) -> None:
        """Close the connections."""
        self._requests.close()


@cache
def _parsed_wsdl(soap_url: str) -> Any:
    session = requests.Session()
    session.trust_env = False
    return zeep.Client(f"{soap_url}?WSDL", transport=Transport(session=session)).wsdl


def line(**changes: Any) -> dict[str, Any]:
    """A line that is in order but for the changes."""
    return {
        "Aantal": Decimal("2.5"),
        "Eenheid": "uur",
        "Code": "ARBEID",
        "Omschrijving": "Werk & materiaal",
        "PrijsPerEenheid": Decimal("42.00"),
        "BTWCode": "HOOG_VERK_21",
        "TegenrekeningCode": "8000",
        "KostenplaatsID": 0,
    } | changes


def invoice(lines: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """An invoice that is in order but for the changes."""
    return {
        "Factuurnummer": "WB2026-0001",
        "Relatiecode": "1001",
        "Datum": DAY,
        "Betalingstermijn": 14,
        "Factuursjabloon": "Factuursjabloon",
        "PerEmailVerzenden": False,
        "AutomatischeIncasso": False,
        "IncassoMachtigingDatumOndertekening": DAY,
        "IncassoMachtigingFirst": False,
        "InBoekhoudingPlaatsen": False,
        "Regels": {"cFactuurRegel": [line()] if lines is None else lines},
    } | changes


def code_of(answer: Any) -> str | None:
    """The business error of an answer, or None."""
    message = answer["ErrorMsg"]
    return message["LastErrorCode"] if message else None
