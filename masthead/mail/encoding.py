"""How any text travels in seven bits: quoted-printable bodies (RFC 2045) and header fields (RFC 5322, RFC 2047).

Written here because Python's `email.policy.SMTP` writes quoted-printable lines of 78 characters (the limit is 76),
wraps long List-Unsubscribe addresses in encoded words, and costs milliseconds where a mailing has microseconds.
Everything returned is ASCII with CRLF line ends, and every body piece is a run of whole lines, so that pieces can be
joined in any order without breaking a line or a token.
"""

import base64
import re
from collections.abc import Iterable, Iterator

from masthead.mail.addresses import Mailbox, wire_address

BODY_WIDTH = 76  # RFC 2045 6.7 (5), the soft break's "=" included
HEADER_WIDTH = 78  # RFC 5322 2.1.1
ENCODED_LINE = 76  # RFC 2047 2: a line that holds an encoded word

# Fields whose grammar is not "any text": encoded words may stand only in the phrase before <...>.
# fmt: off
STRUCTURED = frozenset({
    "auto-submitted", "cfbl-address", "cfbl-feedback-id", "content-language", "date", "feedback-id", "in-reply-to",
    "list-archive", "list-help", "list-id", "list-owner", "list-post", "list-subscribe", "list-unsubscribe",
    "list-unsubscribe-post", "message-id", "precedence", "references", "resend-idempotency-key", "return-path",
    "x-auto-response-suppress",
})
# fmt: on

_QP = [chr(n) if (32 <= n <= 126 and n != 61) or n == 9 else f"={n:02X}" for n in range(256)]
_Q_WORD = [
    chr(n) if chr(n).isascii() and (chr(n).isalnum() or chr(n) in "!*+-/") else "_" if n == 32 else f"={n:02X}"
    for n in range(256)
]
_EASY_BODY = re.compile(r"(?!From )[!-\-/-<>-~][ -<>-~]{0,74}")
_LONG_EASY_BODY = re.compile(r"[ -<>-~]+")
_ONE_WORD = re.compile(r"[!-~]+")
_EASY_VALUE = re.compile(r"(?!.*=\?)[!-~][ -~]*(?<! )")
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_PHRASE_AND_ID = re.compile(r"(.*?)\s*(<[\x21-\x3b\x3d\x3f-\x7e]+>)")


class WireBytes(bytes):
    """A finished letter: 7-bit, every line ends in CRLF, also the last, and none begins with a dot.

    Only what this module encoded may be called so: the transport sends it without looking through it again, which
    otherwise costs as much as the sending (60 of 130 µs for 32 kB).
    """


class Unencodable(ValueError):
    """The text cannot stand where it was put; the sentence says where and why."""


def quoted_printable(text: str) -> bytes:
    """Returns the text as whole quoted-printable lines of at most 76 characters.

    Ends with a hard line break where the text does, else with a soft one (`=` CRLF), so that whatever follows begins
    in column one. No line begins with a dot (no dot-stuffing needed, RFC 5321 4.5.2) or with `From `.
    """
    if _EASY_BODY.fullmatch(text):
        return text.encode("ascii") + b"=\r\n"
    if _LONG_EASY_BODY.fullmatch(text):
        width = BODY_WIDTH - 1
        beginnings = text[::width]
        if "." not in beginnings and "F" not in beginnings:
            return "".join([text[at : at + width] + "=\r\n" for at in range(0, len(text), width)]).encode("ascii")
    *lines, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = ["=\r\n".join(_rows(line, hard=True)) + "\r\n" for line in lines]
    if rest:
        rows.append("=\r\n".join(_rows(rest, hard=False)) + "=\r\n")
    return "".join(rows).encode("ascii")


