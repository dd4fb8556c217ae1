"""The transport: hands letters to a mail server, as fast as the line allows, and says of each what is known of it.

    server = Server("smtp.example.com", 587, user="news", password=secret)
    with Connection(server) as connection:
        for result in deliver(connection, envelopes, before_body=journal.begun, after_reply=journal.answered):
            record(result)          # exactly one for each envelope taken, in the order they were taken

SMTP cannot promise exactly once: between our final dot and the server's 250 the line may break, and then nobody knows
(RFC 1047). So such a letter is `AMBIGUOUS`, never sent again from here, and at most one body per connection is in that
gap at any time. RFC 5321 3.8 would have us treat it as a temporary failure and send again: we do not, on purpose.

With PIPELINING (RFC 2920) the body of one letter and the commands of the next leave together: one round trip a letter.
Run several threads, each with a connection of its own, for more.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from masthead.mail.addresses import BadAddress, wire_address
from masthead.mail.encoding import WireBytes
from masthead.mail.smtp import Connection, LoginRefused, Reply, Server, ServerGone, Tls, TlsRefused, Waits

__all__ = [
    "Connection",
    "Envelope",
    "LoginRefused",
    "Outcome",
    "Reply",
    "Result",
    "Server",
    "ServerGone",
    "Stage",
    "Tls",
    "TlsRefused",
    "Waits",
    "deliver",
]

BREAKS = 3  # lines in a row that broke (or said 421) before the server counts as gone
DOT = b".\r\n"
Id = int | str


class Envelope(NamedTuple):
    """A letter on its way: our id for it, the return path ("" for none), the recipient, and the finished bytes."""

    id: Id
    sender: str
    recipient: str
    body: bytes


class Outcome(StrEnum):
    """All that can be known of a letter after its hand-over."""

    ACCEPTED = "accepted"  # 2xx to the dot: the server has taken it, nothing more
    DEFERRED = "deferred"  # 4xx: not taken, may be later
    REJECTED = "rejected"  # 5xx, or refused by ourselves before the wire (stage LOCAL, code 0)
    AMBIGUOUS = "ambiguous"  # the dot may have left and no reply came: nobody knows; do not send again by yourself
    REQUEUE = "requeue"  # the line broke before the dot left: certainly not delivered, nobody's fault


class Stage(StrEnum):
    """Which step the reply answers. A refusal at MAIL or DATA is about us, one at RCPT about the recipient."""

    LOCAL = "local"
    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"


class Result(NamedTuple):
    """What became of one envelope; `code` is 0 and `text` our own words when the server said nothing."""

    id: Id
    outcome: Outcome
    stage: Stage
    code: int = 0
    text: str = ""


def deliver(
    connection: Connection,
    envelopes: Iterable[Envelope | None],
    *,
    before_body: Callable[[Id], object] = lambda id: None,
    after_reply: Callable[[Id, Result], object] = lambda id, result: None,
) -> Iterator[Result]:
    """Yields one `Result` for each envelope it takes, in order; opens and re-opens the connection as needed.

    `envelopes` is read one ahead of the wire. A `None` in it means "nothing ready now": the letter in hand leaves by
    itself and its result is yielded before the next is asked for (for pacing). When it ends, all is answered, and the
    connection stays open for another call.

    For the journal: `before_body(id)` runs before the first byte of a body can leave; `after_reply(id, result)` as soon
    as its fate is certain, before the result is yielded. An id with the first and without the second is ambiguous.
    What either raises ends the delivery with the line cut.

    Raises `ServerGone` (or `TlsRefused`, `LoginRefused`) when no line can be opened, or three in a row broke: wait
    before you try again. Everything taken has its result by then (the last one `REQUEUE`); the rest was not taken. So
    a server that always hangs up after the dot costs three ambiguous letters, not a whole mailing.
    Closing the generator early cuts the line before any further dot.
    """
    run = _Run(connection, before_body, after_reply)
    try:
        for envelope in envelopes:
            yield from run.take(envelope)
        yield from run.take(None)
    except BaseException:
        connection.close()
        raise


@dataclass(slots=True)
class _Ready:
    """An envelope whose commands can leave: `opening` is MAIL and RCPT and DATA, one per element."""

    envelope: Envelope
    opening: list[bytes]
    body: bytes  # ends in CRLF, no line in it can be taken for the dot


class _Run:
    """The state of one `deliver`: at most one letter, `waiting`, whose DATA was answered with 354."""

    def __init__(
        self,
        connection: Connection,
        before_body: Callable[[Id], object],
        after_reply: Callable[[Id, Result], object],
    ) -> None:
        self.connection, self.before_body, self.after_reply = connection, before_body, after_reply
        self.waiting: _Ready | None = None
        self.breaks = 0  # in a row, each with a line that had been open
        self.last_break: ServerGone | None = None

    def take(self, envelope: Envelope | None) -> Iterator[Result]:
        """Sends the body that waits together with the new letter's commands, and reads all replies."""
        under_way = None
        if self.waiting:
            under_way = self._that_may_ride_along(envelope)
            result = self._send_body(self.waiting, under_way.opening if under_way else [])
            self.waiting = None
            yield result
            if not self.connection.is_open:
                under_way = None
            elif self._line_is_used_up(self.connection.sent):
                self.connection.quit()
        if envelope is not None:
            yield from self._open_letter(envelope, under_way)

    def _that_may_ride_along(self, envelope: Envelope | None) -> _Ready | None:
        """The next letter, unless in lock-step or when a new line is due before it."""
        if envelope is None or not self.connection.pipelining or self._line_is_used_up(self.connection.sent + 1):
            return None
        ready = _prepared(envelope, self.connection)
        return ready if isinstance(ready, _Ready) else None

    def _line_is_used_up(self, sent: int) -> bool:
        return 0 < self.connection.server.max_messages <= sent

    def _send_body(self, ready: _Ready, riding: list[bytes]) -> Result:
        id, line = ready.envelope.id, self.connection
        self.before_body(id)
        try:
            line.write(b"".join((ready.body, DOT, *riding)))
            result = _judged(id, Stage.BODY, line.read(line.server.waits.dot))
        except ServerGone as error:
            result = _after_break(id, error, dot_left=error.unsent <= sum(map(len, riding)))
            self._note_break(error)
        else:
            self._note_answer(result)
        if result.outcome is not Outcome.AMBIGUOUS:
            self.after_reply(id, result)
        return result

    def _note_answer(self, result: Result) -> None:
        self.connection.sent += 1
        if result.code == 421 or result.outcome is Outcome.AMBIGUOUS:
            self._note_break(ServerGone(f"{self.connection.server.host} answers {result.code} {result.text}"))
        else:
            self.breaks = 0

    def _note_break(self, error: ServerGone) -> None:
        self.connection.close()
        self.breaks += 1
        self.last_break = error

    def _open_letter(self, envelope: Envelope, under_way: _Ready | None) -> Iterator[Result]:
        """Brings a letter to its 354, over a new line if the old one broke: nothing of it can be delivered before."""
        while True:
            try:
                self._line_up()
            except ServerGone as error:
                yield Result(envelope.id, Outcome.REQUEUE, Stage.CONNECT, *(error.reply or Reply(0, str(error))))
                raise
            try:
                refusal = self._opening_dialogue(envelope, under_way)
            except ServerGone as error:
                self._note_break(error)
                under_way = None
                continue
            if refusal:
                yield refusal
            return

    def _line_up(self) -> None:
        if not self.connection.is_open:
            if self.breaks >= BREAKS and self.last_break:
                raise self.last_break
            self.connection.open()

    def _opening_dialogue(self, envelope: Envelope, under_way: _Ready | None) -> Result | None:
        ready = under_way or _prepared(envelope, self.connection)
        if isinstance(ready, Result):
            return ready
        if self.connection.pipelining:
            refused = self._all_at_once(ready, sent=under_way is not None)
        else:
            refused = self._in_lock_step(ready)
        self.connection.unfinished = refused is not None and self.connection.is_open
        if refused is None:
            self.waiting = ready
            return None
        return _judged(envelope.id, *refused)

    def _all_at_once(self, ready: _Ready, *, sent: bool) -> tuple[Stage, Reply] | None:
        if not sent:
            self.connection.write(b"RSET\r\n" * self.connection.unfinished + b"".join(ready.opening))
            if self.connection.unfinished:
                self._read()
        replies = [(stage, self._read()) for stage in (Stage.MAIL, Stage.RCPT, Stage.DATA)]
        refusals = [(stage, reply) for stage, reply in replies if not _goes_on(stage, reply)]
        if refusals and replies[-1][1].code == 354:
            if replies[1][1].good:
                # The sender was refused, the recipient not: a dot now would deliver an empty letter.
                self.connection.close()
            else:
                # RFC 2920 3.1: a server may say 354 although it refused every recipient; a lone dot ends that.
                self.connection.write(b".\r\n")
                self._read()
        return refusals[0] if refusals else None

    def _in_lock_step(self, ready: _Ready) -> tuple[Stage, Reply] | None:
        if self.connection.unfinished:
            self.connection.write(b"RSET\r\n")
            self._read()
        for stage, command in zip((Stage.MAIL, Stage.RCPT, Stage.DATA), ready.opening, strict=True):
            self.connection.write(command)
            reply = self._read()
            if not _goes_on(stage, reply):
                return stage, reply
        return None

    def _read(self) -> Reply:
        """A reply before the dot. 421 means that the server closes (RFC 5321 3.8): about the line, not the letter."""
        reply = self.connection.read(self.connection.server.waits.command)
        if reply.code == 421:
            raise ServerGone(f"{self.connection.server.host} closes: 421 {reply.text}", reply)
        return reply


