"""Sending processes as `masthead work` runs them: started when there is mail, stopped in order, killed and replaced."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.site_of_its_own import ROOT, environment

pytestmark = [pytest.mark.process, pytest.mark.smtp]

PREPARE = """
import sys
from pathlib import Path
from benchmarks import mailhouse
with mailhouse.house(folder=Path(sys.argv[1])):
    mailhouse.add_readers(int(sys.argv[2]))
    mailhouse.plan(mailhouse.approved_issue())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks processes")
def test_killed_at_every_point_nobody_is_mailed_twice_and_nobody_is_lost():
    """The short form of `python -m benchmarks.kill_proof`, which prints the table."""
    command = [sys.executable, "-m", "benchmarks.kill_proof", "--quick"]
    proof = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=240)
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert "All is well." in proof.stdout


@pytest.fixture
def site(tmp_path):
    """A site with 1,500 readers and an issue ready to go, and a mail server that counts."""
    folder, accepted = tmp_path / "site", tmp_path / "accepted"
    prepare = [sys.executable, "-c", PREPARE, str(folder), "1500"]
    subprocess.run(prepare, cwd=ROOT, env=environment(), check=True, timeout=120)
    command = [sys.executable, "-m", "benchmarks.counting_sink", str(accepted), "--gap", "0.004"]
    sink = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield Working(folder, accepted, int(sink.stdout.readline()))
    sink.kill()
    sink.wait()


class Working:
    """`masthead work` in a process of its own."""

    def __init__(self, folder: Path, accepted: Path, port: int):
        self.folder, self.accepted, self.port = folder, accepted, port

    def start(self) -> subprocess.Popen:
        options = {
            "MASTHEAD_SECRET_KEY": "of-the-tests-0123456789-0123456789-0123456789-01",
            "MASTHEAD_SITE": str(self.folder),
            "MASTHEAD_SMTP_PORT": str(self.port),
            "MASTHEAD_SENDERS": "2",
        }
        command = [sys.executable, "-m", "masthead.cli", "work", "--site", str(self.folder)]
        log = (self.folder / "log").open("a")
        return subprocess.Popen(command, cwd=ROOT, env=environment(**options), stdout=log, stderr=log)

    def taken(self) -> list[str]:
        return self.accepted.read_text().split() if self.accepted.exists() else []

    def states(self) -> dict[str, int]:
        import sqlite3

        with sqlite3.connect(self.folder / "data/masthead.sqlite3", timeout=20) as database:
            return dict(database.execute("SELECT state, count(*) FROM newsletters_delivery GROUP BY state"))

    def wait_for(self, what) -> None:
        for _n in range(1200):
            if what():
                return
            time.sleep(0.1)
        raise AssertionError(f"It did not happen: {self.states()}\n{(self.folder / 'log').read_text()[-1500:]}")


def test_stopped_in_order_nothing_is_uncertain_and_the_next_start_goes_on_by_itself(site):
    work = site.start()
    site.wait_for(lambda: len(site.taken()) > 200)
    work.send_signal(signal.SIGTERM)
    assert work.wait(20) == 0
    states = site.states()
    assert states.get("ambiguous", 0) == states.get("handing", 0) == 0
    assert states["sent"] == len(site.taken()) < 1500

    again = site.start()
    site.wait_for(lambda: site.states() == {"sent": 1500})
    again.send_signal(signal.SIGTERM)
    assert again.wait(20) == 0
    assert len(site.taken()) == len(set(site.taken())) == 1500


def test_a_killed_sending_process_is_replaced_and_two_clocks_do_no_harm(site):
    works = [site.start(), site.start()]
    site.wait_for(lambda: len(site.taken()) > 200)
    senders = [pid for work in works for pid in _children(work.pid)]
    os.kill(senders[0], signal.SIGKILL)
    site.wait_for(lambda: not set(site.states()) & {"queued", "handing"})
    for work in works:
        work.send_signal(signal.SIGTERM)
        work.wait(20)
    states = site.states()
    assert len(site.taken()) == len(set(site.taken()))
    assert states.get("ambiguous", 0) <= 4, "one for each connection of the killed process at most"
    assert states["sent"] + states.get("ambiguous", 0) == 1500


def _children(pid: int) -> list[int]:
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]
