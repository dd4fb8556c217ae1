"""Founding: an empty database becomes a house, and a house gets a title with its front page, lists and legal pages."""

import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext, override
from wagtail.models import Page, Site

from masthead.newsstand.models import FrontPage, Holds, ListPage
from masthead.publication.addresses import slug_of
from masthead.publication.models import LegalPage, Publication

EMPTY = Path(__file__).with_name("empty.sqlite3.gz")
SLUGS = {
    "da": {
        Holds.ARTICLES: ("Artikler", "artikler"),
        Holds.PARTNER: ("Annoncer fra partnere", "annonce"),
        Holds.EVENTS: ("Events", "events"),
        Holds.JOBS: ("Job", "job"),
        Holds.HOUSE: ("Fra os selv", "fra-os"),
    },
    "en": {
        Holds.ARTICLES: ("Articles", "articles"),
        Holds.PARTNER: ("Advertisements by partners", "advertisement"),
        Holds.EVENTS: ("Events", "events"),
        Holds.JOBS: ("Jobs", "jobs"),
        Holds.HOUSE: ("From ourselves", "from-us"),
    },
}


def prepare_database(say: Callable[[str], None] = lambda line: None) -> None:
    """Bring the database up to date: from the shipped empty one where it is a new SQLite file, then by migrations.

    The shipped one is what the migrations make; it saves the many seconds they take.
    """
    if connection.vendor == "sqlite" and _is_new():
        say("Making the database")
        _unpack(Path(settings.DATABASES["default"]["NAME"]))
    if waiting := migrations_waiting():
        say(f"Bringing the database up to date ({waiting} steps)")
        call_command("migrate", verbosity=0, interactive=False)
        take_stock()


def take_stock() -> None:
    """Let SQLite take samples of its tables, by which it chooses indexes; PostgreSQL does so by itself.

    Without them it guesses: a list of the archive was seen to take twenty times as long, and beside a million items an
    article five seconds, because an index that had just come was taken for the best.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")
            cursor.execute("ANALYZE")


def migrations_waiting() -> int:
    """Return how many migrations on the disk the database has not seen, without loading a single one."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    folders = [(config.label, Path(config.path) / "migrations") for config in apps.get_app_configs()]
    on_disk = {(label, file.stem) for label, folder in folders for file in folder.glob("[0-9]*.py")}
    return len(on_disk - applied)


def write_empty(path: Path = EMPTY) -> None:
    """Write the present, migrated and otherwise empty SQLite database for shipping."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        path.write_bytes(gzip.compress(copy.read_bytes(), mtime=0))


def found_title(
    name: str, *, language: str = "en", country: str = "en", hostname: str = "localhost", **more
) -> Publication:
    """Make a title: its front page, a list a kind, its legal pages and its site. `more` are fields of Publication.

    The first title of a house answers every host name that no other has, and replaces Wagtail's welcome page.
    """
    port = more.pop("port", 80)
    with transaction.atomic(), override(language):
        Page.objects.filter(depth=2, sites_rooted_here__isnull=False, content_type__app_label="wagtailcore").delete()
        root = Page.objects.get(depth=1)
        front = root.add_child(instance=FrontPage(title=name, slug=f"title-{hostname.replace('.', '-')}-{port}"))
        for holds, (title, slug) in SLUGS[language].items():
            shown = holds in (Holds.EVENTS, Holds.JOBS)
            front.add_child(instance=ListPage(title=title, slug=slug, holds=holds, show_in_menus=shown))
        first = not Site.objects.filter(is_default_site=True).exists()
        site = Site.objects.create(hostname=hostname, port=port, root_page=front, site_name=name, is_default_site=first)
        title = Publication.objects.create(site=site, name=name, language=language, country=country, **more)
        front.add_child(instance=LegalPage(title=gettext("Imprint"), body="", imprint=True))
    return title


def list_page(title: Publication, holds: str) -> ListPage:
    """Return the list page of a title that holds this kind."""
    return ListPage.objects.child_of(title.site.root_page).get(holds=holds)


def add_item(title: Publication, holds: str, item: Page, slug: str = "") -> Page:
    """Put an item into its list at the first free address made from `slug`, or from its headline, and return it."""
    parent = list_page(title, holds)
    base = slug or slug_of(item.title) or "item"
    taken = set(Page.objects.child_of(parent).filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{n}" for n in range(2, len(taken) + 3))
    item.slug = next(name for name in (base, *numbered) if name not in taken)
    return parent.add_child(instance=item)


def _is_new() -> bool:
    return not connection.introspection.table_names()


def _unpack(path: Path) -> None:
    connection.close()
    path.parent.mkdir(parents=True, exist_ok=True)
    unpacked = path.with_suffix(".new")
    unpacked.write_bytes(gzip.decompress(EMPTY.read_bytes()))
    unpacked.replace(path)
