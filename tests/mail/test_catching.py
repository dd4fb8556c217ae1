"""The catcher keeps what it is handed, whole, and shows it."""

import smtplib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from masthead.mail.catching import Catcher, NothingCaught, PortTaken, caught, raw, read
from masthead.mail.transport import Connection, Envelope, Server, Tls, deliver
from tests.mail.fixtures import MOMENT, issue, values


@pytest.fixture(scope="module")
def catcher(tmp_path_factory):
    with Catcher(tmp_path_factory.mktemp("post")) as catcher:
        yield catcher


@pytest.fixture
def folder(catcher):
    for path in (catcher.folder / "new").iterdir():
        path.unlink()
    return catcher.folder


def hand_over(port, *envelopes):
    with Connection(Server("127.0.0.1", port, Tls.NONE, helo="us.example")) as line:
        return [str(result.outcome) for result in deliver(line, envelopes)]


def test_an_issue_is_caught_byte_for_byte_and_read(catcher, folder):
    letter = issue().fill(values("Læser"))
    assert hand_over(catcher.port, Envelope(1, "b+1@example.com", "reader@example.com", letter)) == ["accepted"]
    (mail,) = caught(folder)
    assert (mail.subject, mail.to, mail.date) == ("Til Læser: nyt om nettet", "Læser <reader@example.com>", MOMENT)
    assert (mail.sender, mail.recipient) == ("b+1@example.com", "reader@example.com")
    assert mail.text.startswith("Kære Læser,") and mail.html.startswith('<html lang="da">')
    assert raw(folder, mail.key).endswith(b"\r\n" + letter)
    assert read(folder, mail.key) == mail
    assert list((folder / "tmp").iterdir()) == []


def test_the_newest_letters_come_first_and_only_so_many(catcher, folder):
    letters = [Envelope(n, "", f"r{n}@example.com", issue().fill(values(f"Reader {n}"))) for n in range(4)]
    hand_over(catcher.port, *letters)
    assert [mail.recipient for mail in caught(folder, newest=3)] == [f"r{n}@example.com" for n in (3, 2, 1)]


def test_every_recipient_of_one_letter_gets_a_file(catcher, folder):
    with smtplib.SMTP("127.0.0.1", catcher.port, local_hostname="us.example") as line:
        line.sendmail("b@example.com", ["x@example.com", "y@example.com"], "Subject: x\r\n\r\n.hidden\r\n")
    assert sorted(mail.recipient for mail in caught(folder)) == ["x@example.com", "y@example.com"]
    assert {mail.text for mail in caught(folder)} == {".hidden\n"}


def test_letters_from_several_senders_at_once_are_all_kept(catcher, folder):
    with ThreadPoolExecutor(4) as senders:
        list(
            senders.map(
                lambda who: hand_over(
                    catcher.port,
                    *[Envelope(n, "", f"r{who}-{n}@example.com", b"Subject: x\r\n\r\nx\r\n") for n in range(5)],
                ),
                range(4),
            )
        )
    assert len({mail.recipient for mail in caught(folder)}) == 20


@pytest.mark.parametrize(
    "letter",
    [
        b"",
        b"no header\r\n",
        b"Content-Type: text/plain; charset=no-such\r\n\r\nbody\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n",
        b"Date: yesterday\r\nSubject: =?utf-8?b?!!?=\r\nTo: @@\r\n\r\n\xff\xfe",
    ],
)
def test_a_broken_letter_is_shown_as_well_as_it_can_be(folder, letter):
    (folder / "new" / f"{7:020d}.1.1.eml").write_bytes(letter)
    assert len(caught(folder)) == 1


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "x.eml", f"{9:020d}.1.1.eml", f"{9:020d}.1.1.eml\n"])
def test_a_key_that_is_no_letter_is_refused(folder, key):
    with pytest.raises(NothingCaught):
        read(folder, key)


def test_a_folder_where_nothing_was_ever_caught_is_empty(tmp_path):
    assert caught(tmp_path / "never") == []


def test_a_taken_port_is_told_in_one_sentence(catcher, tmp_path):
    with pytest.raises(PortTaken, match="choose another"):
        Catcher(tmp_path, port=catcher.port).start()


def test_the_catcher_as_a_process_stops_when_told_to(tmp_path):
    program = (
        "import os, signal, threading\n"
        "from pathlib import Path\n"
        "from masthead.mail.catching import catch\n"
        "threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()\n"
        f"catch(Path({str(tmp_path)!r}), port=0)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=20).returncode == 0  # noqa: S603
    assert (tmp_path / "new").is_dir()
