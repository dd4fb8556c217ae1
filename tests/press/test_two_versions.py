"""An upgrade without a pause: two versions of the code on one folder and database, and nginx handed to the new one.

The steps are those of docs/deploy.md, "Upgrading without a pause". The new version is a copy of ours with another
number, another template and a migration that adds a column. The story is told on SQLite and again on PostgreSQL, with a
server of its own.
"""

import re
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from tests import postgres
from tests.press.hosts import Desk, Nginx, get, needs_nginx, until
from tests.press.test_two_hosts import Host, _found
from tests.site_of_its_own import ROOT, Site, environment, free_port

pytestmark = [pytest.mark.process, needs_nginx]
MARK = '<meta name="generator" content="Masthead 0.2.0">'
COLUMN = "    mood = models.CharField(max_length=20, null=True)\n"
MIGRATION = """
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("publication", "{}")]
    operations = [migrations.AddField("publication", "mood", models.CharField(max_length=20, null=True))]
"""
PAGES = ["/", "/artikler/"]
FEEDS = ["/feeds/articles.rss", "/feeds/articles.json"]


class Version(Site):
    """The site as another version of the code serves it, on a port of its own."""

    def __init__(self, folder, code):
        self.folder, self.code, self.port, self.process = folder, code, free_port(), None

    def nginx_configuration(self, port: int) -> str:
        settings = environment(PYTHONPATH=str(self.code), MASTHEAD_PORT=str(self.port))
        command = [sys.executable, "-m", "masthead.cli", "press", "nginx", "--listen", f"127.0.0.1:{port}"]
        made = subprocess.run(command, cwd=self.folder, env=settings, capture_output=True, text=True, timeout=120)
        assert made.returncode == 0, made.stderr
        return made.stdout

    def desk(self) -> Desk:
        return Desk(self.folder, PYTHONPATH=str(self.code))

    def end(self) -> None:
        if self.process and self.process.poll() is None:
            assert self.stop() == []


class Reader(threading.Thread):
    """Asks for pages one after the other, each over a new connection, and notes every answer."""

    def __init__(self, base: str, paths: list[str]):
        super().__init__(daemon=True)
        self.base, self.paths, self.answers, self._left = base, paths, [], threading.Event()
        self.start()

    def run(self):
        while not self._left.wait(0.1):
            for path in self.paths:
                try:
                    status, _headers, page = get(self.base, path)
                except OSError as error:
                    status, page = 0, str(error)
                self.answers.append((status, path, MARK in page))

    def leave(self) -> list[tuple[int, str, bool]]:
        self._left.set()
        self.join(60)
        return self.answers


@contextmanager
def on_sqlite(folder):
    yield Site(folder).folder


@contextmanager
def on_postgresql(folder):
    with postgres.throw_away_server() as address:
        host = Host(folder, address)
        _found(host)
        yield host.folder


without_postgres = pytest.mark.skipif(postgres.programs() is None, reason=postgres.HOW_TO_GET_IT)
DATABASES = [on_sqlite, pytest.param(on_postgresql, marks=[pytest.mark.postgres, without_postgres])]


@pytest.fixture(scope="module", params=DATABASES)
def old(request, tmp_path_factory):
    with request.param(tmp_path_factory.mktemp("upgrade") / "avis") as folder:
        old = Version(folder, ROOT)
        old.start("--processes", "2")
        yield old
        old.end()


@pytest.fixture(scope="module")
def nginx(old, tmp_path_factory):
    port = free_port()
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), old.nginx_configuration(port), port)
    yield nginx
    nginx.stop()


