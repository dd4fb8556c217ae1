"""What a provider tells is believed when it proves who it is, counts once, and in whatever order it comes."""

import base64
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from masthead.newsletters import hearing, returning
from masthead.newsletters.models import BounceScore, Delivery, Issue, Return, host_of
from masthead.subscribers.models import Subscription, Suppression
from tests.mailroom import gone_out, newsletter, reader

pytestmark = pytest.mark.django_db
SECRET = "provider:a-long-secret"
ANNA = "anna@example.org"


@pytest.fixture(params=["postmark", "resend"])
def provider(request, settings):
    settings.MASTHEAD = {**settings.MASTHEAD, "esp": request.param, "esp_webhook_secret": SECRET}
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": SECRET}
    return request.param


@pytest.fixture
def delivery(title):
    """A letter to Anna, in an issue that is all out."""
    issue = gone_out(newsletter(title), timezone.localdate())
    anna = reader(title, ANNA)
    Issue.objects.filter(pk=issue.pk).update(planned_count=1)
    keys = {"subscriber": anna, "subject": anna.subject, "address": ANNA, "normalised": ANNA, "chunk_no": 0}
    return standing(Delivery(issue=issue, **keys), Delivery.State.SENT)


def standing(row, state):
    """The delivery as it stands after its hand-over."""
    row.state = state
    row.save()
    row.message_id = named(row) if state != Delivery.State.HANDING else ""
    row.save()
    return row


def named(row):
    return returning.message_id(row.pk, row.issue_id, row.normalised, host_of(row.issue.publication))


# One thing that happened, as each of them tells it


def postmark(what, name, n, address=ANNA, words=""):
    kinds = {
        "delivered": {"RecordType": "Delivery", "Recipient": address, "DeliveredAt": "2026-11-05T16:33:54Z"},
        "hard": {"RecordType": "Bounce", "Type": "HardBounce"},
        "soft": {"RecordType": "Bounce", "Type": "SoftBounce"},
        "complained": {"RecordType": "SpamComplaint", "Type": "SpamComplaint"},
        "dropped": {"RecordType": "Bounce", "Type": "ManuallyDeactivated"},
        "left": {
            "RecordType": "SubscriptionChange",
            "SuppressSending": True,
            "Recipient": address,
            "SuppressionReason": "ManualSuppression",
        },
        "opened": {"RecordType": "Open", "Recipient": address},
    }
    said = {"MessageID": "m-1", "ID": n, "Email": address, "Details": words, "Metadata": {"delivery": name}}
    return {**said, **kinds[what]}


def resend(what, name, n, address=ANNA, words=""):
    kinds = {
        "delivered": ("email.delivered", None),
        "hard": ("email.bounced", {"type": "Permanent", "subType": "General"}),
        "soft": ("email.bounced", {"type": "Transient", "subType": "General"}),
        "complained": ("email.complained", None),
        "opened": ("email.opened", None),
    }
    kind, bounce = kinds[what]
    headers = [{"name": "X-Metadata", "value": json.dumps({"delivery": name})}]
    data = {"email_id": "m-1", "to": [address], "headers": headers}
    if bounce:
        data["bounce"] = {**bounce, "message": words or "The recipient's email provider sent a bounce message."}
    return {"type": kind, "created_at": "2026-11-05T16:33:54Z", "data": data}


TELLING = {"postmark": postmark, "resend": resend}


