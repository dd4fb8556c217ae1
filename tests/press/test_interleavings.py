"""Printing, recalling and sending run beside each other in many processes; whatever the order, nothing stale is kept.

What can happen at each point where another process may come between is made to happen there.
"""

import os
import shutil
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import connection

from masthead.press.ingredients import EVERYTHING, note, noting
from masthead.press.models import Recall
from masthead.press.pages import Page
from masthead.press.store import Broken, Store
from masthead.press.watching import Watch, forget_old
from tests import newsroom

pytestmark = pytest.mark.django_db
FRONT, FEED = "/", "/feeds/articles.rss"
FOR_EVER = 4e9


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "printed", "first")


def page(path="/", made_of=(), query="", until=FOR_EVER, body=b"<p>" + b"words " * 100) -> Page:
    made = Page("example.org", path, query, [], dict.fromkeys([*made_of, EVERYTHING]), 0.0, until, media="text/html")
    made.put_body(body)
    return made


def is_kept(store, path="/", query="") -> bool:
    return store.load("example.org", path, query, "identity") is not None


# Two who ask for the same page


def test_who_waits_for_a_page_goes_on_when_its_printing_ended_and_nothing_was_kept(shop, monkeypatch):
    """A page that can't be kept, such as "not found", is asked for twice at once: nobody waits the full time."""
    shop.print(FRONT)
    waited = []
    with ExitStack() as another:
        assert another.enter_context(shop.store.turn("localhost/artikler/findes-ikke/?")).is_ours

        def sleep(_seconds):
            waited.append(1)
            if len(waited) == 2:
                another.close()

        monkeypatch.setattr("masthead.press.serving.time.sleep", sleep)
        assert shop.ask("/artikler/findes-ikke/").status == 404
    assert len(waited) == 2


def test_a_page_much_asked_for_is_printed_again_as_soon_as_it_is_recalled_and_by_one_process_alone(shop, title):
    piece, beside = newsroom.article(title, "Før"), shop.another_process()
    for press in (shop.press, beside) * 4:
        shop.ask(FRONT, press)
    with shop.committing():
        piece.title = "Efter"
        piece.save()
    for press in (shop.press, beside):
        shop.ask("/findes-ikke/", press)  # whatever is asked, what was recalled is taken in first
    woken = shop.woken
    assert (shop.press.print_again(), beside.print_again()) == (1, 0)
    assert shop.woken == woken + 1
    for press in (shop.press, beside):
        answer = shop.ask(FRONT, press)
        assert "Efter" in answer.text and not answer.woke_django


def test_who_waits_for_a_page_is_sent_the_one_that_was_kept(shop, title, monkeypatch):
    shop.print(FRONT)
    another, newly = shop.another_process(), newsroom.article(title, "Nyt")
    address = newly.get_url()
    with ExitStack() as other_turn:
        other_turn.enter_context(shop.store.turn(f"localhost{address}?"))

        def sleep(_seconds):
            other_turn.close()
            assert shop.ask(address, another).woke_django

        monkeypatch.setattr("masthead.press.serving.time.sleep", sleep)
        before = shop.woken
        assert shop.ask(address).status == 200
        assert shop.woken == before + 1, "the other one printed, and it alone"


# Printing beside recalling


def test_a_recall_posted_while_a_page_is_rendered_keeps_it_out(store):
    begun = store.board.position()
    store.recall({"card:1": None})
    assert not store.keep(page(made_of=["card:1"]), begun, 0)
    assert store.keep(page("/b/", made_of=["card:2"]), begun, 0)


def test_a_recall_posted_just_before_rendering_began_does_not_keep_it_out(store):
    store.recall({"card:1": None})
    assert store.keep(page(made_of=["card:1"]), store.board.position(), 0)


def test_a_recall_after_keeping_finds_the_page(store):
    store.keep(page(made_of=["card:1"]), store.board.position(), 0)
    assert store.recall({"card:1": None}) == ["example.org/"]
    assert not is_kept(store)


def test_a_page_is_recalled_only_down_to_the_place_it_shows(store):
    made = page(made_of=["a"])
    made.made_of["list"] = 10.0
    store.keep(made, store.board.position(), 0)
    assert store.recall({"list": 10.5}) == []
    assert store.recall({"list": 10.0}) == ["example.org/"]


def test_a_board_begun_anew_while_a_page_is_rendered_keeps_it_out(store):
    begun = store.board.position()
    store.board.path.unlink()
    assert not store.keep(page(made_of=["card:1"]), begun, 0)


def test_a_line_that_was_not_finished_recalls_everything(store):
    begun = store.board.position()
    with open(store.board.path, "ab") as board:
        board.write(b'{"card:9": nu')
    assert not store.keep(page(made_of=["card:1"]), begun, 0)


