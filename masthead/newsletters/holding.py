"""Holding: a copy of a house sends nothing by itself, nor does a database restored from before a mailing.

Three things are looked at, and none of them changes when a house is stopped, started, upgraded or backed up:

- who we are: the machine's name for itself, and which file in the data folder this is, which a copy of it is not;
  for PostgreSQL the server's own number, its timeline and the number of the table. Written in the database.
- the last chunk taken from here, in a file beside the database. A database that does not know it is from before.
- when the clock last ran. Mailings under way are not gone on with by themselves after hours.

Where one does not hold, everything under way is paused and all mail waits until a person says in whose name it goes on.
"""

import hashlib
import os
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from masthead.newsletters import journal, settling
from masthead.newsletters.models import Chunk, Issue, IssueRecord, Outbound
from masthead.newsletters.planning import GRACE

MACHINE = Path("/etc/machine-id")
IN_A_CONTAINER = (Path("/.dockerenv"), Path("/run/.containerenv"))  # there the file is the image's, not the machine's


def why_held() -> str:
    """Return why no mail leaves, in a sentence; empty where it may."""
    return Outbound.objects.filter(pk=1).values_list("held_because", flat=True).first() or ""


def look() -> str:
    """Look whether this is still the house that may send, hold all mail where not, and return why."""
    row, new = Outbound.objects.get_or_create(pk=1, defaults={"identity": identity()})
    if row.held_because:
        return row.held_because
    why = "" if new else _what_is_wrong(row)
    if why:
        _hold(why)
    elif timezone.now() - row.seen_at > GRACE:
        _pause_what_is_under_way(_("Nothing was sent for hours. Let it go on if it is still news."))
    Outbound.objects.filter(pk=1).update(seen_at=timezone.now())
    return why


def release(by: str) -> None:
    """Let mail leave from here again: a person has looked. What was paused stays so; kept by name."""
    with transaction.atomic():
        last = Chunk.objects.exclude(taken_at=None).order_by("-taken_at").first()
        Outbound.objects.update_or_create(
            pk=1, defaults={"identity": identity(), "held_because": "", "seen_at": timezone.now()}
        )
        IssueRecord.append({"action": "released", "by": by})
        _mark().unlink(missing_ok=True)
        if last and last.taken_at:
            note_taken(last.pk, last.taken_at)


def note_taken(chunk: int, at: datetime) -> None:
    """Note the last chunk taken from here, after that is committed. Not synced: a note too old does no harm."""
    file = os.open(_mark(), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{chunk} {at.isoformat()} \n".encode())
    finally:
        os.close(file)


def identity() -> str:
    """Return a print of what this house is: the same after a restart, another for a copy."""
    folder = settling.journals()
    said = ["", str(journal.place_file(folder).stat().st_ino)]
    if MACHINE.exists() and not any(sign.exists() for sign in IN_A_CONTAINER):
        said[0] = MACHINE.read_text().strip()
    if connection.vendor == "postgresql":
        said = _postgresql()
    return hashlib.sha256(":".join(said).encode()).hexdigest()


def _postgresql() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, timeline_id, %s::regclass::oid"
            " FROM pg_control_system(), pg_control_checkpoint()",
            [Chunk._meta.db_table],
        )
        return [str(value) for value in cursor.fetchone()]


def _what_is_wrong(row: Outbound) -> str:
    if not _knows_the_last_chunk():
        return _("This database is from before a mailing that left from here: it was restored from a backup.")
    if row.identity != identity():
        return _("This is a copy: its database says that mail leaves from another machine or folder.")
    return ""


def _knows_the_last_chunk() -> bool:
    try:
        key, at, _end = _mark().read_text().split(" ", 2)
    except (FileNotFoundError, ValueError):
        return True
    return Chunk.objects.filter(pk=key, taken_at__gte=datetime.fromisoformat(at)).exists()


def _hold(why: str) -> None:
    with transaction.atomic():
        Outbound.objects.filter(pk=1).update(held_because=why)
        IssueRecord.append({"action": "held", "why": why})
        _pause_what_is_under_way(why)
        due = Issue.objects.filter(state=Issue.State.APPROVED, send_at__lte=timezone.now())
        due.update(send_at=None, note=why)


def _pause_what_is_under_way(note: str) -> None:
    for issue in Issue.objects.filter(state__in=[Issue.State.READY, Issue.State.SENDING]):
        if issue.move(Issue.State.READY, Issue.State.SENDING, to=Issue.State.PAUSED, note=note):
            issue.log("paused", why=note)


def _mark() -> Path:
    return settling.journals().parent / "journals.mark"
