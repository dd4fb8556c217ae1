"""What returned mails mean, in the words of many mail systems; each reason in each system's way of telling it."""

from pathlib import Path

import pytest

from masthead.mail.bounces import understand
from tests.mail.bounces.dialects import DIALECTS, ORIGINAL, READER, REASONS

# Systems that know no standard, one of a kind each: what it means, sender, subject, text.
NOTICES = (Path(__file__).parent / "notices.txt").read_text().split("\n=====\n")
QUOTED = "\n--- Original message follows ---\n" + ORIGINAL


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.__name__)
@pytest.mark.parametrize(("status", "reply", "words", "kind"), REASONS, ids=[r[2][:40] for r in REASONS])
def test_each_reason_is_understood_in_each_dialect(dialect, status, reply, words, kind):
    meant = understand(dialect(status, reply, words))
    assert (meant.kind, meant.policy) == _expected(kind), meant
    assert meant.address == READER


@pytest.mark.parametrize("quoted", ["", QUOTED], ids=["alone", "with the letter"])
@pytest.mark.parametrize("notice", NOTICES, ids=[notice.split("\n")[-1][-40:].strip() for notice in NOTICES])
def test_notices_of_systems_that_know_no_standard(notice, quoted):
    means, _, text = notice.partition("\n")
    meant = understand(f"Return-Path: <>\n{text}{quoted}".encode())
    assert (meant.kind, meant.policy) == _expected(means.removeprefix("means: ")), meant
    assert meant.address == READER


def _expected(kind: str) -> tuple[str, bool]:
    return ("soft", True) if kind == "policy" else (kind, False)