@pytest.fixture(scope="module")
def new(old, tmp_path_factory):
    """The new version, not yet started."""
    code = tmp_path_factory.mktemp("new")
    shutil.copytree(ROOT / "masthead", code / "masthead", ignore=shutil.ignore_patterns("__pycache__"))
    change(code / "masthead/__init__.py", r'"0\.1\.0"', '"0.2.0"')
    change(code / "masthead/publication/templates/publication/base.html", "<meta charset", f"{MARK}<meta charset")
    change(code / "masthead/publication/models.py", r"(class Publication\(.*\n(?:    \"\"\".*\n\n?)?)", rf"\1{COLUMN}")
    folder = code / "masthead/publication/migrations"
    newest = max(folder.glob("0*.py")).stem
    (folder / "0999_mood.py").write_text(MIGRATION.format(newest))
    new = Version(old.folder, code)
    yield new
    new.end()


def change(file, pattern: str, by: str) -> None:
    text, times = re.subn(pattern, by, file.read_text(), count=1)
    assert times == 1, file
    file.write_text(text)


def printed_for_nginx(site: Site) -> str:
    """Return the front page nginx would send from the disk."""
    return "".join(page.read_text() for page in site.folder.glob("data/printed/now/*/index.html"))


def editions_kept(site: Site) -> set[str]:
    return {edition.name for name in ("pages", "sheets") for edition in site.folder.glob(f"data/printed/{name}/*")}


def publish_and_unpublish(desk: Desk, headline: str, slug: str, bases: list[str]) -> None:
    """Change something in one version; when it is done no answer of either is a stale one."""
    assert desk.do(f"publish('{headline}')")
    for base in bases:
        assert [path for path in PAGES + FEEDS if headline not in get(base, path)[2]] == []
        assert get(base, f"/artikler/{slug}/")[0] == 200
    assert desk.do(f"unpublish('{headline}')")
    for base in bases:
        assert [path for path in PAGES + FEEDS if headline in get(base, path)[2]] == []
        assert get(base, f"/artikler/{slug}/")[0] == 404


def hand_over(nginx: Nginx, old: Version, new: Version, is_new) -> None:
    """Let nginx ask the new version, and stop the old one; no reader may notice anything but the new pages."""
    reader = Reader(nginx.base, PAGES + FEEDS)
    nginx.reload(new.nginx_configuration(nginx.port))
    assert old.stop() == []
    assert until(lambda: is_new(printed_for_nginx(new)))
    assert until(lambda: len(editions_kept(new)) == 1)
    desk = new.desk()
    publish_and_unpublish(desk, f"Efter {new.port}", f"efter-{new.port}", [nginx.base, new.base])
    desk.close()
    answers = reader.leave()
    assert {status for status, _path, _marked in answers} == {200}
    assert is_new(get(nginx.base, "/")[2])


def test_side_by_side_each_answers_with_its_own_template_and_neither_sends_what_the_other_has_recalled(old, new):
    readers = [Reader(old.base, PAGES + FEEDS)]
    new.start()
    readers.append(Reader(new.base, PAGES + FEEDS))
    desks = [old.desk(), new.desk()]
    assert desks[0].do("assert not hasattr(title, 'mood')") and desks[1].do("assert title.mood is None")
    for n in range(4):
        publish_and_unpublish(desks[n % 2], f"Fra begge {n}", f"fra-begge-{n}", [old.base, new.base])
    assert desks[0].do("title.tagline = 'Af den gamle'; title.save()")
    assert all("Af den gamle" in get(version.base, "/")[2] for version in (old, new))
    assert until(lambda: len(editions_kept(new)) == 2)
    assert MARK not in printed_for_nginx(old) != ""
    for desk in desks:
        desk.close()
    for reader, marked in zip(readers, (False, True), strict=True):
        answers = reader.leave()
        assert len(answers) > 20
        assert {status for status, _path, _marked in answers} == {200}
        assert {is_marked for _status, path, is_marked in answers if path in PAGES} == {marked}


def test_nginx_is_handed_to_the_new_version_and_the_old_one_ends_without_a_request_that_fails(nginx, old, new):
    hand_over(nginx, old, new, lambda page: MARK in page)


def test_going_back_is_the_same_the_other_way_round(nginx, old, new):
    old.start("--processes", "2")
    hand_over(nginx, new, old, lambda page: page and MARK not in page)
    assert "Traceback" not in old.log() and "database is locked" not in old.log()
