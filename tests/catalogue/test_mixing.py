"""The stream of the front page: partner content stands among the news by rule, and each row says why it is there."""

from hypothesis import given, settings
from hypothesis import strategies as st

from masthead.catalogue.mixing import HOUSE, NEWS, PAID, judge, mix

PAYERS = st.sampled_from(["Ladelauget", "Vindø Elnet", "Bølgeby Havn", "Kornby Akademi", "Tangbæk", "Standardlauget"])
SEED_PAGE = [
    (PAID, "Sustainx"),
    (NEWS, ""),
    (PAID, "Miljømærkning"),
    (NEWS, ""),
    (PAID, "Klimakampen"),
    (NEWS, ""),
    (PAID, "Klimakampen"),
    (PAID, "Klimakampen"),
]


def mixed(news, payers, house, rows=40):
    return mix(
        [f"nyhed {i}" for i in range(news)],
        [(i, payer) for i, payer in enumerate(payers)],
        [f"egen {i}" for i in range(house)],
        rows,
        payer_of=lambda item: item[1],
    )


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 60), st.lists(PAYERS, max_size=30), st.integers(0, 6), st.integers(0, 60))
def test_no_pool_whatever_it_holds_makes_a_stream_that_breaks_a_rule(news, payers, house, rows):
    stream = mixed(news, payers, house, rows)
    for top in range(len(stream) + 1):
        assert judge([(row.kind, row.payer) for row in stream[:top]]) == []


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 30), st.lists(PAYERS, max_size=20), st.integers(0, 4))
def test_nothing_is_shown_twice_and_all_news_that_fits_is_shown_in_its_order(news, payers, house):
    stream = mixed(news, payers, house)
    items = [row.item for row in stream]
    assert len(set(items)) == len(items)
    shown = [row.item for row in stream if row.kind == NEWS]
    assert shown == [f"nyhed {i}" for i in range(len(shown))]
    assert len(stream) == 40 or len(shown) == news


def test_the_same_pools_always_give_the_same_stream():
    assert mixed(20, ["A", "B", "A", "C"], 2) == mixed(20, ["A", "B", "A", "C"], 2)


def test_partner_content_is_shown_where_there_is_news_enough():
    kinds = [row.kind for row in mixed(20, ["A", "B", "C"], 1, rows=12)]
    assert kinds == [NEWS, NEWS, NEWS, PAID, NEWS, HOUSE, NEWS, PAID, NEWS, NEWS, NEWS, PAID]


def test_a_payer_who_must_wait_lets_the_next_go_first():
    payers = [row.payer for row in mixed(20, ["A", "A", "B"], 0) if row.kind == PAID]
    assert payers[:2] == ["A", "B"]


def test_without_news_there_is_no_stream_of_advertisements():
    assert mixed(0, ["A", "B"], 2) == []


def test_every_row_says_why_it_is_there():
    why = {row.kind: row.why for row in mixed(20, ["Ladelauget"], 1)}
    assert "newest" in why[NEWS] and "Ladelauget" in why[PAID] and "promotion" in why[HOUSE]


def test_the_stream_of_the_page_we_started_from_is_rejected_rule_by_rule():
    found = " ".join(judge(SEED_PAGE))
    assert "5 of 8 rows are paid for" in found
    assert "Rows 7 and 8 are both paid" in found
    assert "Klimakampen pays for more than one" in found


def test_too_many_promotions_of_the_house_are_rejected():
    assert judge([(NEWS, ""), (HOUSE, ""), (NEWS, ""), (HOUSE, "")])
