"""The method by which clicks are judged: the same log gives the same figures, and a machine moves no human count."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masthead.readership.method import Figures, Seen, judge, sign_of, totals

BEGAN = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
LINKS = [f"link{n}" for n in range(8)]
TRAP = "trap"


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def figures(seen, links=8):
    return totals(judge(seen, began=BEGAN, links=links, traps={TRAP}))


clicks = st.builds(
    Seen,
    link=st.sampled_from([*LINKS, TRAP]),
    at=st.integers(0, 7200).map(at),
    visitor=st.sampled_from("abcde"),
    sign=st.sampled_from(["", "", "", "", "head", "agent"]),
)
logs = st.lists(clicks, max_size=40)


@settings(max_examples=200, deadline=None)
@given(logs, st.randoms(use_true_random=False))
def test_the_same_log_gives_the_same_figures_in_any_order(log, random):
    shuffled = list(log)
    random.shuffle(shuffled)
    assert figures(shuffled) == figures(log)


@settings(max_examples=200, deadline=None)
@given(logs)
def test_every_request_is_counted_once_and_nothing_is_both(log):
    found = figures(log)
    assert sum(f.raw for f in found.values()) == len(log)
    assert all(f.machine + f.human <= f.raw for f in found.values())


@settings(max_examples=200, deadline=None)
@given(logs, st.integers(0, 7000), st.permutations(LINKS))
def test_a_scanner_that_opens_every_link_moves_the_human_count_by_nothing(log, start, order):
    before = sum(f.human for f in figures(log).values())
    scan = [Seen(link, at(start + n), "scanner") for n, link in enumerate(order)]
    after = sum(f.human for f in figures([*log, *scan]).values())
    assert after == before


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(LINKS), st.integers(10, 7200)), min_size=1, max_size=6))
def test_one_look_at_the_hidden_link_takes_back_what_counted_before(follows):
    own = [Seen(link, at(seconds), "a") for link, seconds in follows]
    late = Seen(TRAP, at(7300), "a")
    assert sum(f.human for f in figures([*own, late]).values()) == 0


def test_a_burst_seen_late_takes_back_what_counted_before():
    slow = [Seen("link0", at(60), "a"), Seen("link1", at(300), "a")]
    assert sum(f.human for f in figures(slow).values()) == 2
    burst = [Seen(link, at(600 + n), "a") for n, link in enumerate(LINKS[:5])]
    assert sum(f.human for f in figures([*slow, *burst]).values()) == 0


def test_four_links_in_tabs_are_a_persons():
    tabs = [Seen(link, at(60 + n), "a") for n, link in enumerate(LINKS[:4])]
    assert sum(f.human for f in figures(tabs).values()) == 4


def test_all_links_of_a_short_letter_within_a_minute_are_a_machines():
    whole = [Seen(link, at(60 + 10 * n), "a") for n, link in enumerate(LINKS[:3])]
    assert sum(f.human for f in figures(whole, links=3).values()) == 0
    assert sum(f.human for f in figures(whole, links=8).values()) == 3


def test_a_second_click_on_the_same_link_is_no_second_reader():
    twice = [Seen("link0", at(60), "a"), Seen("link0", at(61), "a"), Seen("link0", at(62), "b")]
    assert figures(twice) == {"link0": Figures(raw=3, machine=0, human=2)}


def test_nobody_has_read_it_in_the_first_seconds():
    assert figures([Seen("link0", at(2), "a")])["link0"] == Figures(1, 1, 0)
    assert figures([Seen("link0", at(20), "a")])["link0"] == Figures(1, 0, 1)


def test_figures_stand_by_hour():
    found = judge([Seen("link0", at(60), "a"), Seen("link0", at(3660), "b")], began=BEGAN, links=8)
    assert {hour.hour: figure.human for (_link, hour), figure in found.items()} == {6: 1, 7: 1}


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("method", "headers", "address", "sign"),
    [
        ("GET", {"User-Agent": FIREFOX}, "192.0.2.7", ""),
        ("HEAD", {"User-Agent": FIREFOX}, "192.0.2.7", "head"),
        ("GET", {}, "192.0.2.7", "agent"),
        ("GET", {"User-Agent": "Slackbot-LinkExpanding 1.0"}, "192.0.2.7", "agent"),
        ("GET", {"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, "192.0.2.7", "agent"),
        ("GET", {"User-Agent": "Mozilla/5.0 (Linux; Android 13; CUBOT P80) Mobile Safari/537.36"}, "192.0.2.7", ""),
        ("GET", {"User-Agent": "Microsoft Office/16.0 (Windows NT 10.0)"}, "192.0.2.7", "agent"),
        ("GET", {"User-Agent": FIREFOX, "Sec-Purpose": "prefetch"}, "192.0.2.7", "ahead"),
        ("GET", {"User-Agent": FIREFOX}, "104.47.11.200", "network"),
        ("GET", {"User-Agent": FIREFOX}, "2001:db8::1", ""),
        ("GET", {"User-Agent": FIREFOX}, "not an address", ""),
    ],
)
def test_what_a_request_gives_away_by_itself(method, headers, address, sign):
    assert sign_of(method, headers, address) == sign
