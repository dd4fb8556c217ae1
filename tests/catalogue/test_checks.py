"""What is wrong with a house is said before it starts."""

import pytest
from django.core.checks import run_checks
from django.http import HttpResponse
from django.urls import path

from masthead.catalogue import checks
from masthead.catalogue.outputs import shows_no_cards


def unmarked(request):
    return HttpResponse()


unmarked.__module__ = "masthead.newsstand.views"


def marked(request):
    return HttpResponse()


marked = shows_no_cards(marked)
marked.__module__ = "masthead.newsstand.views"


def test_every_view_and_page_type_of_the_house_says_whether_it_shows_cards():
    assert [str(found) for found in checks.every_output_says_whether_it_shows_cards(None)] == []


def test_a_view_that_does_not_say_so_does_not_start(monkeypatch):
    views = list(checks._views([path("a/", unmarked), path("b/", marked)]))
    monkeypatch.setattr(checks, "_views", lambda: views)
    (found,) = checks.every_output_says_whether_it_shows_cards(None)
    assert found.id == "masthead.E001" and found.is_serious() and "unmarked" in found.msg


def test_a_page_type_that_names_an_unknown_output_does_not_start(monkeypatch):
    from masthead.events.models import Event

    monkeypatch.setattr(Event, "shows_cards", "no such output")
    (found,) = checks.every_output_says_whether_it_shows_cards(None)
    assert found.id == "masthead.E001" and "events.Event" in found.msg


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("label", "expected"),
    [("", []), ("Reklame", []), ("Sponseret", ["masthead.W001"]), ("Advertorial", ["masthead.E002"])],
)
def test_a_label_that_does_not_tell_a_reader_is_named(title, label, expected):
    title.paid_label = label
    title.save()
    found = run_checks(tags=["database"], databases=["default"])
    assert [message.id for message in found if message.id.startswith("masthead.")] == expected


@pytest.mark.django_db
def test_a_title_in_the_colour_of_paid_content_is_warned(title):
    title.accent = "#d08a10"
    title.save()
    assert [found.id for found in checks.amber_means_paid(None, databases=["default"])] == ["masthead.W002"]


@pytest.mark.parametrize(
    ("colour", "near"),
    [
        ("#c8891a", True),
        ("#e09a20", True),
        ("#0a5848", False),
        ("#77cdb4", False),
        ("#b3261e", False),
        ("#807b74", False),
    ],
)
def test_amber_is_known_by_its_hue(colour, near):
    assert checks.is_near_amber(colour) is near