def test_the_board_does_not_grow_without_end(store, monkeypatch):
    monkeypatch.setattr("masthead.press.board.LONGEST", 2000)
    for n in range(300):
        store.recall({f"card:{n}": None})
    assert store.board.position().size < 4000


def test_no_page_is_kept_between_the_deleting_and_the_posting_of_a_recall(store, monkeypatch):
    """Else one rendered before the change would be kept after its recall looked for it, and before it could know."""
    monkeypatch.setattr("masthead.press.store.WAIT", 0.05)
    begun, other, post, refused = store.board.position(), Store(store.folder, "first"), store.board.post, []

    def another_prints_meanwhile(names):
        with pytest.raises(Broken):
            other.keep(page(made_of=["card:1"]), begun, 0)
        refused.append(names)
        post(names)

    monkeypatch.setattr(store.board, "post", another_prints_meanwhile)
    store.recall({"card:1": None})
    assert refused and not other.keep(page(made_of=["card:1"]), begun, 0)


def test_a_recall_made_twice_is_made_once(store):
    store.recall({"card:1": None}, 7, 7)
    store.keep(page(made_of=["card:1"]), store.board.position(), 0)
    assert store.recall({"card:1": None}, 7, 7) == []
    assert is_kept(store)


def test_a_process_killed_while_recalling_leaves_the_recall_to_be_made_again(store, monkeypatch):
    store.keep(page(made_of=["card:1"]), store.board.position(), 0)

    def killed(_names):
        raise KeyboardInterrupt

    monkeypatch.setattr(store.board, "post", killed)
    with pytest.raises(KeyboardInterrupt):
        store.recall({"card:1": None}, 7, 7)
    monkeypatch.undo()
    store.recall({"card:1": None}, 7, 7)
    assert not is_kept(store)


def test_a_recall_of_very_many_pages_sets_all_aside_at_once(store, monkeypatch):
    monkeypatch.setattr("masthead.press.store.MANY", 3)
    for n in range(5):
        store.keep(page(f"/{n}/", made_of=["publication:1"]), store.board.position(), 0)
    assert len(store.recall({"publication:1": None})) == 5
    assert not any(is_kept(store, f"/{n}/") for n in range(5)) and store.keys() == []
    store.keep(page("/1/"), store.board.position(), 0)
    store.sweep_away()
    assert is_kept(store, "/1/") and not list(store.folder.glob("aside.*"))


def test_what_ran_out_while_a_page_was_rendered_keeps_it_from_being_kept(shop):
    with noting() as ingredients:
        begun = ingredients.started
        shop.later(seconds=2)
        note("card:1", begun + timedelta(seconds=1))  # on show when it was taken, over when it was noted
        note("card:2", begun - timedelta(seconds=1))  # over before: it changes nothing any more
    assert ingredients.next_change == begun + timedelta(seconds=1)


# Sending beside recalling


def test_a_page_read_from_the_disk_just_before_its_recall_is_not_held_in_memory(shop, monkeypatch):
    newsroom.article(shop.title, "Før")
    shop.print(FRONT)
    other = shop.another_process()
    load = shop.store.load

    def recalled_meanwhile(*asked):
        found = load(*asked)
        monkeypatch.setattr(other.store, "load", load)
        with shop.committing():
            newsroom.article(shop.title, "Efter")
        other._now_if_known()  # another thread of that process takes the recall in
        return found

    monkeypatch.setattr(other.store, "load", recalled_meanwhile)
    shop.ask(FRONT, other)  # began before the recall: may be the old one
    assert "Efter" in shop.ask(FRONT, other).text


def test_the_files_are_gone_before_a_recall_is_posted(store, monkeypatch):
    """Else who reads the board, then the disk, would hold the old page and never hear of it again."""
    store.keep(page(made_of=["card:1"]), store.board.position(), 0)
    post, seen = store.board.post, []

    def look_then_post(names):
        seen.append(is_kept(store))
        post(names)

    monkeypatch.setattr(store.board, "post", look_then_post)
    store.recall({"card:1": None})
    assert seen == [False]


def test_a_packed_form_fetched_after_the_page_was_printed_anew_is_not_mixed_with_the_old_head(shop):
    newsroom.article(shop.title, "Før")
    shop.print(FRONT)
    other = shop.another_process()
    shop.ask(FRONT, other)
    held = next(iter(other.pages.values()))
    with shop.committing():
        newsroom.article(shop.title, "Efter")
    shop.print(FRONT)
    assert not shop.store.fetch(held, "gzip")


# The row is the truth


