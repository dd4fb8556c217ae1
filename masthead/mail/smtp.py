"""One conversation with a mail server: RFC 5321 over a socket, with TLS, login and command pipelining.

`transport.deliver` is what senders use; this is the line under it. It knows replies and extensions, nothing of results.
"""

import base64
import re
import socket
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

_REPLY_LINE = re.compile(rb"([2-5][0-9]{2})([ -]?)(.*)")
_LOOPBACK = re.compile(r"localhost|127\.[0-9.]+|::1")
_TLS_RECORD = 16384
_LONGEST_REPLY = 65536


class Tls(StrEnum):
    """How the line to the server is protected."""

    STARTTLS = "starttls"  # port 587 (or 25): plain greeting, then TLS or nothing at all
    IMPLICIT = "implicit"  # port 465: TLS from the first byte (RFC 8314)
    NONE = "none"  # a server on this machine or in this rack


@dataclass(frozen=True, slots=True)
class Waits:
    """How many seconds of silence we bear; the defaults are the least that RFC 5321 4.5.3.2 asks for.

    `dot` is long on purpose: who gives up earlier does not know whether the letter was taken.
    """

    connect: float = 30
    greeting: float = 300
    command: float = 300
    data_block: float = 180
    dot: float = 600


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters go and how we enter there. `context` replaces the verifying default (an own CA, for instance)."""

    host: str
    port: int = 587
    tls: Tls = Tls.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    helo: str = ""
    context: ssl.SSLContext | None = None
    max_messages: int = 0  # per connection, 0 for no limit: some servers answer 421 after so many
    waits: Waits = Waits()


class Reply(NamedTuple):
    """A server's answer: three digits and its text, several lines joined by line feeds."""

    code: int
    text: str

    @property
    def good(self) -> bool:
        return 200 <= self.code < 300


class ServerGone(OSError):
    """There is no line to the server, or not any more. `reply` is its last word, if it said one (a 421, a 554).

    `unsent` is how many bytes at the end of the last `write` certainly never left.
    """

    def __init__(self, sentence: str, reply: Reply | None = None, unsent: int = 0) -> None:
        super().__init__(sentence)
        self.reply = reply
        self.unsent = unsent


class LoginRefused(ServerGone):
    """The server does not take user and password, or we must not send them over this line."""


class TlsRefused(ServerGone):
    """No TLS, or not with whom we meant: the server does not offer it, or its certificate does not hold."""


