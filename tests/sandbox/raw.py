"""Talking to the sandbox below zeep: own bytes out, bytes or a broken connection back."""

from __future__ import annotations

import http.client
from contextlib import closing

from tests.support.sandbox_process import Sandbox

ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>{prolog}'
    '<s:Envelope xmlns:s="{namespace}"><s:Body>{inner}</s:Body></s:Envelope>'
)
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"


class RawAnswer:
    """Status, headers and text of an answer."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.text = answer.read().decode()


def envelope(inner: str, prolog: str = "", namespace: str = SOAP11) -> bytes:
    """`inner` in an envelope."""
    return ENVELOPE.format(inner=inner, prolog=prolog, namespace=namespace).encode()


def element(operation: str, session_id: str, code2: str, payload: str = "") -> str:
    """The element of an operation in a session."""
    return (
        f'<{operation} xmlns="http://www.e-boekhouden.nl/soap"><SessionID>{session_id}</SessionID>'
        f"<SecurityCode2>{code2}</SecurityCode2>{payload}</{operation}>"
    )


def post(sandbox: Sandbox, body: bytes, **headers: str) -> RawAnswer:
    """The answer to a POST of these bytes to the SOAP address."""
    return ask(sandbox, "POST", "/soap.asmx", body, **{"Content-Type": "text/xml; charset=utf-8", **headers})


def ask(sandbox: Sandbox, method: str, path: str, body: bytes | None = None, **headers: str) -> RawAnswer:
    """The answer to any request."""
    with closing(http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)) as connection:
        connection.request(method, path, body, headers)
        return RawAnswer(connection.getresponse())
