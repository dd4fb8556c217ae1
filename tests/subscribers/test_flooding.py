"""Nobody can make us flood a stranger, learn from us who reads what, or be found by having signed up."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from masthead.subscribers import leaving, posting, subscribing, throttling
from masthead.subscribers.models import (
    ServiceMail,
    SignUp,
    SignUpCount,
    SignUpDay,
    Subscriber,
    Subscription,
    Suppression,
)
from masthead.subscribers.texts import ConsentText
from tests.mailroom import link_in, path, reader

pytestmark = pytest.mark.django_db
HERE = "8.8.8.8"  # an address of the internet; those kept for examples are not counted


@pytest.fixture(autouse=True)
def _newsletter(letter, settings):
    settings.MASTHEAD = settings.MASTHEAD | {"sign_ups_a_day": 5}
    return letter


def sign_up(client, title, address, ip=HERE, **more):
    shown = {f"shown_{text.kind}": text.pk for text in ConsentText.offered(title)}
    data = {"address": address, "page": "/", "newsletter": "on", **shown, **more}
    return client.post(path("newsletters"), data, REMOTE_ADDR=ip)


def asked_for(sql):
    """What a list of queries asks, without the values."""
    return [q["sql"].split(" VALUES")[0].split(" WHERE")[0] for q in sql if "SAVEPOINT" not in q["sql"]]


def test_the_answer_costs_the_same_whoever_the_address_belongs_to(client, title):
    reader(title, "kendt@example.org")
    reader(title, "ude@example.org").subscriptions.get().withdraw(method="page")
    leaving.erase(reader(title, "slettet@example.org"))
    leaving.suppress(title, "aldrig@example.org", Suppression.Reason.NEVER)
    subscribing.sign_up(title, "spurgt@example.org", ConsentText.offered(title), page="/")
    sign_up(client, title, "varm@example.org")
    answers, queries = [], []
    for n, name in enumerate(("ny", "kendt", "ude", "slettet", "aldrig", "spurgt")):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = sign_up(client, title, f"{name}@example.org", ip=f"9.9.{n}.9")
        answers.append((answer.status_code, answer["Location"], answer.content, sorted(answer.headers)))
        queries.append(asked_for(asked))
    assert all(answer == answers[0] for answer in answers)
    assert [query for query in queries if query != queries[0]] == []
    assert not any("subscribers_subscri" in sql or "suppression" in sql for sql in queries[0])


def test_a_visitor_who_signs_up_a_thousand_strangers_is_stopped(client, title, settings):
    settings.MASTHEAD = settings.MASTHEAD | {"sign_ups_a_day": 30}
    answers = [sign_up(client, title, f"fremmed{n}@example.org", ip=f"8.8.8.{n % 250}").status_code for n in range(34)]
    assert answers == [302] * 30 + [429] * 4
    subscribing.answer_sign_ups()
    assert ServiceMail.objects.count() == 30


def test_the_refusal_does_not_depend_on_the_address(client, title):
    reader(title, "kendt@example.org")
    for n in range(5):
        sign_up(client, title, f"x{n}@example.org")
    known, unknown = (sign_up(client, title, f"{name}@example.org") for name in ("kendt", "ukendt"))
    assert known.status_code == unknown.status_code == 429
    assert known.content == unknown.content


def test_another_network_is_not_held_to_account(client, title):
    for n in range(6):
        sign_up(client, title, f"x{n}@example.org")
    assert sign_up(client, title, "anden@example.org", ip="9.9.9.9").status_code == 302


def test_a_whole_ipv6_site_is_one_network_and_a_mapped_address_is_the_ipv4_one():
    assert throttling.network_of("2a00:1450:4001:1::1") == throttling.network_of("2a00:1450:4001:ffff::9")
    assert throttling.network_of("::ffff:8.8.8.8") == throttling.network_of("8.8.8.200") == "8.8.8.0/24"


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.1.2.3", "::1", "fe80::1%eth0", "", "unix:", "nonsense"])
def test_an_unnamed_proxy_does_not_make_one_visitor_of_all(client, title, ip):
    for n in range(8):
        assert sign_up(client, title, f"x{n}@example.org", ip=ip).status_code == 302
    assert not SignUpCount.objects.exists()


def test_a_visitor_cannot_change_networks_by_saying_so(title):
    client = Client(headers={"X-Forwarded-For": "1.1.1.1"})
    for n in range(6):
        client.headers = {}
        answer = client.post(path("newsletters"), {}, REMOTE_ADDR=HERE, headers={"X-Forwarded-For": f"1.1.{n}.1"})
        answer = sign_up(client, title, f"x{n}@example.org")
    assert answer.status_code == 429


def test_no_ip_is_kept_and_the_salt_goes_with_the_day(client, title):
    sign_up(client, title, "ny@example.org")
    count = SignUpCount.objects.get()
    assert "8.8.8" not in count.network
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names from the database itself
            assert not any("8.8.8" in str(row) for row in cursor.fetchall()), table
    assert throttling.forget_past_days() == 0
    SignUpDay.objects.update(day=timezone.now().date() - timedelta(days=1))
    assert throttling.forget_past_days() == 1
    assert not SignUpCount.objects.exists() and not SignUpDay.objects.exists()


def test_one_address_gets_one_mail_a_day_from_however_many_networks(client, title):
    for n in range(20):
        sign_up(client, title, "Offer@example.org" if n % 2 else "offer@EXAMPLE.org", ip=f"9.{n}.9.9")
    subscribing.answer_sign_ups()
    assert ServiceMail.objects.count() == 1
    Subscriber.objects.update(mailed_at=timezone.now() - timedelta(hours=25))
    sign_up(client, title, "offer@example.org", ip="9.99.9.9")
    subscribing.answer_sign_ups()
    assert ServiceMail.objects.count() == 2


def test_two_clocks_answer_a_sign_up_once(client, title, monkeypatch):
    sign_up(client, title, "ny@example.org")
    (row,) = SignUp.objects.all()
    answered = []
    real = subscribing.sign_up

    def meanwhile(*args, **more):
        answered.append(args)
        real(*args, **more)

    monkeypatch.setattr(subscribing, "sign_up", meanwhile)
    subscribing.answer_sign_ups()
    subscribing.answer_sign_ups()
    assert len(answered) == 1 and not SignUp.objects.filter(pk=row.pk).exists()


def test_the_log_says_when_the_form_was_sent_not_when_it_was_answered(client, title):
    sign_up(client, title, "ny@example.org")
    sent = timezone.now() - timedelta(hours=3)
    SignUp.objects.update(at=sent)
    subscribing.answer_sign_ups()
    assert Subscription.objects.get().asked_at == sent


def test_who_is_signed_up_by_others_can_stop_it_for_good_and_let_it_again(client, title):
    sign_up(client, title, "offer@example.org")
    subscribing.answer_sign_ups()
    never = link_in(ServiceMail.objects.get(), "never")
    client.get(never)
    client.head(never)
    assert not Suppression.objects.exists()
    client.post(never, {"never": "1"})
    assert Suppression.objects.standing().get().reason == "never"
    Subscriber.objects.all().delete()
    sign_up(client, title, "offer@example.org", ip="9.9.9.9")
    subscribing.answer_sign_ups()
    assert not ServiceMail.objects.exists() and not Subscriber.objects.exists()
    client.post(never, {"again": "1"})
    sign_up(client, title, "offer@example.org", ip="9.9.9.9")
    subscribing.answer_sign_ups()
    assert ServiceMail.objects.count() == 1 and not Subscription.objects.confirmed().exists()


def test_a_forged_or_cut_never_link_does_nothing(client, title):
    sign_up(client, title, "offer@example.org")
    subscribing.answer_sign_ups()
    never = link_in(ServiceMail.objects.get(), "never")
    for bad in (never[:-3] + "/", never.replace("/never/", "/stop/"), never.replace("/never/", "/choices/")):
        assert client.post(bad, {"never": "1"}).status_code in (404, 410)
    assert not Suppression.objects.exists()


def test_a_sign_up_waits_for_the_clock_and_its_mail_leaves_in_the_same_turn(client, title, post):
    sign_up(client, title, "ny@example.org")
    assert not Subscriber.objects.exists()
    assert (subscribing.answer_sign_ups(), posting.post_due()) == (1, 1)