def _prepared(envelope: Envelope, connection: Connection) -> _Ready | Result:
    """The bytes to send, or our own refusal: what a server could misread never reaches the wire."""
    extensions = connection.extensions
    try:
        sender = envelope.sender and wire_address(envelope.sender, smtputf8="SMTPUTF8" in extensions)
        recipient = wire_address(envelope.recipient, smtputf8="SMTPUTF8" in extensions)
    except BadAddress as error:
        return Result(envelope.id, Outcome.REJECTED, Stage.LOCAL, 0, str(error))
    body = envelope.body
    if not isinstance(body, WireBytes):
        if not body.isascii():
            return Result(
                envelope.id, Outcome.REJECTED, Stage.LOCAL, 0, "A letter is 7-bit: encode it with mail.letters."
            )
        body = _dots_doubled(body)
    mail = f"MAIL FROM:<{sender}>"
    if "SIZE" in extensions:
        mail += f" SIZE={len(body)}"
    if not (sender.isascii() and recipient.isascii()):
        mail += " SMTPUTF8"
    return _Ready(envelope, [f"{mail}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode(), b"DATA\r\n"], body)


def _dots_doubled(body: bytes) -> bytes:
    if body[:1] == b"." or b"\n." in body or b"\r." in body:
        # The line ends are made regular first, so that no odd break before a dot can end the letter early at some
        # server (SMTP smuggling); then comes the second dot of RFC 5321 4.5.2.
        body = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r\n|\r|\n", b"\n", body)).replace(b"\n", b"\r\n")
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def _goes_on(stage: Stage, reply: Reply) -> bool:
    return reply.code == 354 if stage is Stage.DATA else reply.good


def _judged(id: Id, stage: Stage, reply: Reply) -> Result:
    if stage is Stage.BODY and reply.good:
        return Result(id, Outcome.ACCEPTED, stage, *reply)
    if 400 <= reply.code < 500:
        return Result(id, Outcome.DEFERRED, stage, *reply)
    if reply.code >= 500:
        return Result(id, Outcome.REJECTED, stage, *reply)
    if stage is Stage.BODY:
        return Result(id, Outcome.AMBIGUOUS, stage, *reply)
    return Result(id, Outcome.DEFERRED, stage, *reply)


def _after_break(id: Id, error: ServerGone, *, dot_left: bool) -> Result:
    if error.reply and (dot_left or not error.reply.good):
        return _judged(id, Stage.BODY, error.reply)
    if dot_left or error.reply:
        return Result(id, Outcome.AMBIGUOUS, Stage.BODY, 0, str(error))
    return Result(id, Outcome.REQUEUE, Stage.BODY, 0, str(error))
