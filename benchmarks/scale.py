"""How cost grows with the archive: 10,000, 100,000 and 1,000,000 items, what readers, editors and machines ask.

    python benchmarks/scale.py                               # 10,000 and 100,000 on SQLite, about six minutes
    python benchmarks/scale.py --items 10000 100000 1000000  # half an hour more, and 9 GB of disk
    python benchmarks/scale.py --database postgres://user@host/name   # makes a database beside it for each size

Each size is built in a folder of its own (benchmarks/archive.py) and measured in a process of its own: every page is
asked of Django itself, with nothing printed or kept, once to warm up and then some more times. Cells are the median in
ms (least to most) and the number of questions to the database. They are processor time, so that others on the machine
disturb little: of our own process, in which SQLite works too, and of PostgreSQL's for us where it is on this machine;
else they are the clock. "Recall" takes back what one article concerns of 5,000 kept pages. "Grows" is the cost at the
largest size over the cost at the smallest.
--write draws the plot into docs/figures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
FIGURE = ROOT / "docs/figures/scale.svg"
TIMES = 11
KEPT, ALIKE = 5_000, 25  # pages kept while recalls are measured, of which so many are the same article's
HALVES = {  # what is drawn together
    "What readers ask": ("article", "front page", "list", "theme", "organisation", "search, a common word"),
    "What is filed and fetched": ("publish one", "filing", "recall", "feed", "sitemap", "today's desk"),
}


def main() -> None:
    options = _options()
    if options.measure:
        print(json.dumps(_measure(Path(options.measure), options.items[0])))
        return
    results = {n: _build_and_measure(n, options) for n in options.items}
    is_clock = options.database and not _is_here(urlsplit(options.database).hostname)
    print(_table(results, "the clock" if is_clock else "processor time"))
    if options.write:
        from drawing import lines

        FIGURE.parent.mkdir(exist_ok=True)
        series = {name: [(n, _middle(results[n][name])) for n in results] for half in HALVES.values() for name in half}
        halves = {half: {name: series[name] for name in names} for half, names in HALVES.items()}
        what = "ms" if is_clock else "ms of processor time"
        FIGURE.write_text(lines(halves, "items in the archive", what), encoding="utf-8")
        print(f"Drawn: {FIGURE.relative_to(ROOT)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--database", default="", help="a PostgreSQL database; each size gets one of its own beside it")
    parser.add_argument("--keep", type=Path, help="keep the sites (and databases), and use those that are there")
    parser.add_argument("--write", action="store_true", help="draw the plot into docs/figures")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    return parser.parse_args()


def _build_and_measure(n: int, options) -> dict:
    with (
        tempfile.TemporaryDirectory(prefix="masthead-scale-") as scratch,
        _database(options.database, n, kept=bool(options.keep)) as database,
    ):
        folder = (options.keep or Path(scratch)) / str(n)
        environment = os.environ | {
            "MASTHEAD_SITE": str(folder),
            "DJANGO_SETTINGS_MODULE": "masthead.settings",
            "MASTHEAD_DATABASE": database,
            "MASTHEAD_SECRET_KEY": "of-a-benchmark-and-nothing-else",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, __file__, "--items", str(n), "--measure", str(folder)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def _database(beside: str, n: int, kept: bool) -> Iterator[str]:
    """Make a database for one size, and give its address; it is dropped afterwards unless it is kept."""
    if not beside:
        yield ""
        return
    import psycopg

    name = f"masthead_scale_{n}"
    with psycopg.connect(beside, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(f"CREATE DATABASE {name}")
    yield urlsplit(beside)._replace(path=f"/{name}").geturl()
    if not kept:
        with psycopg.connect(beside, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name}")


# In the process that measures


def _measure(folder: Path, n: int) -> dict:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    import django

    django.setup()
    from django.conf import settings

    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if ".press." not in name]  # nothing printed
    found: dict = {"built": _build(n)}
    _let_one_process_do_all()
    pages = _pages()
    for name, address in pages.items():
        print(f"\r  {n}: {name:30}", end="", file=sys.stderr)
        found[name] = _asked(address, desk=name == "today's desk")
    found["publish one"], found["publish to searchable"] = _publish()
    found["filing"], found["recall"] = _filing(), _recall()
    found["next issue"], found["next issue of a theme"] = _next_issue(), _next_issue(of_theme=True)
    found["bytes"] = _bytes(folder)
    return found


def _build(n: int) -> float:
    from django.db import connection

    from benchmarks.archive import Archive
    from masthead.catalogue.models import Card
    from masthead.newsstand import founding, staffing
    from masthead.publication.models import Publication

    started = time.perf_counter()
    founding.prepare_database()
    if Publication.objects.exists():
        founding.take_stock()  # as the clock does when it starts
        return 0.0 if Card.objects.count() >= n else sys.exit(f"{n} items are not there: the last build broke off.")
    title = founding.found_title("Prøvetitel", language="da", country="dk")
    staffing.staff_desk()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-400000")
    Archive(title).fill(n, lambda done: print(f"\r  {done} of {n}", end="", file=sys.stderr))
    print(f"\r  {n} items in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()  # the pragmas go with it
    return time.perf_counter() - started


def _let_one_process_do_all() -> None:
    """Have PostgreSQL take no helpers to a question, whose time nobody would count."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")


