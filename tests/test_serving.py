"""`masthead serve` for real: it answers, publishes by the clock, bears many at once on SQLite, stops, keeps it all."""

import re
import subprocess
import sys
import threading
import time

import pytest

from tests.site_of_its_own import Browser, Site, environment, form_in, free_port, masthead

pytestmark = pytest.mark.process

NEW_ARTICLE = "/desk/pages/add/articles/article/{}/"
KILLED_AFTER = 10  # seconds from being told to stop to being killed
EMPTY_BLOCKS = {"body-count": "0", "corrections-count": "0"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site") / "avis")
    site.start("--processes", "2")
    yield site
    if site.process.poll() is None:
        site.stop()


@pytest.fixture(scope="module")
def articles(site) -> int:
    """The key of the list of articles."""
    with site.database() as database:
        return database.execute("SELECT id FROM wagtailcore_page WHERE slug = 'artikler'").fetchone()[0]


def editor(site) -> Browser:
    browser = Browser(site)
    browser.log_in("editor", site.password)
    return browser


def form_of(browser: Browser, articles: int) -> dict[str, str]:
    status, page = browser.get(NEW_ARTICLE.format(articles))
    assert status == 200
    return form_in(page) | EMPTY_BLOCKS


def publish(browser: Browser, articles: int, form: dict, headline: str, **more) -> tuple[int, str]:
    slug = re.sub(r"\W+", "-", headline.lower())
    fields = form | {"title": headline, "slug": slug, "action-publish": "action-publish"} | more
    return browser.post(NEW_ARTICLE.format(articles), fields)


def test_a_new_site_answers_readers_and_editors(site):
    reader = Browser(site)
    assert reader.get("/")[0] == 200
    assert "Prøvetitel" in reader.get("/")[1]
    assert reader.get("/feeds/articles.rss")[0] == 200
    assert reader.get("/findes-ikke/")[0] == 404
    assert "id_password" in reader.get("/desk/")[1]


def test_a_port_that_is_taken_is_said_in_one_sentence(site):
    refused = masthead("serve", "--site", site.folder, "--port", site.port)
    assert refused.returncode == 1
    assert f"127.0.0.1:{site.port}" in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_the_clock_publishes_what_is_due(site, articles):
    browser = editor(site)
    tomorrow = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + 86_400))
    status, _page = publish(browser, articles, form_of(browser, articles), "Holdes til i morgen", go_live_at=tomorrow)
    assert status == 200
    assert Browser(site).get("/artikler/holdes-til-i-morgen/")[0] == 404
    _wind_on(site, "holdes-til-i-morgen")
    for _n in range(150):
        if Browser(site).get("/artikler/holdes-til-i-morgen/")[0] == 200:
            return
        time.sleep(0.2)
    raise AssertionError(f"The clock did not publish it:\n{site.log()[-2000:]}")


