"""Debian's Postfix as a house's mail server: a configuration, a queue and mailboxes of its own, on a free port.

It takes everything for its two domains, delivers into maildirs, and bounces what has no mailbox, as a receiver's server
would that finds out late. Needs root, as its master process does.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path

DAEMONS = Path("/usr/lib/postfix/sbin")
PATIENCE = 15.0  # seconds for Postfix to start, or for a letter to arrive
QUEUES = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"]
MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log
maillog_file_prefixes = {home}
myhostname = mail.{ours}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_transport = error:nothing is local
smtpd_reject_unlisted_recipient = no
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
default_transport = error:nothing leaves this machine
alias_maps =
virtual_mailbox_domains = {ours}, {theirs}
virtual_mailbox_base = {home}/boxes
virtual_mailbox_maps = regexp:{home}/boxes.regexp
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
recipient_delimiter =
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def why_not() -> str:
    """A sentence that says why Postfix can't be started here, or nothing."""
    if os.geteuid() != 0:
        return "Postfix's master process wants root."
    if not (DAEMONS / "master").exists() or not shutil.which("postconf"):
        return "Debian's package postfix is not installed."
    return ""


class Postfix:
    """A running Postfix. `ours` is the sender's domain with one mailbox for all, `theirs` has the mailbox `anna`."""

    def __init__(self, home: Path, ours: str, theirs: str):
        self.home, self.ours, self.theirs = home, ours, theirs
        self.port = _free_port()

    def __enter__(self) -> "Postfix":
        self._write()
        self.master = subprocess.Popen([DAEMONS / "master", "-c", self.home / "conf", "-d"], stderr=subprocess.PIPE)
        self._wait(self._listens, "Postfix does not answer")
        return self

    def __exit__(self, *exc) -> None:
        self.master.terminate()
        self.master.wait(10)
        self.master.stderr.close()

    def arrived(self, box: str, many: int = 1) -> list[bytes]:
        """Wait until so many letters lie in a mailbox, and return them as they lie there."""
        folder = self.home / "boxes" / box / "new"
        self._wait(lambda: folder.is_dir() and len(list(folder.iterdir())) >= many, f"nothing arrives at {box}")
        return [letter.read_bytes() for letter in sorted(folder.iterdir())]

    def _write(self) -> None:
        user = pwd.getpwnam("nobody")
        conf, boxes = self.home / "conf", self.home / "boxes"
        for folder in (conf, boxes, self.home / "queue", self.home / "data"):
            folder.mkdir(parents=True)
        os.chown(boxes, user.pw_uid, user.pw_gid)
        shutil.chown(self.home / "data", "postfix")
        names = {"home": self.home, "ours": self.ours, "theirs": self.theirs, "daemons": DAEMONS}
        ids = {"uid": user.pw_uid, "gid": user.pw_gid, "port": self.port}
        (conf / "main.cf").write_text(MAIN.format(**names, **ids))
        (conf / "master.cf").write_text(MASTER.format(**ids))
        escaped = self.theirs.replace(".", r"\.")
        every = self.ours.replace(".", r"\.")
        (self.home / "boxes.regexp").write_text(f"/^anna@{escaped}$/ anna/\n/@{every}$/ returns/\n")
        for name in QUEUES:
            (self.home / "queue" / name).mkdir(0o700)
            shutil.chown(self.home / "queue" / name, "postfix")
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            (self.home / "queue" / name).mkdir()
            shutil.chown(self.home / "queue" / name, "postfix", "postdrop")
            (self.home / "queue" / name).chmod(mode)
        (self.home / "queue" / "pid").mkdir()

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
            return line.recv(4) == b"220 "
        return False

    def _wait(self, until, otherwise: str) -> None:
        end = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > end or self.master.poll() is not None:
                log = self.home / "log"
                raise AssertionError(f"{otherwise}: {log.read_text() if log.exists() else 'it wrote no log'}")
            time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]
