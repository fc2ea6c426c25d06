"""A real SMTP server on the loopback, with the far side's bad moods: greylisting, refusals, lost answers, dripping."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailServerState:
    """What arrived, and how the server behaves. `moods` are taken one a letter: ok when there are none left."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    moods: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    trust: ssl.SSLContext | None = None
    connections: int = 0
    tls_at_once: bool = False


class _Talk(socketserver.StreamRequestHandler):
    state: MailServerState

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.talk()

    def talk(self) -> None:
        state, secure = self.state, False
        state.connections += 1
        if state.tls_at_once and state.tls:
            self.request = state.tls.wrap_socket(self.request, server_side=True)
            self.setup()
            secure = True
        mood = state.moods.pop(0) if state.moods else "ok"
        if mood == "drip":
            for _ in range(400):
                self.wfile.write(b"2")
                self.wfile.flush()
                time.sleep(0.05)
        self.say("220 far.example ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "EHLO":
                offers = ["250-far.example", *(["250-STARTTLS"] if state.tls and not secure else [])]
                self.say("\r\n".join([*offers, "250 AUTH PLAIN"]))
            elif verb == "STARTTLS" and state.tls:
                self.say("220 go")
                self.request = state.tls.wrap_socket(self.request, server_side=True)
                self.setup()
                secure = True
            elif verb == "AUTH":
                state.logins.append(line)
                self.say("535 no such login" if mood == "no_login" else "235 welcome")
            elif verb == "RCPT" and mood == "no_such_box":
                self.say("550 5.1.1 no such box")
            elif verb == "RCPT" and mood == "greylisted":
                self.say("451 4.7.1 come back later")
            elif verb == "DATA":
                self.say("354 go on")
                self.take(mood, secure)
                if mood == "lost_answer":
                    return
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self, mood: str, secure: bool) -> None:
        content = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            content += line[1:] if line.startswith(b"..") else line
        if mood == "no_content":
            self.say("554 5.7.1 this looks like spam")
            return
        self.state.letters.append(cast(EmailMessage, message_from_bytes(content, policy=default)))
        self.state.encrypted.append(secure)
        if mood != "lost_answer":
            self.say("250 taken")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextlib.contextmanager
def running_mail_server(folder: Path, tls: bool = False, host: str = "127.0.0.1") -> Iterator[MailServerState]:
    """A server on a free port of a loopback address. `tls`: it offers STARTTLS, and `state.trust` knows it."""
    state = MailServerState()
    if tls:
        state.tls, state.trust = _contexts(folder)
    handler = type("Talk", (_Talk,), {"state": state})
    with _Server((host, 0), handler) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def _contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's side and the side of who trusts it, around a certificate made on the spot."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "far.example")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=3650))  # OpenSSL has a clock of its own
        .not_valid_after(now + dt.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "far.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.load_cert_chain(path)
    there = ssl.create_default_context(cafile=str(path))
    return here, there