def tell(client, provider, what, row, n=1, secret=SECRET, **more):
    said = TELLING[provider](what, hearing.name_of(more.pop("name", "") or named(row)), n, **more)
    headers = {"svix-id": f"evt-{what}-{n}"}
    if secret:
        headers["authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
    answer = client.post(
        reverse("mail_told", args=[provider]), json.dumps(said), content_type="application/json", headers=headers
    )
    row.refresh_from_db()
    return answer.status_code


def unchanged():
    return not Return.objects.exists() and not Suppression.objects.exists()


# Who may tell


@pytest.mark.parametrize("secret", ["", "provider:guessed", "someone:a-long-secret"])
def test_a_stranger_is_refused_and_changes_nothing(client, provider, delivery, secret):
    standing(delivery, Delivery.State.AMBIGUOUS)
    for what in ("delivered", "hard", "complained"):
        assert tell(client, provider, what, delivery, secret=secret) == 400
    assert delivery.state == Delivery.State.AMBIGUOUS
    assert unchanged()


def test_a_house_without_a_secret_or_with_another_provider_has_no_such_page(client, provider, delivery, settings):
    settings.MASTHEAD = {**settings.MASTHEAD, "esp_webhook_secret": ""}
    assert tell(client, provider, "hard", delivery) == 404
    settings.MASTHEAD = {**settings.MASTHEAD, "esp_webhook_secret": SECRET, "esp": "another"}
    assert tell(client, provider, "hard", delivery) == 404
    assert unchanged()


def test_only_a_post_tells_and_a_head_finds_somebody_there(client, provider):
    page = reverse("mail_told", args=[provider])
    right = {"authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()}
    assert client.get(page, headers=right).status_code == 405
    assert client.head(page, headers=right).status_code == 200


@pytest.mark.parametrize(
    "body", ["", "nonsense", "[]", "{}", "null", '{"type": 7, "RecordType": [], "data": 3}', "\xff"]
)
def test_what_cannot_be_read_is_no_accident(client, provider, body):
    headers = {"authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()}
    page = reverse("mail_told", args=[provider])
    answer = client.post(page, body.encode("latin-1"), content_type="application/json", headers=headers)
    assert answer.status_code in (200, 400)
    assert unchanged()


# What is believed


def test_a_delivered_letter_settles_what_was_uncertain(client, provider, delivery):
    standing(delivery, Delivery.State.AMBIGUOUS)
    assert tell(client, provider, "delivered", delivery) == 200
    assert (delivery.state, delivery.reason) == (Delivery.State.SENT, "delivered")
    assert Issue.objects.get().books_balance()
    assert unchanged()  # thousands of letters arrive: no row is kept of each


def test_a_letter_the_provider_has_after_all_is_not_handed_over_again(client, provider, delivery):
    standing(delivery, Delivery.State.QUEUED)
    assert tell(client, provider, "delivered", delivery) == 200
    assert delivery.state == Delivery.State.SENT


def test_a_letter_still_in_hand_is_to_be_told_of_again(client, provider, delivery):
    standing(delivery, Delivery.State.HANDING)
    assert tell(client, provider, "delivered", delivery) == 503
    assert delivery.state == Delivery.State.HANDING
    standing(delivery, Delivery.State.AMBIGUOUS)
    assert tell(client, provider, "delivered", delivery) == 200
    assert delivery.state == Delivery.State.SENT


def test_a_hard_bounce_suppresses_once_however_often_it_is_told(client, provider, delivery):
    for _again in range(3):
        assert tell(client, provider, "hard", delivery, words="550 5.1.1 no such user") == 200
    assert Suppression.objects.get().reason == Suppression.Reason.BOUNCED
    assert Return.objects.get().effect == Return.Effect.SUPPRESSED
    assert Return.objects.get().via == provider


def test_the_words_of_the_receiving_server_count_more_than_the_providers_verdict(client, provider, delivery):
    tell(client, provider, "hard", delivery, words="550 5.7.1 message rejected as spam by policy")
    assert not Suppression.objects.exists()
    assert Return.objects.get().policy


def test_soft_bounces_are_scored_and_events_apart_on_one_day_count_once(client, provider, delivery):
    tell(client, provider, "soft", delivery, n=1, words="452 4.2.2 mailbox full")
    tell(client, provider, "soft", delivery, n=2, words="452 4.2.2 mailbox full")
    assert BounceScore.objects.get().points == 1
    assert not Suppression.objects.exists()


def test_a_letter_that_arrives_after_a_soft_bounce_makes_the_address_well_in_either_order(client, provider, delivery):
    tell(client, provider, "soft", delivery, words="452 4.2.2 mailbox full")
    tell(client, provider, "delivered", delivery)
    assert not BounceScore.objects.exists()
    tell(client, provider, "soft", delivery, n=2, words="452 4.2.2 mailbox full")  # told late
    assert not BounceScore.objects.exists()


def test_a_late_word_of_an_older_letter_does_not_mend_what_a_newer_one_showed(client, provider, delivery):
    tell(client, provider, "soft", delivery, words="452 4.2.2 mailbox full")
    BounceScore.objects.update(delivery=delivery.pk + 1)
    tell(client, provider, "delivered", delivery)
    assert BounceScore.objects.get().points == 1


def test_a_hard_bounce_stands_whatever_comes_after_it(client, provider, delivery):
    tell(client, provider, "hard", delivery, words="550 5.1.1 no such user")
    tell(client, provider, "delivered", delivery)
    assert Suppression.objects.standing().exists()


def test_a_complaint_suppresses_at_once(client, provider, delivery):
    tell(client, provider, "complained", delivery)
    assert Suppression.objects.get().reason == Suppression.Reason.COMPLAINED


@pytest.mark.parametrize("provider", ["postmark"], indirect=True)  # Resend has no such event.
def test_an_unsubscribe_at_the_provider_is_one_here(client, provider, delivery):
    tell(client, provider, "left", delivery)
    assert not Subscription.objects.confirmed().exists()
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("provider", ["postmark"], indirect=True)  # Resend tells it as a bounce.
def test_what_the_provider_dropped_was_not_sent(client, provider, delivery):
    tell(client, provider, "dropped", delivery)
    assert (delivery.state, delivery.reason) == (Delivery.State.REJECTED, "not sent")
    assert Issue.objects.get().books_balance()
    assert not Suppression.objects.exists()


def test_opens_are_not_listened_to(client, provider, delivery):
    assert tell(client, provider, "opened", delivery) == 200
    assert unchanged()


# Whose letter it is


def test_an_event_of_another_house_with_our_number_changes_nothing(client, provider, delivery):
    foreign = f"{'0' * 32}.{delivery.pk}@elsewhere"
    assert tell(client, provider, "hard", delivery, name=foreign, words="550 5.1.1 no such user") == 200
    assert unchanged()


def test_an_event_about_another_address_changes_nothing(client, provider, delivery):
    assert tell(client, provider, "hard", delivery, address="other@example.org", words="550 5.1.1 unknown") == 200
    assert unchanged()


def test_a_letter_is_still_known_after_the_secret_key_was_changed(client, provider, delivery, settings):
    old = delivery.message_id
    settings.SECRET_KEY = "another key, long enough to sign links with, made for this test alone"
    tell(client, provider, "complained", delivery, name=old)
    assert Suppression.objects.exists()


def test_of_a_reader_who_was_erased_meanwhile_nothing_is_done(client, provider, delivery):
    name = delivery.message_id
    delivery.address = delivery.normalised = delivery.message_id = ""
    delivery.subscriber = None
    delivery.save()
    assert tell(client, provider, "hard", delivery, name=name, words="550 5.1.1 no such user") == 200
    assert not Suppression.objects.exists()


def test_the_name_sent_along_is_short_enough_for_every_provider(delivery):
    delivery.pk = 10**18 - 1
    assert len(hearing.name_of(named(delivery))) <= 80  # Postmark's limit for metadata
    assert len(hearing.NAME) <= 20
