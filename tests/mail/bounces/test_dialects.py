"""What returned mails mean, in the words of many mail systems; each reason in each system's way of telling it."""

import pytest

from masthead.mail.bounces import understand
from tests.mail.bounces.dialects import DIALECTS, READER, REASONS


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.__name__)
@pytest.mark.parametrize(("status", "reply", "words", "kind"), REASONS, ids=[r[2][:40] for r in REASONS])
def test_each_reason_is_understood_in_each_dialect(dialect, status, reply, words, kind):
    meant = understand(dialect(status, reply, words))
    assert (meant.kind, meant.policy) == (("soft", True) if kind == "policy" else (kind, False)), meant
    assert meant.address == READER
