"""How fast letters are filled and handed over, beside the usual ways, in one run on one machine.

    python benchmarks/mail.py                  # all cases, five rounds, about a minute
    python benchmarks/mail.py --quick          # a smoke test: the figures mean nothing

Needs Debian's postfix package (smtp-sink, smtp-source); aiosmtplib is measured when it is installed. Every case sends
the same issue (about 32 kB, 14 slots) to an smtp-sink on loopback. Rounds are interleaved, so that a disturbance hits
all cases alike. "client µs" is processor time of the sending process per letter, the figure to trust on a machine
shared with the sink; "msg/s" is what was seen. Both as median (least to most).
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import pwd
import resource
import shutil
import smtplib
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

from masthead.mail.letters import Block, FrozenLetter, Kind, Mailbox, Slots, freeze
from masthead.mail.transport import Connection, Envelope, Outcome, Server, Tls, deliver

try:
    import aiosmtplib
except ImportError:
    aiosmtplib = None

Case = Callable[[int], None]
TEXT_LINE = "Et afsnit om kabler, lagre og tariffer, og hvad de koster i dag.\n"
MOMENT = datetime(2026, 11, 3, 6, 30, tzinfo=UTC)
NAMES = ["Reader", "Læser", "Desk, second floor", "読者", "O'Reader"]
SENDER = "b@example.com"


def main() -> None:
    options = _options()
    with sink() as pipelining, sink("-p") as lock_step:
        cases = dict(_cases(pipelining, lock_step))
        rows: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
        for _, (name, (count, case)) in itertools.product(range(options.rounds), cases.items()):
            rows[name].append(_measured(case, max(4, count // (50 if options.quick else 1))))
    _report(rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


def _cases(pipelining: int, lock_step: int) -> Iterator[tuple[str, tuple[int, Case]]]:
    letter = _issue()
    yield "fill a frozen letter, no network", (20_000, lambda count: _fill(letter, count))
    yield "EmailMessage per recipient, no network", (200, lambda count: _build(count))
    yield "masthead, PIPELINING, 1 connection", (4_000, lambda count: _masthead(letter, pipelining, count))
    yield "masthead, PIPELINING, 4 connections", (8_000, lambda count: _masthead(letter, pipelining, count, lines=4))
    yield "masthead, lock-step, 1 connection", (2_000, lambda count: _masthead(letter, lock_step, count))
    yield "smtplib + frozen letter, 1 connection", (1_500, lambda count: _smtplib(letter, pipelining, count))
    yield "smtplib + EmailMessage, 1 connection", (200, lambda count: _smtplib_message(pipelining, count))
    yield "Django templates + SMTP backend, 1 connection", (300, _django(pipelining))
    if aiosmtplib:
        yield (
            "aiosmtplib + frozen letter, 10 connections",
            (1_500, lambda count: _aiosmtplib(letter, pipelining, count)),
        )
    yield (
        "smtp-source (C), 20 sessions",
        (8_000, lambda count: smtp_source(len(letter.fill(_values(1))), pipelining, count)),
    )


def _measured(case: Case, count: int) -> tuple[float, float]:
    wall, processor = time.perf_counter(), processor_seconds()
    case(count)
    return count / (time.perf_counter() - wall), (processor_seconds() - processor) / count * 1e6


def processor_seconds() -> float:
    # The sinks are children too, but they count only when they have ended; smtp-source ends inside its case.
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _report(rows: dict[str, list[tuple[float, float]]]) -> None:
    out = sys.stdout.write
    out(f"{'case':46} {'msg/s':>24} {'client µs per letter':>28}\n")
    for name, measures in rows.items():
        rates, costs = zip(*measures, strict=True)
        out(f"{name:46} {spread(rates):>24} {spread(costs):>28}\n")
    rounds, load = len(next(iter(rows.values()))), os.getloadavg()[0]
    out(f"\n{rounds} rounds; load {load:.1f} on {os.cpu_count()} cores; Python {sys.version.split()[0]}\n")


def spread(measures: tuple[float, ...]) -> str:
    return f"{statistics.median(measures):,.0f} ({min(measures):,.0f} to {max(measures):,.0f})"


@contextlib.contextmanager
def sink(*flags: str) -> Iterator[int]:
    """An smtp-sink of Postfix on a free port of loopback, with its own flags."""
    program = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        sys.exit("smtp-sink is missing: install Debian's postfix package.")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with contextlib.suppress(KeyError):
        pwd.getpwnam("postfix")
        flags = ("-u", "postfix", *flags) if os.getuid() == 0 else flags
    sink = subprocess.Popen([program, *flags, f"127.0.0.1:{port}", "512"])  # noqa: S603
    try:
        _wait_for(port)
        yield port
    finally:
        sink.terminate()
        sink.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    sys.exit("smtp-sink does not come up.")


def _issue() -> FrozenLetter:
    slots = Slots(
        to=Kind.MAILBOX, name=Kind.TEXT, leave=Kind.URL, choose=Kind.URL, token=Kind.TOKEN, themes=Kind.BLOCKS
    )
    foot = f"{slots['choose']} {slots['leave']}\n"
    return freeze(
        {
            "From": Mailbox("Strømskifte", "nyt@example.com"),
            "To": slots["to"],
            "Subject": "Nyt om nettet – tirsdag",
            "Date": MOMENT,
            "Message-ID": f"<{slots['token']}@example.com>",
            "List-Unsubscribe": f"<{slots['leave']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        text=f"Kære {slots['name']},\n{TEXT_LINE * 140}{slots['themes']}{foot}",
        html=f'<html lang="da"><p>Kære {slots["name"]},</p>{f"<p>{TEXT_LINE}</p>" * 230}{slots["themes"]}{foot}</html>',
        slots=slots,
        blocks={"wind": Block(TEXT_LINE, f"<h2>{TEXT_LINE}</h2>"), "gas": Block(TEXT_LINE, f"<h2>{TEXT_LINE}</h2>")},
        lang="da",
    )


def _values(number: int) -> dict[str, object]:
    name = NAMES[number % len(NAMES)]
    return {
        "to": Mailbox(name, f"reader{number}@example.com"),
        "name": name,
        "leave": f"https://news.example.com/mail/leave/{number:040d}",
        "choose": f"https://news.example.com/mail/choose/{number:040d}",
        "token": f"{number:040d}",
        "themes": ("wind", "gas") if number % 2 else ("gas",),
    }


def _fill(letter: FrozenLetter, count: int) -> None:
    for number in range(count):
        letter.fill(_values(number))


def _build(count: int) -> None:
    for number in range(count):
        _message(number).as_bytes()


def _masthead(letter: FrozenLetter, port: int, count: int, lines: int = 1) -> None:
    accepted: list[int] = []

    def run(first: int) -> None:
        envelopes = (
            Envelope(number, SENDER, f"reader{number}@example.com", letter.fill(_values(number)))
            for number in range(first, count, lines)
        )
        with Connection(Server("127.0.0.1", port, Tls.NONE, helo="us.example")) as line:
            accepted.append(sum(result.outcome is Outcome.ACCEPTED for result in deliver(line, envelopes)))

    threads = [threading.Thread(target=run, args=(first,)) for first in range(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if sum(accepted) != count:
        sys.exit(f"Only {sum(accepted)} of {count} letters were accepted: the figures would be wrong.")


def _smtplib(letter: FrozenLetter, port: int, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="us.example") as line:
        for number in range(count):
            line.sendmail(SENDER, [f"reader{number}@example.com"], letter.fill(_values(number)))


def _smtplib_message(port: int, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="us.example") as line:
        for number in range(count):
            line.send_message(_message(number), SENDER, [f"reader{number}@example.com"])


def _message(number: int) -> EmailMessage:
    values, message = _values(number), EmailMessage()
    message["From"], message["Subject"] = "Strømskifte <nyt@example.com>", "Nyt om nettet – tirsdag"
    message["To"] = f"reader{number}@example.com"
    message["Date"], message["Message-ID"] = MOMENT, f"<{values['token']}@example.com>"
    foot = f"{values['choose']} {values['leave']}\n"
    message.set_content(f"Kære {values['name']},\n{TEXT_LINE * 140}{foot}")
    html = f'<html lang="da"><p>Kære {values["name"]},</p>{f"<p>{TEXT_LINE}</p>" * 230}{foot}</html>'
    message.add_alternative(html, subtype="html")
    return message


def _django(port: int) -> Case:
    import django
    from django.conf import settings
    from django.core.mail import EmailMultiAlternatives, get_connection
    from django.template import Context, Engine

    if not settings.configured:
        settings.configure(USE_I18N=False, DEFAULT_CHARSET="utf-8")
        django.setup()
    foot = "{{ choose }} {{ leave }}\n"
    text = Engine().from_string(f"Kære {{{{ name }}}},\n{TEXT_LINE * 140}{foot}")
    html = Engine().from_string(
        f'<html lang="da"><p>Kære {{{{ name }}}},</p>{f"<p>{TEXT_LINE}</p>" * 230}{foot}</html>'
    )

    def send(count: int) -> None:
        backend = "django.core.mail.backends.smtp.EmailBackend"
        with get_connection(backend, host="127.0.0.1", port=port, username="", password="") as line:
            for number in range(count):
                context = Context(_values(number))
                to, from_ = [f"reader{number}@example.com"], "Strømskifte <nyt@example.com>"
                mail = EmailMultiAlternatives(
                    "Nyt om nettet – tirsdag", text.render(context), from_, to, connection=line
                )
                mail.attach_alternative(html.render(context), "text/html")
                mail.send()

    return send


def _aiosmtplib(letter: FrozenLetter, port: int, count: int, lines: int = 10) -> None:
    async def run(first: int) -> None:
        async with aiosmtplib.SMTP(
            hostname="127.0.0.1", port=port, local_hostname="us.example", start_tls=False
        ) as line:
            for number in range(first, count, lines):
                await line.sendmail(SENDER, [f"reader{number}@example.com"], letter.fill(_values(number)))

    async def all_lines() -> None:
        await asyncio.gather(*(run(first) for first in range(lines)))

    asyncio.run(all_lines())


def smtp_source(size: int, port: int, count: int) -> None:
    """Hand over letters of so many bytes with Postfix's own tool, over 20 sessions: the limit of this machine."""
    program = shutil.which("smtp-source", path=f"{os.environ['PATH']}:/usr/sbin") or "smtp-source"
    command = [program, "-s", "20", "-m", str(count), "-l", str(size), f"127.0.0.1:{port}"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603


if __name__ == "__main__":
    main()
