"""Whatever arrives, the mailbox goes on: any bytes are read, none raise, and none suppress anybody by accident."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masthead.mail.bounces import understand
from tests.mail.bounces.dialects import DIALECTS, REASONS
from tests.mail.bounces.test_bystanders import complaint

KINDS = {"hard", "soft", "complaint", "optout", "ignore"}
MAILS = [dialect(*reason[:3]) for dialect in DIALECTS for reason in REASONS[::7]] + [complaint("abuse")]


def broken(raw: bytes, chance: random.Random) -> bytes:
    """The mail cut, with pieces doubled or swapped, and bytes changed."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(data) or 1)
        piece = data[at : at + chance.randint(0, 60)]
        action = chance.randrange(4)
        if action == 0:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif action == 1:
            del data[at : at + len(piece)]
        elif action == 2:
            data[at:at] = piece * chance.randint(1, 5)
        else:
            data[at:at] = chance.choice(
                [b"\0", b"\r\n\r\n", b"=?utf-8?b?//==?=", b"--=b0--", b"\xff\xfe", b"charset=x"]
            )
    return bytes(data[: chance.randrange(len(data))]) if data and chance.random() < 0.3 else bytes(data)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MAILS), st.integers(0, 2**32))
def test_no_broken_mail_raises(raw, seed):
    assert understand(broken(raw, random.Random(seed))).kind in KINDS


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_raise_and_none_suppress(raw):
    assert understand(raw).kind in ("ignore", "soft", "optout")


NESTED = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000))
LONG = {
    "nothing": b"",
    "newlines": b"\n" * 100_000,
    "nuls": b"\0" * 1_000_000,
    "ten megabytes of one letter": b"Subject: failure notice\n\n" + b"a" * 10_000_000,
    "a long line of at signs": b"From: MAILER-DAEMON@x\nSubject: failure notice\n\n" + b"a@" * 500_000,
    "a long line of dots": b"From: MAILER-DAEMON@x\nSubject: failure notice\n\n" + b"a.b" * 300_000,
    "a long line of words": b"From: MAILER-DAEMON@x\nSubject: failure notice\n\n" + b"user mailbox " * 80_000,
    "a long line of spaces": b"From: MAILER-DAEMON@x\nSubject: failure notice\n\n550" + b" " * 500_000 + b"x",
    "brackets": b"From: MAILER-DAEMON@x\nSubject: failure notice\n\n" + b"<" * 300_000 + b">" * 300_000,
    "dashes": b"From: MAILER-DAEMON@x\nSubject: failure notice\n\n" + b"-" * 500_000,
    "a header of encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\n",
    "an unending header": b"Subject: " + b"\n x" * 300_000,
    "parts within parts": NESTED,
    "many parts": b'Content-Type: multipart/mixed; boundary="x"\n\n' + b"--x\n\na\n" * 100_000,
    "many reports": b'Content-Type: multipart/report; boundary="x"\n\n--x\nContent-Type: message/delivery-status\n\n'
    + b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n" * 20_000,
    "html": b"Content-Type: text/html\nFrom: MAILER-DAEMON@x\nSubject: failure notice\n\n" + b"<p " * 200_000,
    "base64": b"Content-Transfer-Encoding: base64\nFrom: postmaster@x\n\n" + b"QUJD" * 300_000,
    "an alphabet that is none": b"Content-Type: text/plain; charset=rot13\n\nabc",
    "a codec that is no text": b"Content-Type: text/plain; charset=zip\n\nabc",
}


@pytest.mark.parametrize("raw", LONG.values(), ids=LONG.keys())
def test_long_and_strange_mails_are_read_in_bounded_work(raw):
    """The bound is the test runner's patience: a pattern that explodes would never come back."""
    assert understand(raw).kind in KINDS