class Connection:
    """A line to one server, opened at need and used by one thread. `pipelining` and `extensions` hold once it is open.

    `with Connection(server) as connection:` quits politely at the end. `sent` counts the letters handed over since it
    was opened, `unfinished` says that the last one was refused half-way, so that the next must begin with RSET. All
    methods raise `ServerGone` and leave the line closed when
    it breaks.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.extensions: dict[str, str] = {}
        self.sent = 0
        self.unfinished = False
        self._socket: socket.socket | None = None
        self._received = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *exc: object) -> None:
        self.quit()

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    @property
    def pipelining(self) -> bool:
        return "PIPELINING" in self.extensions

    def open(self) -> None:
        """Connects, greets, starts TLS and logs in, as the server's settings say; does nothing when open.

        Raises `ServerGone`, `TlsRefused`, `LoginRefused`, with the server's own words where it had any.
        """
        if self.is_open:
            return
        try:
            self._connect()
            self._expect(self.read(self.server.waits.greeting), "greets us with")
            self._hello()
            if self.server.tls is Tls.STARTTLS:
                self._start_tls()
            if self.server.user:
                self._log_in()
        except BaseException:
            self.close()
            raise

    def command(self, line: str) -> Reply:
        """Sends one command and returns its reply."""
        self.write(line.encode() + b"\r\n")
        return self.read(self.server.waits.command)

    def write(self, content: bytes) -> None:
        """Sends all of it, or raises `ServerGone` with its `unsent`.

        A plain socket's failing call has sent nothing. Under TLS the record in hand may have left: it counts as sent.
        """
        line, at = self._line(), 0
        line.settimeout(self.server.waits.data_block)
        secured = isinstance(line, ssl.SSLSocket)
        try:
            while at < len(content):
                at += line.send(content[at : at + _TLS_RECORD] if secured else content[at:] if at else content)
        except OSError as error:
            unsent = max(0, len(content) - at - (_TLS_RECORD if secured else 0))
            raise ServerGone(f"{self.server.host} closed the line: {error}", self._last_word(), unsent) from error

    def read(self, patience: float) -> Reply:
        """Returns the next reply, waiting at most `patience` seconds for each part of it."""
        lines: list[str] = []
        size = 0
        while True:
            line = self._read_line(patience)
            match = _REPLY_LINE.fullmatch(line)
            size += len(line)
            if not match or size > _LONGEST_REPLY:
                self.close()
                raise ServerGone(f"{self.server.host} answers with something that is not SMTP.")
            lines.append(match[3].decode("utf-8", "replace"))
            if match[2] != b"-":
                return Reply(int(match[1]), "\n".join(lines))

    def quit(self) -> None:
        """Takes leave with QUIT and closes; a line already broken is only closed."""
        if not self.is_open:
            return
        try:
            self.write(b"QUIT\r\n")
            self.read(min(5, self.server.waits.command))
        except ServerGone:
            # Everything handed over has its reply; a server that hangs up on QUIT changes none of them.
            return
        finally:
            self.close()

    def close(self) -> None:
        """Cuts the line without a word: a body without its dot is not delivered (RFC 5321 4.1.1.4)."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._received, self.extensions, self.sent, self.unfinished = None, b"", {}, 0, False

    def _line(self) -> socket.socket:
        if self._socket is None:
            raise ServerGone(f"There is no open line to {self.server.host}.")
        return self._socket

    def _connect(self) -> None:
        server = self.server
        try:
            self._socket = socket.create_connection((server.host, server.port), server.waits.connect)
            # Groups of commands leave as one write; waiting to fill a packet would only cost round trips.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise ServerGone(f"{server.host}:{server.port} does not answer: {error}") from error
        if server.tls is Tls.IMPLICIT:
            self._secure()

    def _secure(self) -> None:
        context = self.server.context or ssl.create_default_context()
        try:
            self._socket = context.wrap_socket(self._line(), server_hostname=self.server.host)
        except OSError as error:
            raise TlsRefused(f"No TLS with {self.server.host}: {error}") from error

    def _hello(self) -> None:
        name = self.server.helo or socket.getfqdn()
        reply = self.command(f"EHLO {name}")
        self.extensions = {}
        if reply.good:
            for line in reply.text.split("\n")[1:]:
                # "AUTH=PLAIN" is how servers of the last century spell it.
                keyword, _, parameters = line.replace("AUTH=", "AUTH ", 1).partition(" ")
                if keyword:
                    known = self.extensions.get(keyword.upper(), "")
                    self.extensions[keyword.upper()] = f"{known} {parameters}".strip().upper()
        elif reply.code >= 500:
            self._expect(self.command(f"HELO {name}"), "answers HELO with")
        else:
            self._expect(reply, "answers EHLO with")

    def _start_tls(self) -> None:
        if "STARTTLS" not in self.extensions:
            raise TlsRefused(
                f"{self.server.host} offers no STARTTLS; choose another port, or TLS none on your own net."
            )
        self._expect(self.command("STARTTLS"), "answers STARTTLS with", TlsRefused)
        if self._received:
            # Words slipped in before the handshake would later be read as the server's own (CVE-2011-0411).
            raise TlsRefused(f"{self.server.host} spoke on in the clear after STARTTLS.")
        self._secure()
        self._hello()

    def _log_in(self) -> None:
        server = self.server
        if server.tls is Tls.NONE and not _LOOPBACK.fullmatch(server.host):
            raise LoginRefused(f"The password would go to {server.host} in the clear: use TLS.")
        ways = self.extensions.get("AUTH", "").split()
        if "PLAIN" in ways:
            reply = self.command("AUTH PLAIN " + _b64(f"\0{server.user}\0{server.password}"))
        elif "LOGIN" in ways:
            reply = self.command("AUTH LOGIN")
            for secret in (server.user, server.password):
                if reply.code == 334:
                    reply = self.command(_b64(secret))
        else:
            raise LoginRefused(f"{server.host} offers neither AUTH PLAIN nor AUTH LOGIN.")
        self._expect(reply, "answers the login with", LoginRefused)

    def _expect(self, reply: Reply, what: str, error: type[ServerGone] = ServerGone) -> None:
        if not reply.good:
            raise error(f"{self.server.host} {what} {reply.code} {reply.text}", reply)

    def _read_line(self, patience: float) -> bytes:
        line = self._line()
        if b"\n" not in self._received:
            line.settimeout(patience)  # a system call of its own, so not for what came with the reply before
        while b"\n" not in self._received:
            try:
                more = line.recv(65536)
            except OSError as error:
                self.close()
                raise ServerGone(f"{self.server.host} gave no answer: {error}") from error
            self._received += more
            if not more or len(self._received) > _LONGEST_REPLY:
                self.close()
                raise ServerGone(f"{self.server.host} closed the line.")
        reply, _, self._received = self._received.partition(b"\n")
        return reply.rstrip(b"\r")

    def _last_word(self) -> Reply | None:
        """What the server said before it hung up on us: often the 421 or 552 that explains it."""
        try:
            return self.read(0.5)
        except ServerGone:
            return None
        finally:
            self.close()


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
