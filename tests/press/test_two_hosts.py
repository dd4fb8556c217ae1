"""Two hosts that share one PostgreSQL: each with a store of its own, and a line that may be cut."""

import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from tests import postgres
from tests.press.hosts import Desk, Line, get, until
from tests.site_of_its_own import Site, environment

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.process,
    pytest.mark.skipif(postgres.programs() is None, reason=postgres.HOW_TO_GET_IT),
]
FOUND = """
import django
django.setup()
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
settings.MIGRATION_MODULES = {config.label: None for config in apps.get_app_configs()}
call_command("migrate", run_syncdb=True, verbosity=0)
settings.MIGRATION_MODULES = {}
call_command("migrate", fake=True, verbosity=0)
from wagtail.models import Collection, Locale, Page
from masthead.newsstand import founding
Locale.objects.create(language_code="en")
Page.add_root(title="Root", slug="root", content_type=ContentType.objects.get_for_model(Page))
Collection.add_root(name="Root")
founding.found_title("Prøvetitel", language="da", country="dk")
"""
PAGES = ["/", "/artikler/", "/feeds/articles.rss", "/feeds/articles.json"]


class Host(Site):
    """A host as `masthead serve` makes it from a folder with its options; the database is elsewhere."""

    def __init__(self, folder, database: str):
        from tests.site_of_its_own import free_port

        self.folder, self.port, self.process = folder, free_port(), None
        (folder / "data").mkdir(parents=True)
        words = [
            f'database = "{database}"',
            'secret_key = "the-same-on-both-hosts-and-long-enough-for-django-0123456789"',
        ]
        (folder / "masthead.toml").write_text("\n".join(words) + "\n")


@pytest.fixture(scope="module")
def database():
    with postgres.throw_away_server() as address:
        yield address


@pytest.fixture(scope="module")
def line(database):
    return Line(urlsplit(database).port)


@pytest.fixture(scope="module")
def hosts(tmp_path_factory, database, line):
    near = Host(tmp_path_factory.mktemp("near") / "avis", database)
    far = Host(tmp_path_factory.mktemp("far") / "avis", database.replace(str(urlsplit(database).port), str(line.port)))
    _found(near)
    near.start("--processes", "2", "--no-clock")
    far.start("--no-clock")
    yield near, far
    for host in (near, far):
        if host.process.poll() is None:
            host.stop()


def _found(host) -> None:
    """Make the database and a title in it, as `masthead new` does but for the minute the migrations take."""
    command = [sys.executable, "-c", FOUND]
    settings = environment(MASTHEAD_SITE=str(host.folder), DJANGO_SETTINGS_MODULE="masthead.settings")
    subprocess.run(command, env=settings, check=True, timeout=300)


@pytest.fixture
def desk(hosts):
    desk = Desk(hosts[0].folder)
    yield desk
    desk.close()


def shows(host, words: str) -> bool:
    return all(words in get(host.base, path)[2] for path in PAGES)


def shows_nowhere(host, words: str) -> bool:
    return not any(words in get(host.base, path)[2] for path in PAGES)


def warm(*hosts) -> None:
    for host in hosts:
        for path in PAGES * 2:
            assert get(host.base, path)[0] == 200
        assert any(host.folder.glob("data/printed/now/*/index.html"))


def test_what_one_host_publishes_the_other_shows(hosts, desk):
    near, far = hosts
    warm(near, far)
    assert desk.do("publish('Fra den ene vært')")
    assert shows(near, "Fra den ene vært")
    assert until(lambda: shows(far, "Fra den ene vært"))
    assert desk.do("unpublish('Fra den ene vært')")
    assert shows_nowhere(near, "Fra den ene vært")
    assert until(lambda: shows_nowhere(far, "Fra den ene vært"))


def test_a_transaction_that_began_earlier_and_ends_later_is_not_overlooked(hosts, desk):
    """Its recall has a lower number than one that was seen already: numbers are given before the commit."""
    near, far = hosts
    slow = Desk(near.folder)
    try:
        warm(near, far)
        assert slow.do("held = transaction.atomic(); held.__enter__(); title.tagline = 'Langsomt'; title.save()")
        assert desk.do("from masthead.catalogue.models import Organisation; Organisation.objects.create(name='Hurtig')")
        assert until(lambda: _newest_seen(far) == _newest_seen(near) != "")
        warm(near, far)
        assert slow.do("held.__exit__(None, None, None)")
        assert shows_front(near, "Langsomt")
        assert until(lambda: shows_front(far, "Langsomt"))
    finally:
        slow.close()


def shows_front(host, words: str) -> bool:
    return words in get(host.base, "/")[2]


def test_a_host_that_was_cut_off_shows_nothing_stale_once_it_is_back(hosts, desk, line):
    near, far = hosts
    warm(near, far)
    line.cut()
    assert desk.do("publish('Mens linjen var skåret')")
    assert shows(near, "Mens linjen var skåret")
    line.mend()
    assert until(lambda: shows(far, "Mens linjen var skåret"))
    assert not any("Mens linjen var skåret" not in get(far.base, path)[2] for path in PAGES * 3)


def test_a_host_that_was_down_shows_nothing_stale_from_its_first_answer_on(hosts, desk):
    near, far = hosts
    warm(near, far)
    assert far.stop() == []
    assert desk.do("publish('Mens den var slukket')")
    far.start("--no-clock")
    assert shows(far, "Mens den var slukket")


def _newest_seen(host) -> str:
    import sqlite3

    index = sqlite3.connect(f"file:{host.folder}/data/printed/index?mode=ro", uri=True, timeout=5)
    try:
        row = index.execute("SELECT value FROM said WHERE name = 'newest'").fetchone()
    finally:
        index.close()
    return row[0] if row else ""
