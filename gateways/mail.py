"""The mail port: one letter out, and what came of it. SMTP in production; without a server mail stays in the outbox."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from domain.this_machine import is_here
from gateways.bookkeeping import Secret


@dataclass(frozen=True)
class Letter:
    """One letter. `id` is the same at every attempt, so that a receiver can tell a repeat; `date` is RFC 5322's."""

    id: str
    to: str
    subject: str
    text: str
    date: str


@dataclass(frozen=True)
class Handed:
    """`state` is sent, later (certainly not sent, try again), unknown (it may have gone; try again) or refused."""

    state: str
    why: str = ""


class Mailer(Protocol):
    """Whatever takes letters. Never raises for what the far side does."""

    def send(self, letter: Letter) -> Handed:
        """Hand over one letter."""
        ...


@dataclass(frozen=True)
class MailServer:
    """Where mail goes, from MAIL_URL. `encrypted` from the first byte (smtps), else by STARTTLS."""

    host: str
    port: int
    encrypted: bool
    username: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))


def mail_server(url: str) -> MailServer:
    """A MailServer from smtp://user:password@host:587 or smtps://user:password@host:465. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("MAIL_URL must read smtp://user:password@host:587 or smtps://user:password@host:465")
    encrypted = parts.scheme == "smtps"
    port = parts.port or (465 if encrypted else 587)
    password = Secret(unquote(parts.password or ""))
    return MailServer(parts.hostname, port, encrypted, unquote(parts.username or ""), password)


class Smtp:
    """A mail server over SMTP: always encrypted but on loopback, with a limit to each step and to the whole."""

    def __init__(
        self, server: MailServer, sender: str, step: float = 10, whole: float = 45, trust: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._sender = sender
        self._step = step
        self._whole = whole
        self._trust = trust or ssl.create_default_context()

    def send(self, letter: Letter) -> Handed:
        """Hand one letter to the server. After the first byte of its content a broken line means unknown."""
        try:
            content = self._content(letter)
        except (ValueError, UnicodeError) as error:
            return Handed("refused", f"no letter can be made of it: {type(error).__name__}")
        offered = False
        try:
            with self._connection() as line:
                code, answer = line.mail(_bare(self._sender))
                if code != 250:
                    return _no("sender", code, answer, certain=False)
                code, answer = line.rcpt(letter.to)
                if code not in (250, 251):
                    return _no("recipient", code, answer)
                offered = True
                code, answer = line.data(content)
                return Handed("sent") if code == 250 else _no("content", code, answer)
        except smtplib.SMTPDataError as error:
            return _no("content", error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException, EOFError, ValueError) as error:
            return Handed("unknown" if offered else "later", f"{type(error).__name__}: {_words(error)}"[:300])

    def _content(self, letter: Letter) -> bytes:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = letter.date
        message["Message-ID"] = f"<{letter.id}@{_bare(self._sender).rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message.as_bytes(policy=WIRE)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        line = (
            _ClockedTls(self._whole, server.host, server.port, timeout=self._step, context=self._trust)
            if server.encrypted
            else _Clocked(self._whole, server.host, server.port, timeout=self._step)
        )
        try:
            line.ehlo()
            if not server.encrypted and (line.has_extn("starttls") or not is_here(server.host)):
                line.starttls(context=self._trust)  # raises when the server does not offer it: never in the clear
                line.ehlo()
            if server.username:
                line.login(server.username, server.password.reveal())
            yield line
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                line.close()


class _Clocked(smtplib.SMTP):
    """A line with a limit to the whole. Each step has its own, yet a server that drips bytes could hold us for ever:
    the clock cuts the line, and runs before the greeting is read, which is inside the making of it."""

    def __init__(self, whole: float, *where: Any, **how: Any) -> None:
        self._clock = threading.Timer(whole, _cut, [self])
        self._clock.daemon = True
        try:
            super().__init__(*where, **how)
        except BaseException:
            self.close()
            raise

    def connect(self, *where: Any, **how: Any) -> tuple[int, bytes]:
        self._clock.start()
        return super().connect(*where, **how)

    def close(self) -> None:
        self._clock.cancel()
        super().close()


class _ClockedTls(_Clocked, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


def _cut(line: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError):
        if line.sock is not None:
            line.sock.shutdown(socket.SHUT_RDWR)


def _no(about: str, code: int, answer: bytes | str, certain: bool = True) -> Handed:
    """A no of the server: 5xx is for good, unless it is about us; anything else passes."""
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    state = "refused" if certain and code >= 500 else "later"
    return Handed(state, f"{about}: {code} {said}"[:300])


def _words(error: Exception) -> str:
    """What an exception says, without what was sent: a refused login repeats the password's bytes nowhere."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {error.smtp_error!r}"
    return str(error)


def _bare(sender: str) -> str:
    """The address in `Crafter <post@crafter.example>`."""
    return sender.rpartition("<")[2].rstrip(">").strip() if "<" in sender else sender.strip()


__all__ = ["Handed", "Letter", "MailServer", "Mailer", "Smtp", "format_datetime", "mail_server"]
