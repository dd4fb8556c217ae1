"""One click stops, at once and without a cookie; opening a link does nothing; all can be taken home or erased."""

import json

import pytest

from masthead.newsletters import planning
from masthead.newsletters.rendering import NOBODY, read
from masthead.subscribers import leaving, subscribing, tokens
from masthead.subscribers.addressing import Why, stopped
from masthead.subscribers.models import ConsentRecord, ServiceMail, Subscriber, Subscription, Suppression, print_of
from masthead.subscribers.texts import ConsentText
from masthead.subscribers.tokens import choices_token, stop_token
from tests.mailroom import reader, ready
from tests.newsroom import article, theme

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def subscriber(title, letter):
    found = reader(title)
    reader(title, kind="events")
    return found


def stop(subscriber, kind="newsletter", theme=""):
    return f"/mail/stop/{stop_token(subscriber.subject, kind, theme)}/"


def kinds(subscriber):
    return set(subscriber.confirmed().values_list("kind", flat=True))


def test_one_click_stops_this_kind_only_with_no_cookie_and_no_redirect(client, subscriber):
    answer = client.post(stop(subscriber), ONE_CLICK)
    assert answer.status_code == 200
    assert not answer.cookies
    assert kinds(subscriber) == {"events"}
    last = ConsentRecord.objects.order_by("-pk").first().content
    assert (last["action"], last["method"]) == ("withdrawn", "one click")


def test_one_click_from_a_mail_program_needs_no_origin_and_survives_csrf_checks(subscriber):
    from django.test import Client

    client = Client(
        enforce_csrf_checks=True, headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    )
    assert client.post(stop(subscriber), ONE_CLICK).status_code == 200
    assert kinds(subscriber) == {"events"}


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_the_link_stops_nothing(client, subscriber, method):
    answer = getattr(client, method)(stop(subscriber))
    assert answer.status_code == 200
    assert kinds(subscriber) == {"newsletter", "events"}


def test_the_page_has_a_button_that_stops_and_one_that_takes_it_back(client, subscriber):
    page = client.post(stop(subscriber)).content.decode()
    undo = page.split('action="')[1].split('"')[0]
    assert client.get(undo).status_code == 405
    assert kinds(subscriber) == {"events"}
    assert client.post(undo).status_code == 200
    assert kinds(subscriber) == {"newsletter", "events"}
    assert client.post(undo).status_code == 410


def test_stopping_twice_is_no_error(client, subscriber):
    client.post(stop(subscriber), ONE_CLICK)
    assert client.post(stop(subscriber), ONE_CLICK).status_code == 200


@pytest.mark.parametrize(
    "spoil", [lambda p: p[:-4] + "/", lambda p: p.replace("newsletter", "events"), lambda p: p + "x/"]
)
def test_a_forged_or_cut_link_stops_nothing(client, subscriber, spoil):
    assert client.post(spoil(stop(subscriber)), ONE_CLICK).status_code == 404
    assert kinds(subscriber) == {"newsletter", "events"}


def test_a_link_outlives_a_change_of_the_secret_key(client, subscriber, settings):
    path = stop(subscriber)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-that-is-long-enough"
    assert client.post(path, ONE_CLICK).status_code == 200
    assert kinds(subscriber) == {"events"}


def test_a_link_without_its_key_stops_nothing(client, subscriber, settings):
    path = stop(subscriber)
    settings.SECRET_KEY = "another-key-that-is-long-enough"
    assert client.post(path, ONE_CLICK).status_code == 404


def test_the_link_of_a_test_mail_opens_and_changes_nothing(client, subscriber):
    path = f"/mail/stop/{stop_token(NOBODY, 'newsletter')}/"
    assert client.get(path).status_code == 200
    assert client.post(path, ONE_CLICK).status_code == 200
    assert kinds(subscriber) == {"newsletter", "events"}


def test_stopping_themes_stops_each_of_them_and_stopping_one_leaves_the_others(client, title, subscriber):
    for slug in ("", "elbiler", "vind"):
        reader(title, kind="themes", theme=slug)
    client.post(stop(subscriber, "themes", "vind"), ONE_CLICK)
    followed = subscriber.confirmed().filter(kind="themes")
    assert set(followed.values_list("theme", flat=True)) == {"", "elbiler"}
    client.post(stop(subscriber, "themes"), ONE_CLICK)
    assert not followed.exists()


# A subscriber's own page


def own_page(subscriber):
    return f"/mail/choices/{choices_token(subscriber.subject)}/"


def test_the_page_of_choices_saves_on_post_only(client, title, subscriber):
    article(title, themes=[theme(title)])
    path = own_page(subscriber)
    page = client.get(path).content.decode()
    assert page.count(" checked") == 2
    assert kinds(subscriber) == {"newsletter", "events"}
    client.post(path, {"events": "on", "themes": "on", "theme-elbiler": "on"})
    held = set(subscriber.confirmed().values_list("kind", "theme"))
    assert held == {("events", ""), ("themes", ""), ("themes", "elbiler")}


