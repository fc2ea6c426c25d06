"""Whether anything of a request left: the transport on real sockets, for every way a connection can fail."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests.adapters
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from gateways.eboekhouden.transport import Call, Transport, Trouble
from tests.gateways.raw_server import Connection, RawServer, Trick, http, raw_server

GOOD = http(b"<a>goed</a>")

IN_TIME = 8  # seconds: well before the other side would have stopped by itself


def send(url: str, call: Call, connect: float = 1) -> bytes:
    """One post through a new transport; the answer's content."""
    transport = Transport(url, connect)
    try:
        with call:
            return transport.post_xml(url, etree.XML("<vraag/>"), {"SOAPAction": '"x/Vraag"'}).content
    finally:
        transport.close()


def failed(url: str, total: float = 1.5) -> tuple[Call, Trouble, float]:
    """The call, the trouble and the seconds it took, of a post that has to fail."""
    call = Call(total, own_connection=True)
    begin = time.monotonic()
    with pytest.raises(Trouble) as caught:
        send(url, call)
    return call, caught.value, time.monotonic() - begin


def reading_first(then: Trick) -> Trick:
    def trick(connection: Connection) -> None:
        connection.read()
        then(connection)

    return trick


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, key included."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=3650))  # OpenSSL has a clock of its own
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate counts as one of a known authority."""
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate))


# -- nothing left ---------------------------------------------------------------------------------------


def test_a_refused_connection_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    call, trouble, _ = failed(f"http://127.0.0.1:{port}/soap.asmx")
    assert not call.left
    assert str(trouble) == "geen verbinding"


def test_an_unknown_name_sent_nothing() -> None:
    call, trouble, _ = failed("http://bestaat-niet.invalid/soap.asmx")
    assert not call.left
    assert str(trouble) == "naam niet gevonden (DNS)"


def test_a_connection_that_is_never_accepted_sent_nothing() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        call, trouble, seconds = failed(f"http://127.0.0.1:{address[1]}/soap.asmx")
        for filler in fillers:
            filler.close()
    assert not call.left
    assert str(trouble) == "geen verbinding binnen de tijd"
    assert seconds < IN_TIME


def test_a_reset_within_the_tls_handshake_sent_nothing() -> None:
    def trick(connection: Connection) -> None:
        connection.sock.recv(10)
        connection.reset()

    with raw_server(trick) as server:
        call, _, _ = failed(f"https://127.0.0.1:{server.port}/soap.asmx")
    assert server.connections == 1
    assert not call.left


def test_a_tls_handshake_that_ends_early_sent_nothing() -> None:
    with raw_server(lambda connection: connection.sock.recv(10)) as server:  # type: ignore[arg-type, return-value]
        call, _, _ = failed(f"https://127.0.0.1:{server.port}/soap.asmx")
    assert not call.left


def test_a_tls_handshake_that_hangs_sent_nothing_and_ends() -> None:
    with raw_server(Connection.wait) as server:
        call, _, seconds = failed(f"https://127.0.0.1:{server.port}/soap.asmx")
    assert not call.left
    assert seconds < IN_TIME


def test_a_tls_handshake_that_drips_sent_nothing_and_ends() -> None:
    with raw_server(lambda connection: connection.drip(b"\x16\x03\x03\x7f\xff" + bytes(100))) as server:
        call, _, seconds = failed(f"https://127.0.0.1:{server.port}/soap.asmx")
    assert not call.left
    assert seconds < IN_TIME


def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(tls: ssl.SSLContext) -> None:
    with raw_server(reading_first(lambda connection: connection.send(GOOD)), tls) as server:
        call, trouble, _ = failed(server.url)
    assert not call.left
    assert server.requests == []
    assert "TLS" in str(trouble)


@pytest.mark.parametrize("fresh", [True, False])
def test_nothing_is_sent_after_the_time_to_start_by(fresh: bool) -> None:
    with raw_server(reading_first(lambda connection: connection.send(GOOD))) as server:
        call = Call(1, start_by=time.monotonic() - 0.01, own_connection=fresh)
        with pytest.raises(Trouble, match="niet op tijd"):
            send(server.url, call)
        time.sleep(0.05)
    assert not call.left
    assert server.requests == []


# -- it may have left -----------------------------------------------------------------------------------


def unread_close(connection: Connection) -> None:
    connection.sock.recv(1, socket.MSG_PEEK)  # it arrived; nobody takes it in
    connection.reset()


def read_and_close(connection: Connection) -> None:
    connection.read()


def read_and_reset(connection: Connection) -> None:
    connection.read()
    connection.reset()


MAYBE: dict[str, Trick] = {
    "accepted and reset unread": unread_close,
    "read and closed": read_and_close,
    "read and reset": read_and_reset,
    "read, no answer": reading_first(Connection.wait),
    "half a head": reading_first(lambda connection: connection.send(b"HTTP/1.1 200 OK\r\nContent-Ty")),
    "garbage": reading_first(lambda connection: connection.send(b"hallo daar\r\n\r\n")),
    "half a body": reading_first(lambda connection: connection.send(GOOD[:-4])),
    "a head that drips": reading_first(lambda connection: connection.drip(GOOD)),
    "a body that drips": reading_first(
        lambda connection: (connection.send(GOOD[:-20]), connection.drip(GOOD[-20:]))[0]
    ),
    "a body that drips without a length": reading_first(
        lambda connection: (
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n"),
            connection.drip(b"<a>" + b"x" * 50 + b"</a>"),
        )[0]
    ),
    "an empty answer": reading_first(lambda connection: connection.send(http(b""))),
    "a busy page": reading_first(
        lambda connection: connection.send(http(b"<html/>", "503 Service Unavailable", "text/html"))
    ),
    "a failing page": reading_first(
        lambda connection: connection.send(http(b"<html/>", "500 Internal Server Error", "text/html"))
    ),
    "a page instead of XML": reading_first(lambda connection: connection.send(http(b"<html/>", kind="text/html"))),
    "an answer packed unasked": reading_first(
        lambda connection: connection.send(http(b"\x1f\x8b", extra="Content-Encoding: gzip\r\n"))
    ),
}


@pytest.mark.parametrize("trick", MAYBE.values(), ids=MAYBE.keys())
def test_it_may_have_left_and_the_call_ends_in_time(trick: Trick) -> None:
    with raw_server(trick) as server:
        call, _, seconds = failed(server.url)
    assert call.left
    assert seconds < IN_TIME


@pytest.mark.parametrize("secured", [False, True], ids=["http", "https"])
def test_the_deadline_is_a_total_however_slowly_bytes_drip(secured: bool, tls: ssl.SSLContext, trusted: None) -> None:
    with raw_server(reading_first(lambda c: c.drip(GOOD, 0.1)), tls if secured else None) as server:
        call, trouble, seconds = failed(server.url, total=1.5)
    assert call.left
    assert 1.45 < seconds < IN_TIME
    assert str(trouble) == "geen volledig antwoord binnen 1.5 s"


@pytest.mark.parametrize("fresh", [True, False])
def test_a_whole_answer_over_tls_arrives(fresh: bool, tls: ssl.SSLContext, trusted: None) -> None:
    with raw_server(reading_first(lambda connection: connection.send(GOOD)), tls) as server:
        call = Call(30, own_connection=fresh)
        assert send(server.url, call, connect=20) == b"<a>goed</a>"
    assert call.left


def test_an_endless_answer_is_cut_at_the_size_limit() -> None:
    def endless(connection: Connection) -> None:
        connection.read()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
        while True:
            connection.send(b"<a/>" * 10000)

    with raw_server(endless) as server, pytest.raises(Trouble, match="groter dan"):
        send(server.url, Call(60, cap=1_000_000))


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_is_not_followed(status: str) -> None:
    with raw_server(reading_first(lambda connection: connection.send(GOOD))) as elsewhere:
        moved = http(b"", status, extra=f"Location: {elsewhere.url}\r\n")
        with raw_server(reading_first(lambda connection: connection.send(moved))) as server:
            call, trouble, _ = failed(server.url)
    assert call.left
    assert "doorverwijzing geweigerd" in str(trouble)
    assert elsewhere.connections == 0
    assert len(server.requests) == 1


# -- connections ----------------------------------------------------------------------------------------


@pytest.fixture
def polite() -> Iterator[RawServer]:
    def trick(connection: Connection) -> None:
        while connection.read():
            connection.send(http(b"<a/>", extra="Set-Cookie: ASP.NET_SessionId=van-een-ander; Path=/\r\n"))

    with raw_server(trick) as server:
        yield server


def ask(transport: Transport, server: RawServer, fresh: bool = False) -> None:
    with Call(30, own_connection=fresh):
        transport.post_xml(server.url, etree.XML("<vraag/>"), {"SOAPAction": '"x/Vraag"'})


def test_an_ordinary_call_reuses_a_connection_and_a_fresh_one_does_not(polite: RawServer) -> None:
    transport = Transport(polite.url, 20)
    for fresh in (False, False, True, True, False):
        ask(transport, polite, fresh)
    transport.close()
    assert [request.connection for request in polite.requests] == [1, 1, 2, 3, 1]
    assert ["connection: close" in request.head.lower() for request in polite.requests] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_an_idle_connection_is_not_used_again(polite: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.eboekhouden.transport._IDLE_SECONDS", 0.05)
    transport = Transport(polite.url, 20)
    ask(transport, polite)
    time.sleep(0.1)
    ask(transport, polite)
    transport.close()
    assert [request.connection for request in polite.requests] == [1, 2]


def test_a_cookie_of_one_call_never_travels_with_the_next(polite: RawServer) -> None:
    transport = Transport(polite.url, 20)
    ask(transport, polite)
    ask(transport, polite)
    transport.close()
    assert not any("cookie" in request.head.lower() for request in polite.requests)


def test_a_proxy_in_the_environment_is_not_used(polite: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    transport = Transport(polite.url, 20)
    ask(transport, polite)
    ask(transport, polite, fresh=True)
    transport.close()
    assert len(polite.requests) == 2


def test_only_the_configured_address_is_called(polite: RawServer) -> None:
    transport = Transport("http://127.0.0.1:1/soap.asmx", 0.4)
    with Call(1) as call, pytest.raises(Trouble):
        transport.post_xml(polite.url, etree.XML("<vraag/>"), {})
    assert not call.left
    assert polite.connections == 0


def test_nothing_is_fetched_from_the_network(polite: RawServer) -> None:
    with pytest.raises(ValueError, match="refuses to fetch"):
        Transport(polite.url, 20).load(polite.url)
    assert polite.connections == 0
