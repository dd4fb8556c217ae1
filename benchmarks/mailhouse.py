"""A house made for measuring and for killing: one newsletter, any number of readers, an issue ready to go."""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

LINE = "Et afsnit om kabler, lagre og tariffer, og hvad de koster i dag.\n"


@contextlib.contextmanager
def house(database: str = "", folder: Path | None = None, **options) -> Iterator[Path]:
    """A new house; `options` are options of Masthead. This process works for it from now on.

    Without a `folder` it has one of its own, which is gone afterwards.
    """
    kept, folder = folder is not None, folder or Path(tempfile.mkdtemp(prefix="masthead-mailhouse-"))
    (folder / "data").mkdir(exist_ok=True, parents=True)
    os.environ |= environment(folder, database, **options)
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections

    from masthead.newsstand import founding

    settings.LOGGING["root"]["level"] = "ERROR"
    founding.prepare_database()
    founding.found_title("Mailhouse", language="da", country="dk")
    try:
        yield folder
    finally:
        connections.close_all()
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def environment(folder: Path, database: str = "", **options) -> dict[str, str]:
    """What a process needs to work for that house."""
    named = {f"MASTHEAD_{name.upper()}": str(value) for name, value in options.items()}
    named |= {"MASTHEAD_DATABASE": database} if database else {}
    secret = {
        "MASTHEAD_SITE": str(folder),
        "MASTHEAD_SECRET_KEY": "only-for-measuring-0123456789-0123456789-0123456789",
    }
    return {"DJANGO_SETTINGS_MODULE": "masthead.settings"} | secret | named


def add_readers(n: int, domain: str = "example.com") -> None:
    """Add n confirmed readers, written by the database itself."""
    from django.db import connection

    from masthead.subscribers.models import ConsentText

    letter = _newsletter()
    text = ConsentText.objects.get(kind="newsletter")
    address = f"'reader' || CAST(n AS TEXT) || '@{domain}'"
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM subscribers_subscriber")
        first = cursor.fetchone()[0] + 1
        last = first + n - 1
        if connection.vendor == "sqlite":
            connection.connection.create_function("print_of", 1, lambda one: hashlib.sha256(one.encode()).hexdigest())
            many = f"WITH RECURSIVE many(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM many WHERE n < {last})"  # noqa: S608
            prints, subject = f"print_of({address})", "printf('%%032x', n)"
        else:
            many = f"WITH many(n) AS (SELECT generate_series({first}, {last}))"
            prints, subject = f"encode(sha256(({address})::bytea), 'hex')", "lpad(to_hex(n), 32, '0')"
        cursor.execute(
            "INSERT INTO subscribers_subscriber"  # noqa: S608 - numbers and our own names
            " (publication_id, address, normalised, print, subject, language, created_at, asked_with)"
            f" {many} SELECT %s, {address}, {address}, {prints}, {subject}, 'da', CURRENT_TIMESTAMP, '' FROM many",
            [letter.publication_id],
        )
        cursor.execute(
            "INSERT INTO subscribers_subscription (subscriber_id, kind, theme, state, text_id, confirmed_at)"
            " SELECT id, 'newsletter', '', 'confirmed', %s, CURRENT_TIMESTAMP FROM subscribers_subscriber s WHERE"
            " NOT EXISTS (SELECT 1 FROM subscribers_subscription t WHERE t.subscriber_id = s.id)",
            [text.pk],
        )
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE subscribers_subscriber, subscribers_subscription")


def approved_issue():
    """An issue whose letter has 18 kB of HTML, 10 kB of text and 14 personal places."""
    from django.utils import timezone

    from masthead.newsletters.models import Issue

    letter = _newsletter()
    now = timezone.now()
    issue = Issue(
        newsletter=letter, number=letter.issues.count() + 1, day=now.date(), state="approved", subject="Nyt om nettet"
    )
    issue.frozen, issue.approved_at, issue.send_at = _frozen().to_bytes(), now, now
    issue.approved_hash = issue.seal()
    issue.save()
    return issue


def plan(issue) -> int:
    """Write the deliveries of an issue and make it ready; return how many."""
    from django.db import transaction

    from masthead.newsletters import planning

    with transaction.atomic():
        issue.move("approved", to="planning")
        planned = planning.write_down(issue, planning.readers_of(issue))
        issue.move("planning", to="ready", planned_count=planned)
    return planned


def sent() -> int:
    """Return how many letters have left this house."""
    from masthead.newsletters.models import Delivery

    return Delivery.objects.filter(state="sent").count()


def letter_size() -> int:
    """Return the bytes of a letter on the wire."""
    from masthead.newsletters.carrying import IssueLetters, Row

    return len(
        IssueLetters(approved_issue()).letter(Row(1, "reader1@example.com", "reader1@example.com", "0" * 32)).body
    )


def memory() -> float:
    """Return how large this process is now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def start(module: str, *words, **options) -> subprocess.Popen:
    """Start a module of the benchmarks as a process of the same house."""
    root = Path(__file__).parents[1]
    named = {f"MASTHEAD_{name.upper()}": str(value) for name, value in options.items()}
    command = [sys.executable, "-m", module, *map(str, words)]
    return subprocess.Popen(command, env=os.environ | named, cwd=root, stdout=subprocess.PIPE, text=True)


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of our own, with fsync and synchronous_commit on, as the sender demands."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests import postgres

    with postgres.throw_away_server(durable=True) as address:
        yield address


def _newsletter():
    from masthead.newsletters import founding
    from masthead.newsletters.models import Newsletter
    from masthead.publication.models import Publication

    found = Newsletter.objects.select_related("publication__site").first()
    title = Publication.objects.get()
    sender = "brev@example.com"
    return found or founding.found_newsletter(title, "Brevet", promise="Ofte", weekdays=[2], sender_address=sender)


def _frozen():
    from masthead.mail.letters import Kind, Mailbox, Slots, freeze

    slots = Slots(to=Kind.MAILBOX, date=Kind.DATE, message_id=Kind.TOKEN, stop=Kind.TOKEN, choices=Kind.TOKEN)
    stop, choices = (
        f"https://example.com/mail/stop/{slots['stop']}/",
        f"https://example.com/mail/choices/{slots['choices']}/",
    )
    feet = f"{stop}\n{choices}\n" * 2
    return freeze(
        {
            "From": Mailbox("Strømskifte", "brev@example.com"),
            "To": slots["to"],
            "Subject": "Nyt om nettet – tirsdag",
            "Date": slots["date"],
            "Message-ID": f"<{slots['message_id']}>",
            "List-Unsubscribe": f"<{stop}>, <mailto:brev@example.com?subject=stop%20{slots['stop']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Feedback-ID": f"1:brevet:{slots['choices']}:example.com",
        },
        text=f"Kære læser,\n{LINE * 150}{feet}",
        html=f'<html lang="da"><p>Kære læser,</p>{f"<p>{LINE}</p>" * 240}{feet}</html>',
        slots=slots,
        lang="da",
    )