def test_a_pause_keeps_the_consent_and_ends_by_itself_or_by_hand(client, subscriber):
    path = own_page(subscriber)
    client.post(path, {"newsletter": "on", "events": "on", "weeks": "4"})
    assert subscriber.paused_until() is not None
    assert kinds(subscriber) == {"newsletter", "events"}
    client.post(path, {"newsletter": "on", "events": "on", "weeks": ""})
    assert subscriber.paused_until() is not None
    client.post(path, {"newsletter": "on", "events": "on", "weeks": "0"})
    assert subscriber.paused_until() is None


def test_a_theme_alone_is_a_yes_to_it_and_taking_themes_back_takes_each(client, title, subscriber):
    article(title, themes=[theme(title)])
    path = own_page(subscriber)
    client.post(path, {"theme-elbiler": "on"})
    assert set(subscriber.confirmed().values_list("kind", "theme")) == {("themes", ""), ("themes", "elbiler")}
    client.post(path, {"theme-elbiler": "on", "newsletter": "on"})
    assert set(subscriber.confirmed().values_list("kind", "theme")) == {("newsletter", "")}


def test_one_button_stops_all_of_it_whatever_is_ticked(client, subscriber):
    client.post(own_page(subscriber), {"newsletter": "on", "events": "on", "weeks": "4", "nothing": "1"})
    assert not kinds(subscriber)
    assert {r.content["method"] for r in ConsentRecord.objects.all() if r.content["action"] == "withdrawn"} == {
        "choices"
    }


def test_nothing_ticked_and_saved_is_a_no_to_all(client, subscriber):
    assert client.post(own_page(subscriber), {}).status_code == 200
    assert not kinds(subscriber)


def test_her_page_and_our_questions_speak_the_language_she_chose(client, title, subscriber):
    path = own_page(subscriber)
    page = client.post(path, {"newsletter": "on", "events": "on", "language": "en"})
    assert "Saved. It holds from now on." in page.content.decode()
    assert '<html lang="en"' in page.content.decode() and page["Content-Language"] == "en"
    assert client.get("/")["Content-Language"] == "da"
    subscriber.refresh_from_db()
    subscribing.sign_up(title, subscriber.address, ConsentText.offered(title), page="/")
    assert "Open this page and press the button" in read(bytes(ServiceMail.objects.get().body)).text


def test_a_choice_holds_for_the_next_planning_and_for_what_is_planned(client, title, letter, subscriber):
    article(title)
    reader(title, "anden@example.org")
    issue = ready(letter)
    client.post(own_page(subscriber), {"events": "on"})
    assert stopped(title, "newsletter", "", [subscriber.pk]) == {subscriber.pk: Why.WITHDRAWN}
    assert planning.recipients_of(issue).recipients == 1
    client.post(own_page(subscriber), {"newsletter": "on", "events": "on", "weeks": "1"})
    assert stopped(title, "newsletter", "", [subscriber.pk]) == {subscriber.pk: Why.PAUSED}
    assert planning.recipients_of(issue).excluded == {"paused": 1}


@pytest.mark.parametrize("years", [1, 5])
def test_an_unsubscribe_works_years_later_and_after_three_changes_of_the_key(
    client, subscriber, settings, monkeypatch, years
):
    import time

    path, first = stop(subscriber), settings.SECRET_KEY
    later = time.time() + years * 365 * 86400
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    settings.SECRET_KEY_FALLBACKS = ["third-key-that-is-long-enough", "second-key-that-is-long-enough", first]
    settings.SECRET_KEY = "fourth-key-that-is-long-enough"
    assert client.post(path, ONE_CLICK).status_code == 200
    assert kinds(subscriber) == {"events"}


def test_what_a_mailto_unsubscribe_carries_does_the_same_as_the_click(subscriber):
    leaving.withdraw(tokens.read_stop(stop_token(subscriber.subject, "newsletter")), method="mail")
    assert kinds(subscriber) == {"events"}
    assert ConsentRecord.objects.latest("pk").content["method"] == "mail"


def test_a_subscriber_takes_home_what_is_kept_and_in_which_words(client, subscriber):
    answer = client.get(own_page(subscriber) + "export/")
    kept = json.loads(answer.content)
    assert kept["address"] == subscriber.address
    assert {row["kind"] for row in kept["subscriptions"]} == {"newsletter", "events"}
    assert "Prøvetitel" in kept["evidence"][0]["words"]["text"]


def test_erasing_leaves_a_print_and_the_evidence_without_the_address(client, subscriber):
    path = own_page(subscriber) + "erase/"
    client.get(path)
    assert Subscriber.objects.exists()
    client.post(path)
    assert not Subscriber.objects.exists()
    assert not Subscription.objects.exists()
    suppression = Suppression.objects.get()
    assert suppression.print == print_of(subscriber.address)
    last = ConsentRecord.objects.order_by("-pk").first()
    assert last.content["action"] == "erased"
    assert not any(subscriber.address in str(r.content) for r in ConsentRecord.objects.all())
    assert ConsentRecord.objects.filter(subject=suppression.subject).exists()
    assert client.post(path).status_code == 410


def test_a_page_of_choices_is_not_kept_by_caches_and_not_listed(client, subscriber):
    answer = client.get(own_page(subscriber))
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer.content.decode()