def _pages() -> dict[str, str]:
    from django.urls import reverse
    from django.utils.translation import override

    from masthead.catalogue.models import Card, Organisation, Person, Theme

    with override("da"):
        middle = Card.objects.filter(kind="article", disclosure="editorial").order_by("counts_from")
        card = middle.select_related("item")[middle.count() // 2]
        words = card.standfirst.split()
        return {
            "article": f"/artikler/{card.item.slug}/",
            "front page": "/",
            "list": "/artikler/",
            "list, last page": "/artikler/?page=99999",
            "agenda": "/events/",
            "job ads": "/job/",
            "theme": Theme.objects.order_by("pk")[3].url,
            "theme, last page": f"{Theme.objects.order_by('pk')[3].url}?page=99999",
            "organisation": Organisation.objects.order_by("pk")[3].url,
            "organisations": reverse("organisations"),
            "themes": reverse("themes"),
            "person": Person.objects.order_by("pk")[3].url,
            "search, one hit": f"{reverse('search')}?q={card.title.split()[-1]}",
            "search, two words": f"{reverse('search')}?q={words[0]}+{words[1]}",
            "search, a common word": f"{reverse('search')}?q={_commonest()}",
            "feed": "/feeds/articles.rss",
            "theme feed": reverse("theme_feed", args=[Theme.objects.order_by("pk")[3].slug, "rss"]),
            "calendar": "/calendar/events.ics",
            "sitemap": "/sitemap.xml",
            "sitemap, a part": "/sitemap-1.xml",
            "sitemap, places": "/sitemap-places.xml",
            "news sitemap": "/sitemap-news.xml",
            "today's desk": "/desk/",
        }


def _commonest() -> str:
    from collections import Counter

    from masthead.catalogue.models import Card

    words = Counter(word for text in Card.objects.values_list("text", flat=True)[:500] for word in text.split())
    return words.most_common(1)[0][0]


def _asked(address: str, desk: bool = False) -> dict:
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost", REMOTE_ADDR="127.0.0.1")
    if desk:
        client.force_login(get_user_model().objects.get(username="editor"), "django.contrib.auth.backends.ModelBackend")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    if answer.status_code != 200:
        sys.exit(f"{address} answers {answer.status_code}: there is nothing to measure.")
    took: list[float] = []
    while len(took) < TIMES and sum(took) < 10_000:
        took.append(_milliseconds(lambda: client.get(address)))
    return {"ms": took, "queries": len(queries)}


def _publish() -> tuple[dict, dict]:
    """Publish as the desk does; the first figure is the editor's wait, the second with the search index's."""
    from django.db import transaction
    from modelsearch import index

    from masthead.articles.models import Article
    from masthead.newsstand.founding import list_page
    from masthead.publication.models import Publication

    parent = list_page(Publication.objects.get(), "articles")
    alone, whole = [], []
    for n in range(TIMES):
        if sum(whole) > 15_000:
            break
        item = Article(title=f"Ny {n}", slug=f"ny-{time.time_ns()}", body=[("paragraph", "<p>Nyt.</p>")], live=False)
        parent.add_child(instance=item)
        revision = item.save_revision()
        alone.append(_milliseconds(lambda revision=revision: _quietly(revision.publish)))
        item.refresh_from_db()
        with transaction.atomic():
            more = _milliseconds(
                lambda item=item: [index.insert_or_update_object(it) for it in (item.specific, item.card)]
            )
        whole.append(alone[-1] + more)
    return {"ms": alone, "queries": 0}, {"ms": whole, "queries": 0}


def _filing() -> dict:
    """File one article again and again under another headline: the card, its places, the record and the recall."""
    from django.db import transaction

    from masthead.catalogue import filing

    item = _some_articles(1)[0].item.specific
    took = []
    for n in range(TIMES):
        item.title = f"En anden overskrift {n}"
        with transaction.atomic():
            took.append(_milliseconds(lambda: filing.file(item)))
    return {"ms": took, "queries": 0}


def _recall() -> dict:
    """Take back, of 5,000 kept pages, what the filing of one article concerns; and keep them again."""
    from django.test import Client

    from masthead.catalogue.shelving import names_of
    from masthead.press.ingredients import noting
    from masthead.press.pages import Page
    from masthead.press.store import Store

    client, now = Client(SERVER_NAME="localhost", REMOTE_ADDR="127.0.0.1"), time.time()
    kept: dict[str, Page] = {}
    cards = _some_articles(KEPT // ALIKE)
    head = [("Content-Type", "text/html; charset=utf-8")]
    for card in cards:
        with noting() as ingredients:
            body = client.get(card.url).content
        for n in range(ALIKE):
            path = f"{card.url}{n}/"
            page = Page("localhost", path, "", head, dict(ingredients.names), now, now + 86_400, media=head[0][1])
            page.put_body(body, ("identity",))
            page.plain = page.is_plain()
            kept[page.key] = page
    with tempfile.TemporaryDirectory(prefix="masthead-scale-") as folder:
        store, took, missing = Store(Path(folder), "benchmark"), [], list(kept)
        for card in cards[:TIMES]:
            for key in missing:
                store.keep(kept[key], store.board.position(), now)
            names = names_of(card)
            begun = _now()
            missing = store.recall(names)
            took.append((_now() - begun) * 1e3)
    return {"ms": took, "queries": 0, "pages": len(missing)}


def _next_issue(of_theme: bool = False) -> dict:
    """Look for what was published in the last week, as a newsletter's next issue does."""
    from django.utils import timezone

    from masthead.catalogue import shelves
    from masthead.catalogue.models import Theme
    from masthead.publication.models import Publication

    title, theme = Publication.objects.get(), Theme.objects.order_by("pk")[3] if of_theme else None
    week_ago = timezone.now() - timedelta(days=7)
    took = [_milliseconds(lambda: shelves.since(title, week_ago, theme).take(12)) for _n in range(TIMES + 1)]
    return {"ms": took[1:], "queries": 0}


def _bytes(folder: Path) -> int:
    from django.db import connection

    if connection.vendor == "sqlite":
        return sum(file.stat().st_size for file in (folder / "data").glob("masthead.sqlite3*"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return cursor.fetchone()[0]


def _some_articles(n: int) -> list:
    from masthead.catalogue.models import Card

    cards = Card.objects.filter(kind="article", disclosure="editorial", item__slug__startswith="nummer-")
    return list(cards.select_related("item", "publication__site__root_page").order_by("-counts_from")[:n])


def _quietly(publish) -> None:
    """Publish without what a task does later: the search index is timed by itself."""
    from modelsearch import signal_handlers

    kept, signal_handlers.post_save_signal_handler = signal_handlers.post_save_signal_handler, lambda *_a, **_k: None
    try:
        publish()
    finally:
        signal_handlers.post_save_signal_handler = kept


def _milliseconds(do) -> float:
    begun = _now()
    do()
    return (_now() - begun) * 1e3


def _now() -> float:
    """Seconds of processor time, those of the database's process included; of the clock where that is elsewhere."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return time.process_time()
    if not _is_here(connection.settings_dict["HOST"]):
        return time.perf_counter()
    clock = (~connection.connection.info.backend_pid << 3) | 2  # Linux' clock of another process' work
    return time.process_time() + time.clock_gettime(clock)


def _is_here(host: str | None) -> bool:
    return host in (None, "", "localhost", "127.0.0.1")


# The table


def _middle(cell: dict) -> float:
    return statistics.median(cell["ms"])


def _table(results: dict[int, dict], measured: str) -> str:
    sizes = list(results)
    head = "".join(f"{f'{n:,} items':>28}" for n in sizes)
    out = [f"{f'ms of {measured}':24}{head}{'grows':>8}"]
    for name in results[sizes[0]]:
        if isinstance(results[sizes[0]][name], dict):
            cells = [results[n][name] for n in sizes]
            said = "".join(f"{_cell(cell):>28}" for cell in cells)
            out.append(f"{name:24}{said}{_middle(cells[-1]) / _middle(cells[0]):>7.1f}x")
    built = "".join(f"{f'''{results[n]['built']:.0f} s, {results[n]['bytes'] / 1e6:,.0f} MB''':>28}" for n in sizes)
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}"
    pages = ", ".join(f"{results[n]['recall']['pages']:,}" for n in sizes)
    return "\n".join(
        [*out, f"{'built':24}{built}", "", f"One article took back {pages} of {KEPT:,} kept pages; {load}"]
    )


def _cell(cell: dict) -> str:
    questions = f", {cell['queries']} q" if cell["queries"] else ""
    return f"{_middle(cell):,.1f} ({min(cell['ms']):,.1f}–{max(cell['ms']):,.1f}){questions}"


if __name__ == "__main__":
    main()