def test_a_recall_lost_between_commit_and_telling_is_made_by_who_watches(shop, monkeypatch):
    watch = Watch(shop.store, shop.press.clock)
    newsroom.article(shop.title, "Før")
    assert watch.leads()
    watch.look()
    shop.print(FRONT, FEED)
    newsroom.article(shop.title, "Uden hook")  # no on-commit hook is run here: as if the process was killed
    assert shop.is_kept(FRONT)
    watch.look()
    assert "Uden hook" in shop.ask(FRONT).text and "Uden hook" in shop.ask(FEED).text


def test_who_watches_makes_no_recall_that_was_made(shop):
    watch = Watch(shop.store, shop.press.clock)
    assert watch.leads()
    watch.look()
    with shop.committing():
        newsroom.article(shop.title, "Egen")
    shop.print(FRONT)
    watch.look()
    assert shop.is_kept(FRONT)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite wakes nobody")
def test_where_recalls_come_unannounced_the_next_one_is_looked_for_at_each_step(shop, monkeypatch):
    """As behind a pool of connections. Nothing is announced here, because the test's transaction never ends."""
    watch, looked = Watch(shop.store, shop.press.clock), []
    monkeypatch.setattr("masthead.press.watching.TURN", 0)
    for headline in ("Før", "Uventet"):
        newsroom.article(shop.title, headline)
        watch.take_turn()
    shop.print(FRONT)

    def publish_beside(_now):
        looked.append(1)
        if len(looked) == 1:
            newsroom.article(shop.title, "Ventet")

    monkeypatch.setattr("masthead.press.watching.TURN", 5)
    monkeypatch.setattr(shop.store, "recall_bygone", publish_beside)
    watch.take_turn()
    assert len(looked) == 2  # once in the look before, and at the first step
    watch.look()
    assert "Ventet" in shop.ask(FRONT).text


def test_one_watches_on_a_host_and_another_takes_over(shop):
    first, second = Watch(shop.store), Watch(shop.store)
    assert first.leads() and first.leads() and not second.leads()
    os.close(first._lock)
    assert second.leads()


def test_a_database_that_went_back_in_time_recalls_everything(shop):
    watch = Watch(shop.store, shop.press.clock)
    assert watch.leads()
    watch.look()
    newsroom.article(shop.title, "Før")
    watch.look()
    shop.print(FRONT)
    Recall.objects.all().delete()  # as after restoring yesterday's copy
    watch.look()
    assert not shop.is_kept(FRONT)


def test_old_recalls_are_forgotten_but_for_the_newest(shop):
    newsroom.article(shop.title)
    newest = Recall.objects.order_by("-pk").first()
    Recall.objects.update(at=newsroom.ago(days=9))
    shop.later(days=0)
    assert forget_old() > 0
    assert list(Recall.objects.all()) == [newest]


def test_after_a_minute_without_word_from_the_database_nothing_kept_is_sent(shop):
    shop.print(FRONT)
    shop.now += timedelta(seconds=59)
    assert shop.is_kept(FRONT)
    shop.now += timedelta(seconds=2)
    assert shop.ask(FRONT).woke_django and shop.ask(FRONT).woke_django
    shop.vouch()
    assert shop.is_kept(FRONT)


# Editions


def test_other_code_or_templates_never_send_what_was_printed_before(store):
    store.keep(page(), store.board.position(), 0)
    second = Store(store.folder, "second")
    assert is_kept(store) and not is_kept(second)
    second.open_edition()
    assert os.readlink(store.folder / "now") == "pages/second"


def test_a_recall_reaches_the_pages_of_the_old_code_that_still_runs(store):
    second = Store(store.folder, "second")
    store.keep(page(made_of=["card:1"]), store.board.position(), 0)
    second.recall({"card:1": None})
    assert not is_kept(store)


def test_an_edition_is_thrown_away_when_no_process_has_it_any_more(store):
    second = Store(store.folder, "second")
    for printer in (store, second):
        printer.held.hold()
        printer.keep(page(), store.board.position(), 0)
    assert second.drop_editions_left() == []
    assert is_kept(store) and is_kept(second)
    os.close(store.held._file)  # as its process ends
    assert second.drop_editions_left() == [store.edition]
    assert not is_kept(store) and is_kept(second)
    assert second.status().pages == 1
    second.sweep_away()
    assert [folder.name for folder in store.folder.glob("*/*") if folder.name != "second"] == []


def test_an_edition_is_held_again_where_somebody_took_the_folder_away(store):
    store.held.hold()
    shutil.rmtree(store.folder)
    store.held.hold()
    assert Store(store.folder, "second").drop_editions_left() == []
