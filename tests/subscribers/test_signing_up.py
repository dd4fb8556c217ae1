"""Somebody ticks what they want, gets one mail, and presses one button. Nothing else makes a consent."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from masthead.newsletters import founding
from masthead.subscribers import leaving, posting, subscribing
from masthead.subscribers.models import (
    ConsentRecord,
    ConsentText,
    ServiceMail,
    Subscriber,
    Subscription,
    Suppression,
)
from tests.mailroom import danish, link_in, path, reader

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _newsletter(letter):
    return letter


def form(title, *ticked, address="laeser@example.org", **more):
    shown = {f"shown_{text.kind}": text.pk for text in ConsentText.offered(title)}
    return {"address": address, "page": "/artikler/x/", **shown, **dict.fromkeys(ticked, "on"), **more}


def sent(client, form, **more):
    """Send the sign-up form; the clock answers it."""
    answer = client.post(path("newsletters"), form, **more)
    subscribing.answer_sign_ups()
    return answer


def test_she_ticks_newsletter_and_events_and_each_is_a_consent_of_its_own(client, title):
    answer = sent(client, form(title, "newsletter", "events"))
    assert (answer.status_code, answer["Location"]) == (302, path("newsletter_asked"))
    mail = ServiceMail.objects.get()
    link = link_in(mail, "confirm")
    assert client.get(link).status_code == 200
    asked = Subscriber.objects.get().asked()
    client.post(link, {"asked": [s.pk for s in asked]})
    confirmed = Subscription.objects.confirmed()
    assert set(confirmed.values_list("kind", flat=True)) == {"newsletter", "events"}
    first = ConsentRecord.objects.order_by("pk").first()
    assert first.content["page"] == "/artikler/x/"
    assert first.content["mail"] == mail.digest
    assert first.content["text"]["version"] == 1
    assert "laeser" not in str(first.content)
    assert [r.content["action"] for r in ConsentRecord.objects.order_by("pk")] == ["asked"] * 2 + ["confirmed"] * 2
    assert ConsentRecord.broken_at() is None


def test_no_box_is_ticked_beforehand_and_withdrawing_is_told_at_the_form(client, title):
    page = client.get(path("newsletters")).content.decode()
    assert page.count('type="checkbox"') == 3
    assert "checked" not in page.split("<form")[1]
    for text in ConsentText.offered(title):
        assert text.text in page
        assert text.companies in page
        assert text.withdrawal in page


def test_the_form_sets_no_cookie(client, title):
    client.get(path("newsletters"))
    sent(client, form(title, "newsletter"))
    assert not client.cookies


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_of_a_mail_changes_nothing(client, title, method):
    sent(client, form(title, "newsletter"))
    link = link_in(ServiceMail.objects.get(), "confirm")
    getattr(client, method)(link)
    assert not Subscription.objects.confirmed().exists()
    assert ConsentRecord.objects.count() == 1


def test_the_answer_is_the_same_for_a_known_and_an_unknown_address(client, title):
    reader(title, "kendt@example.org")
    known = sent(client, form(title, "newsletter", address="kendt@example.org"))
    unknown = sent(client, form(title, "newsletter", address="ny@example.org"))
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert ServiceMail.objects.count() == 2


def test_one_mail_a_day_goes_to_an_address(client, title):
    for _again in range(3):
        sent(client, form(title, "newsletter"))
        sent(client, form(title, "newsletter", address="LAESER@example.org"))
    assert ServiceMail.objects.count() == 1
    Subscriber.objects.update(mailed_at=timezone.now() - timedelta(hours=25))
    sent(client, form(title, "newsletter"))
    assert ServiceMail.objects.count() == 2


def test_what_is_added_the_same_day_is_confirmed_by_the_same_link(client, title):
    sent(client, form(title, "newsletter"))
    sent(client, form(title, "events"))
    link = link_in(ServiceMail.objects.get(), "confirm")
    keys = [s.pk for s in Subscriber.objects.get().asked()]
    assert len(keys) == 2
    client.post(link, {"asked": keys})
    assert Subscription.objects.confirmed().count() == 2


def test_a_confirmation_link_works_once(client, title):
    sent(client, form(title, "newsletter"))
    link = link_in(ServiceMail.objects.get(), "confirm")
    subscription = Subscription.objects.get()
    client.post(link, {"asked": [subscription.pk]})
    subscription.refresh_from_db()
    subscription.withdraw(method="page")
    subscription.ask(subscription.text, page="/", mail="x")
    assert client.post(link, {"asked": [subscription.pk]}).status_code == 410
    assert not Subscription.objects.confirmed().exists()


def test_a_link_of_another_purpose_confirms_nothing(client, title):
    sent(client, form(title, "newsletter"))
    link = link_in(ServiceMail.objects.get(), "confirm")
    assert client.post(link.replace("/confirm/", "/choices/")).status_code == 404
    assert client.post(link[:-6] + "/").status_code == 404
    assert client.post(link.replace("/confirm/", "/stop/")).status_code == 404


def test_a_link_older_than_seven_days_confirms_nothing(client, title, monkeypatch):
    import time

    sent(client, form(title, "newsletter"))
    link = link_in(ServiceMail.objects.get(), "confirm")
    later = time.time() + 7 * 86400 + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.post(link, {"asked": [Subscription.objects.get().pk]}).status_code == 410


def test_what_was_not_shown_is_not_confirmed(client, title):
    sent(client, form(title, "newsletter"))
    other = reader(title, "anden@example.org").subscriptions.get()
    other.ask(other.text, page="/", mail="x")
    client.post(link_in(ServiceMail.objects.get(), "confirm"), {"asked": [other.pk]})
    assert not Subscription.objects.confirmed().exists()


@pytest.mark.parametrize(
    ("address", "ticked", "sentence"),
    [
        ("", ["newsletter"], "Write your e-mail address."),
        ("uden snabel", ["newsletter"], "An address has a name, an @ and a domain, such as name@example.org."),
        ("laeser@example.org", [], "Tick at least one box: that is what we may write to you about."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_typed_is_lost(client, title, address, ticked, sentence):
    answer = sent(client, form(title, *ticked, address=address))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert danish(sentence) in page
    assert f'value="{address}"' in page
    assert page.count("checked") == len(ticked)
    assert not Subscriber.objects.exists()


def test_words_that_changed_since_are_read_again(client, title):
    typed = form(title, "newsletter")
    old = ConsentText.current(title, "newsletter", "da")
    ConsentText.objects.create(
        publication=title, kind="newsletter", language="da", text="Nyt", companies="X", withdrawal="Y"
    )
    answer = sent(client, typed)
    assert answer.status_code == 422
    assert danish("The words beside the boxes have changed since. Read them and send again.") in answer.content.decode()
    assert old.version == 1


def test_a_machine_that_fills_in_everything_gets_the_same_answer_and_no_mail(client, title):
    answer = sent(client, form(title, "newsletter", company="Spam Ltd"))
    assert answer["Location"] == path("newsletter_asked")
    assert not ServiceMail.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_a_form_on_another_website_signs_nobody_up(client, title, headers):
    assert client.post(path("newsletters"), form(title, "newsletter"), headers=headers).status_code == 403
    assert not Subscriber.objects.exists()


def test_our_own_page_signs_up(client, title):
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert client.post(path("newsletters"), form(title, "newsletter"), headers=headers).status_code == 302


def test_words_somebody_said_yes_to_are_never_changed(title):
    reader(title)
    text = ConsentText.current(title, "newsletter", "da")
    text.text = "Noget helt andet"
    with pytest.raises(ValidationError):
        text.save()
    with pytest.raises(ValidationError):
        text.delete()


def test_what_nobody_confirmed_is_deleted_after_a_fortnight(client, title):
    reader(title, "ja@example.org")
    sent(client, form(title, "newsletter"))
    Subscription.objects.filter(state="asked").update(asked_at=timezone.now() - timedelta(days=15))
    assert subscribing.forget_unconfirmed() == 1
    assert list(Subscriber.objects.values_list("address", flat=True)) == ["ja@example.org"]


# Suppression


def test_only_a_new_confirmation_lifts_a_suppression(client, title):
    leaving.suppress(title, "laeser@example.org", Suppression.Reason.BOUNCED)
    sent(client, form(title, "newsletter"))
    assert Suppression.objects.standing().exists()
    link = link_in(ServiceMail.objects.get(), "confirm")
    client.post(link, {"asked": [Subscription.objects.get().pk]})
    assert not Suppression.objects.standing().exists()


def test_who_asked_never_to_be_written_to_gets_no_mail_at_all(client, title):
    leaving.suppress(title, "laeser@example.org", Suppression.Reason.NEVER)
    assert sent(client, form(title, "newsletter")).status_code == 302
    assert not ServiceMail.objects.exists()


# Posting


def test_a_service_mail_is_posted_once_and_its_link_is_not_kept(client, title, post):
    sent(client, form(title, "newsletter"))
    assert posting.post_due() == 1
    assert posting.post_due() == 0
    assert post.addresses == ["laeser@example.org"]
    assert bytes(ServiceMail.objects.get().body) == b""


def test_a_service_mail_waits_for_a_server_that_is_gone(client, title, post):
    post.replies["laeser@example.org"] = "gone"
    sent(client, form(title, "newsletter"))
    assert posting.post_due() == 0
    post.replies.clear()
    assert posting.post_due() == 0
    ServiceMail.objects.update(not_before=timezone.now())
    assert posting.post_due() == 1


def test_a_service_mail_that_may_have_left_is_not_sent_again(client, title, post):
    sent(client, form(title, "newsletter"))
    ServiceMail.objects.update(state="handing", not_before=timezone.now() - timedelta(hours=1))
    assert posting.post_due() == 0
    assert ServiceMail.objects.get().state == "uncertain"


def test_a_first_newsletter_writes_the_words_and_a_second_leaves_them(title):
    assert founding.write_consent_texts(title, "x") == []
    assert ConsentText.objects.count() == 3