def _wind_on(site, slug: str) -> None:
    """Bring the moment of a scheduled article from tomorrow to two seconds from now, as if a day had gone by."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 2))
    with site.database() as database:
        key = database.execute("SELECT id FROM wagtailcore_page WHERE slug = ?", [slug]).fetchone()[0]
        database.execute("UPDATE wagtailcore_page SET go_live_at = ? WHERE id = ?", [moment, key])
        changed = database.execute(
            "UPDATE wagtailcore_revision SET approved_go_live_at = ?1, content = json_set(content, '$.go_live_at', ?2)"
            " WHERE object_id = ?3 AND approved_go_live_at IS NOT NULL",
            [moment, moment.replace(" ", "T") + "Z", str(key)],
        )
    assert changed.rowcount == 1


def test_publishers_and_readers_at_once_get_no_error(site, articles):
    """Measured on Wagtail as it comes: HTTP 500, “database is locked”. Here a writer waits for its turn."""
    desks = [editor(site) for _n in range(4)]
    forms = [form_of(browser, articles) for browser in desks]
    until = time.monotonic() + 5
    published, wrong, read = [], [], []

    def write(n: int):
        browser, form, mine = desks[n], forms[n], 0
        while time.monotonic() < until or mine < 2:
            mine += 1
            headline = f"Skrevet af {n} nummer {mine}"
            status, page = publish(browser, articles, form, headline)
            is_listed = "error-message" not in page and status == 200
            (published if is_listed else wrong).append((status, headline))

    def look():
        browser = Browser(site)
        while time.monotonic() < until:
            for path in ("/", "/artikler/", "/feeds/articles.rss"):
                status, _page = browser.get(path)
                (read if status == 200 else wrong).append((status, path))

    threads = [threading.Thread(target=write, args=[n]) for n in range(4)]
    threads += [threading.Thread(target=look) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert len(published) >= 8
    assert len(read) >= 8
    assert "database is locked" not in site.log()
    assert "Traceback" not in site.log()
    with site.database() as database:
        kept = database.execute("SELECT count(*) FROM catalogue_card WHERE title LIKE 'Skrevet af %'").fetchone()[0]
    assert kept == len(published), "something published has no card, or the other way round"


LOADED = """
import gc
from masthead import cli_serving
cli_serving.load()
from django.db import connection
from django.template import engines
assert connection.connection is None, "two processes would use one connection"
assert gc.get_freeze_count() > 100_000, gc.get_freeze_count()
assert any("front_page.html" in str(key) for key in engines["django"].engine.template_loaders[0].get_template_cache)
clock = cli_serving.start_clock()
clock.terminate()
clock.join(20)
"""


def test_what_is_loaded_before_clock_and_web_processes_begin_is_there_for_all_and_no_connection_is(site):
    """So it is at the demo's second start too: the site stands, and nothing has needed Django before."""
    settings = environment(MASTHEAD_SITE=str(site.folder), DJANGO_SETTINGS_MODULE="masthead.settings")
    made = subprocess.run([sys.executable, "-c", LOADED], env=settings, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr


def test_told_to_stop_while_its_web_processes_are_still_loading_it_stops_with_all_of_them(site):
    """They had inherited how their parent stops, and overheard it: with nothing else to end them, for ever."""
    words = [sys.executable, "-m", "masthead.cli", "serve", "--port", str(free_port()), "--processes", "2"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(words, cwd=site.folder, env=environment(), **pipes) as serving:
        said, told_at = "", 0.0
        for line in serving.stdout:
            said += line
            if "Spawning worker-2" in line:
                serving.terminate()
                told_at = time.monotonic()
        took = time.monotonic() - told_at
    assert serving.returncode == 0
    assert "Shutting down" in said and "Started worker" not in said, said
    # Not that nothing was said of killing: Granian looks whether a process is there a millisecond after it has ended,
    # and on a busy machine takes one that another thread is just collecting for one that refused (2 stops of 100).
    assert took < KILLED_AFTER - 1, said


STOPPED_EARLY = """
import os, signal
from masthead import cli_serving
start, clocks = cli_serving.start_clock, []
def start_and_be_told():
    clocks.append(start())
    os.kill(os.getpid(), signal.SIGTERM)
    return clocks[0]
cli_serving.start_clock = start_and_be_told
cli_serving.serve("127.0.0.1", int(os.environ["PORT"]), 2, clock=True)
print("the clock lives:", clocks[0].is_alive())
"""


def test_told_to_stop_between_the_clocks_start_and_the_first_web_process_it_leaves_no_clock_behind(site):
    settings = environment(
        MASTHEAD_SITE=str(site.folder), DJANGO_SETTINGS_MODULE="masthead.settings", PORT=str(free_port())
    )
    told = subprocess.run(
        [sys.executable, "-c", STOPPED_EARLY], env=settings, capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[-1] == "the clock lives: False"


def test_when_its_first_process_is_killed_the_others_end_and_it_can_be_started_again(site):
    assert site.kill() == []
    site.start("--processes", "2")
    assert Browser(site).get("/")[0] == 200


def test_it_stops_with_all_its_processes_and_a_second_start_keeps_everything(site):
    if site.process.poll() is not None:
        pytest.fail("The site is not running.")
    assert site.stop() == []
    site.start()
    assert Browser(site).get("/")[0] == 200
    with site.database() as database:
        assert database.execute("SELECT count(*) FROM publication_publication").fetchone()[0] == 1
    editor(site)
    assert site.stop() == []
