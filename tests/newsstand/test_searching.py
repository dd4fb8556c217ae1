"""Search finds what is on show, by whole words and by how a headline's word begins."""

import pytest

from masthead.archive.searching import search
from tests.newsroom import article, job, partner_article

pytestmark = pytest.mark.django_db


def found(title, words, **more):
    return [card.title for card in search(title, words, **more).take(9)]


def test_a_word_of_the_body_is_found(title):
    article(title, "Kabelkøen", body=[("paragraph", "<p>Om transformere.</p>")])
    assert found(title, "transformere") == ["Kabelkøen"]


def test_the_beginning_of_a_headlines_word_is_enough(title):
    article(title, "Kabelkøen vokser")
    assert found(title, "kabelkø") == ["Kabelkøen vokser"]


def test_both_words_must_be_there(title):
    article(title, "Elbiler i Kina")
    article(title, "Elbiler i Norge")
    assert found(title, "elbiler kina") == ["Elbiler i Kina"]


def test_words_may_stand_apart_one_in_the_headline_and_one_in_the_body(title):
    article(title, "Kabelkøen", body=[("paragraph", "<p>Om transformere.</p>")])
    article(title, "Vindmøller", body=[("paragraph", "<p>Om transformere.</p>")])
    assert found(title, "kabelkøen transformere") == ["Kabelkøen"]


def test_whole_words_come_before_beginnings(title):
    article(title, "Kabel")
    article(title, "Kabelkøen vokser og vokser")
    assert found(title, "kabel") == ["Kabel", "Kabelkøen vokser og vokser"]


def test_small_words_hide_nothing(title):
    article(title, "Building the grid", body=[("paragraph", "<p>All of the cables.</p>")])
    assert found(title, "the cables") == ["Building the grid"]
    assert found(title, "the") == ["Building the grid"]


def test_what_was_taken_off_is_not_found(title):
    article(title, "Kabelkøen").unpublish()
    assert found(title, "kabelkøen") == []


def test_one_kind_can_be_asked_for_and_a_hit_keeps_its_label(title):
    job(title, "Elbiler søger ingeniør")
    partner_article(title, "Elbiler i flåden")
    assert found(title, "elbiler", kind="job") == ["Elbiler søger ingeniør"]
    assert all(card.disclosed.label == "Annonce" for card in search(title, "elbiler").take(9))


@pytest.mark.parametrize("words", ["", "   ", "\"'", "AND OR", "*", "%", "x" * 5000])
def test_odd_words_find_nothing_and_break_nothing(title, words):
    article(title, "Kabelkøen")
    assert found(title, words) == []