def header(name: str, value: str) -> bytes:
    """Returns one header field, folded and encoded; line breaks and control characters in the value become a blank.

    So no value can begin a field of its own. A single word longer than the line stays whole in structured fields (an
    URL in List-Unsubscribe): RFC 5322 allows 998. Raises `Unencodable`: non-ASCII where the field's grammar has none.
    """
    if len(name) + len(value) <= HEADER_WIDTH - 2 and _EASY_VALUE.fullmatch(value):
        return f"{name}: {value}\r\n".encode("ascii")
    structured = name.lower() in STRUCTURED
    if structured and _ONE_WORD.fullmatch(value):
        return f"{name}:\r\n {value}\r\n".encode("ascii")
    value = one_line(value)
    if value.isascii() and (structured or not re.search(r"=\?|[^ ]{65}", value)):
        return _folded(name, re.findall(r" +[^ ]+", " " + value), HEADER_WIDTH)
    if structured:
        named = _PHRASE_AND_ID.fullmatch(value)
        if not named:
            raise Unencodable(f"The header {name} takes only plain ASCII, not “{value}”.")
        words = [" " + word for word in encoded_words(named[1], len(name) + 2)]
        return _folded(name, [*words, " " + named[2]], ENCODED_LINE)
    return _folded(name, [" " + word for word in encoded_words(value, len(name) + 2)], ENCODED_LINE)


def address_header(name: str, mailboxes: Iterable[Mailbox]) -> bytes:
    """Returns an address field: names in any script, domains as A-labels. Raises `BadAddress`."""
    words: list[str] = []
    for mailbox in mailboxes:
        if words:
            words[-1] += ","
        words += [" " + word for word in _mailbox_words(mailbox, len(name) + 2 if not words else 1)]
    return _folded(name, words, ENCODED_LINE)


def one_line(text: str) -> str:
    """Returns the text as one line: every break and control character, in whatever script, is a blank."""
    return _BREAKS.sub(" ", text).strip(" ")


def encoded_words(text: str, column: int) -> list[str]:
    """Returns RFC 2047 encoded words that begin at `column` and continue in column 1; each decodes by itself."""
    raw = text.encode("utf-8", "replace").decode("utf-8")
    left = ENCODED_LINE - len("=?utf-8?q??=") - column
    q_tokens = [_q_token(char) for char in raw]
    if sum(map(len, q_tokens)) <= len(raw.encode()) * 4 / 3 + 4:
        payloads = _packed(((token, len(token)) for token in q_tokens), left, 63)
        return [f"=?utf-8?q?{payload}?=" for payload in payloads]
    # Base64 makes four characters of three bytes.
    payloads = _packed(((char, len(char.encode())) for char in raw), left // 4 * 3, 45)
    return [f"=?utf-8?b?{base64.b64encode(payload.encode()).decode()}?=" for payload in payloads]


def _rows(line: str, *, hard: bool) -> list[str]:
    tokens = [_QP[byte] for byte in line.encode("utf-8", "replace")]
    if hard and tokens and tokens[-1] in " \t":
        tokens[-1] = f"={ord(tokens[-1]):02X}"
    rows: list[str] = []
    row: list[str] = []
    width = 0
    for index, char in enumerate(tokens):
        token = char
        if width + len(token) > BODY_WIDTH - 1:  # one column is the soft break's
            rows.append("".join(row))
            row, width = [], 0
        if not row and (char == "." or (char == "F" and tokens[index : index + 5] == list("From "))):
            token = f"={ord(char):02X}"
        row.append(token)
        width += len(token)
    return [*rows, "".join(row)]


def _folded(name: str, words: list[str], width: int) -> bytes:
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + len(word) > width:
            lines.append(line)
            line = ""
        line += word
    return "\r\n".join([*lines, line]).encode("ascii") + b"\r\n"


def _mailbox_words(mailbox: Mailbox, column: int) -> list[str]:
    address = wire_address(mailbox.address)
    name = one_line(mailbox.name)
    if not name:
        return [address]
    return [*_phrase(name, column), f"<{address}>"]


def _phrase(name: str, column: int) -> list[str]:
    if name.isascii() and "=?" not in name and len(name) + column < 70:
        if _ATOMS.fullmatch(name):
            return [name]
        quoted = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
        if len(quoted) + column < 72:
            return [quoted]
    return encoded_words(name, column)


def _q_token(char: str) -> str:
    return "".join(_Q_WORD[byte] for byte in char.encode())


def _packed(tokens: Iterable[tuple[str, int]], first: int, room: int) -> Iterator[str]:
    """Joins tokens (each with its width) into payloads of at most `room`, the first one of at most `first`.

    A character is never split (RFC 2047 5). A first one too short to be of use is left to the next line.
    """
    payload, width, left = "", 0, first if first >= 12 else room
    for token, size in tokens:
        if width + size > left:
            yield payload
            payload, width, left = "", 0, room
        payload += token
        width += size
    yield payload
