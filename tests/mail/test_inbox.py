"""Mailboxes are read by one small door: a letter stays until it is removed, and no password leaves in the clear."""

import pytest

from masthead.mail import inbox
from masthead.mail.inbox import AWAY, BIGGEST, WrongMailbox, open_inbox
from tests.mail.boxes import Box, Imap, ImapWithoutUidplus, Pop

LETTERS = [b"Subject: one\n\nfirst\n", b"Subject: two\n\n.second\n", b"Subject: three\n\n\xff\n"]


def maildir(folder, letters):
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    for n, raw in enumerate(letters):
        (folder / ("cur" if n else "new") / str(n)).write_bytes(raw)
    return folder


@pytest.mark.parametrize("protocol", [Imap, ImapWithoutUidplus, Pop])
def test_what_was_removed_is_gone_and_the_rest_stays(protocol):
    with Box(protocol, LETTERS) as box:
        scheme = "pop3" if protocol is Pop else "imap"
        with open_inbox(f"{scheme}://me:p%40ss@127.0.0.1:{box.port}/Returns") as mails:
            read = []
            for letter in mails.letters(10):
                read.append(letter.raw.replace(b"\r\n", b"\n").rstrip())
                if b"two" not in letter.raw:
                    mails.remove(letter)
        assert read == [raw.rstrip() for raw in LETTERS]
        assert list(box.letters) == [2]


def test_a_maildir_is_read_new_and_old(tmp_path):
    folder = maildir(tmp_path / "box", LETTERS)
    with open_inbox(f"maildir:{folder}") as mails:
        letters = list(mails.letters(10))
        mails.remove(letters[0])
    assert [letter.raw for letter in letters] == LETTERS
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["1", "2"]


def test_only_so_many_are_read_at_once_and_only_the_beginning_of_a_long_one(tmp_path):
    folder = maildir(tmp_path / "box", [b"x" * (BIGGEST + 10), b"y"])
    with open_inbox(f"maildir:{folder}") as mails:
        assert [len(letter.raw) for letter in mails.letters(1)] == [BIGGEST]


@pytest.mark.parametrize("verb", ["DELE 2", "QUIT"])
def test_a_pop_conversation_that_is_cut_removes_nothing(verb):
    with Box(Pop, LETTERS, cut_after=verb) as box:
        with pytest.raises(AWAY), open_inbox(f"pop3://me:pass@127.0.0.1:{box.port}") as mails:
            for letter in mails.letters(10):
                mails.remove(letter)
        assert len(box.letters) == 3


def test_a_folder_that_is_not_there_is_an_error_of_the_mailbox():
    with Box(Imap, []) as box, pytest.raises(AWAY), open_inbox(f"imap://me:x@127.0.0.1:{box.port}/Missing"):
        pass


@pytest.mark.parametrize(
    "address",
    ["", "imaps://host", "imaps://me:x@", "http://me:x@host", "imap://me:x@mail.example.com", "pop3://me:x@192.0.2.1"],
)
def test_an_address_that_cannot_be_used_is_refused_with_what_to_write(address):
    with pytest.raises(WrongMailbox, match="s://"):
        open_inbox(address)


def test_a_server_that_is_away_and_a_folder_that_is_none_can_be_tried_again(tmp_path):
    for address in ("imap://me:x@127.0.0.1:1", f"maildir:{tmp_path}/none"):
        with pytest.raises(AWAY), open_inbox(address):
            pass


def test_no_password_stands_in_a_log():
    assert "secret" not in inbox.without_password("imaps://me:secret@host/INBOX")
