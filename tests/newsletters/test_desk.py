"""An editor takes an issue from proposal to sending with buttons; who may not send can't, whatever is posted."""

import csv
import io

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from masthead.newsletters import composing, sending
from masthead.newsletters.models import Issue, Outbound
from tests.mailroom import editor, gone_out, reader, ready
from tests.newsroom import article, house_promotion, job

pytestmark = pytest.mark.django_db
DESK = "/desk/newsletters/issues/"


@pytest.fixture
def desk(client, title):
    client.force_login(editor())
    return client


@pytest.fixture
def writer(client, title):
    """Somebody who works on issues and may not send them."""
    user = get_user_model().objects.create_user("skribent")
    names = ["access_admin", "change_issue"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return client


def test_from_proposal_to_sending_with_buttons(desk, title, letter, post):
    reader(title)
    job(title)
    house_promotion(title)
    answer = desk.post(f"{DESK}propose/{letter.pk}/")
    page = answer["Location"]
    assert "no subject" in desk.get(page).content.decode()
    desk.post(f"{page}write/", {"subject": "Kabelkøen", "preheader": "Tolv projekter", "day": Issue.objects.get().day})
    desk.post(f"{page}approve/")
    assert Issue.objects.get().state == "approved"
    assert "1 reader gets it" in desk.get(page).content.decode()
    desk.post(f"{page}send/")
    assert Issue.objects.get().state == "ready"
    assert "The books balance" in desk.get(page).content.decode()


def test_buttons_order_take_out_and_add(desk, title, letter):
    article(title, "To")
    issue = composing.propose(letter)
    first, second = issue.items.all()
    page = f"{DESK}{issue.pk}/"
    desk.post(f"{page}down/", {"item": first.pk})
    assert list(issue.items.values_list("pk", flat=True)) == [second.pk, first.pk]
    desk.post(f"{page}order/", {"section": "articles", "items": f"{first.pk},{second.pk}"})
    assert list(issue.items.values_list("pk", flat=True)) == [first.pk, second.pk]
    desk.post(f"{page}remove/", {"item": first.pk})
    desk.post(f"{page}add/", {"card": first.card_id})
    assert list(issue.items.values_list("card_id", flat=True)) == [second.card_id, first.card_id]


def test_a_refusal_is_said_in_a_sentence(desk, letter):
    issue = composing.propose(letter)
    page = f"{DESK}{issue.pk}/"
    said = desk.post(f"{page}approve/", follow=True).content.decode()
    assert "The issue has no subject" in said
    said = desk.post(f"{page}send/", follow=True).content.decode()
    assert "Approve the issue first" in said
    assert Issue.objects.get().state == "composed"


def test_a_third_issue_quotes_the_promise_and_takes_a_reason(desk, letter):
    issue = composing.propose(letter)
    gone_out(letter, issue.day)
    gone_out(letter, issue.day)
    page = f"{DESK}{issue.pk}/"
    assert letter.promise in desk.get(page).content.decode()
    desk.post(f"{page}write/", {"subject": "X", "day": issue.day})
    desk.post(f"{page}approve/")
    assert "højst to gange" in desk.post(f"{page}send/", follow=True).content.decode()
    desk.post(f"{page}allow/", {"code": "promise", "reason": "Valgaften"})
    desk.post(f"{page}send/")
    issue.refresh_from_db()
    assert issue.state == "ready"
    assert "Valgaften" in desk.get(page).content.decode()


@pytest.mark.parametrize("action", ["approve", "send", "schedule", "cancel", "allow", "decide", "stop", "nonsense"])
def test_who_may_not_send_cannot_post_it_either(writer, letter, action):
    issue = composing.propose(letter)
    composing.write(issue, subject="X")
    assert writer.get(f"{DESK}{issue.pk}/").status_code == 200
    writer.post(f"{DESK}{issue.pk}/{action}/", {"code": "promise", "reason": "x"})
    issue.refresh_from_db()
    assert (issue.state, issue.overrides) == ("composed", [])


def test_who_has_no_business_here_sees_no_address(client, title, letter):
    user = get_user_model().objects.create_user("sælger")
    user.user_permissions.set(Permission.objects.filter(codename="access_admin"))
    client.force_login(user)
    assert client.get(DESK).status_code in (302, 403)


def test_an_action_is_never_a_get(desk, letter):
    issue = composing.propose(letter)
    assert desk.get(f"{DESK}{issue.pk}/approve/").status_code == 405


def test_the_preview_is_the_letter_in_both_parts(desk, letter):
    issue = composing.propose(letter)
    html, text = (desk.get(f"{DESK}{issue.pk}/preview/{part}/") for part in ("html", "text"))
    assert b"<html" in html.content
    assert "script-src" not in html["Content-Security-Policy"]
    assert text["Content-Type"].startswith("text/plain")
    assert "Kabelkøen vokser" in text.content.decode()


def test_a_letter_approved_in_english_is_the_same_by_the_clock_in_danish(desk, title, letter):
    from django.utils import translation

    from masthead.newsletters import approving

    issue = composing.propose(letter)
    composing.write(issue, subject="X")
    with translation.override("en"):
        approving.approve(issue, editor())
    with translation.override("da"):
        assert approving.still_as_approved(issue)


def test_the_uncertain_are_listed_and_decided(desk, title, letter, post):
    from masthead.newsletters import sending

    reader(title)
    post.replies["laeser@example.org"] = "silence"
    issue = ready(letter)
    sending.send(issue)
    page = f"{DESK}{issue.pk}/"
    listed = desk.get(page).content.decode()
    row = issue.deliveries.get()
    assert row.address in listed
    assert row.message_id in listed
    desk.post(f"{page}decide/", {"delivery": row.pk, "as": "sent"})
    row.refresh_from_db()
    assert row.state == "sent"


def test_the_lists_of_newsletters_and_consent_texts_open(desk, letter):
    for path in (DESK, "/desk/newsletters/", "/desk/consent_texts/", f"/desk/newsletters/edit/{letter.pk}/"):
        assert desk.get(path).status_code == 200


def test_who_got_it_is_taken_home_as_csv_while_it_runs(desk, title, letter, post):
    first, second = reader(title), reader(title, "=cmd@example.org")
    post.replies[second.address] = "5"
    issue = ready(letter)
    sending.send(issue)
    answer = desk.get(f"{DESK}{issue.pk}/books.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["address"], row["state"], row["code"]) for row in rows] == [
        (first.address, "sent", "250"),
        ("'=cmd@example.org", "rejected", "550"),
    ]
    assert rows[0]["message_id"] == issue.deliveries.first().message_id
    assert rows[0]["changed_at"]


def test_who_may_not_send_takes_no_addresses_home(writer, title, letter, post):
    reader(title)
    answer = writer.get(f"{DESK}{ready(letter).pk}/books.csv")
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")


def test_the_refused_are_tried_again_at_a_button(desk, title, letter, post):
    post.replies[reader(title).address] = "5"
    issue = ready(letter)
    sending.send(issue)
    page = f"{DESK}{issue.pk}/"
    assert "Try the 1 reader again" in desk.get(page).content.decode()
    post.replies.clear()
    desk.post(f"{page}again/")
    sending.send_due()
    issue.refresh_from_db()
    assert issue.books()["sent"] == 1
    assert issue.state == Issue.State.FINISHED


def test_all_uncertain_are_decided_at_once(desk, title, letter, post):
    for n in range(3):
        post.replies[reader(title, f"laeser{n}@example.org").address] = "silence"
    issue = ready(letter)
    sending.send(issue)
    page = f"{DESK}{issue.pk}/"
    assert "all 3" in desk.get(page).content.decode()
    desk.post(f"{page}decide/", {"all": "1", "as": "sent"})
    assert issue.books()["sent"] == 3


def test_a_copy_of_the_house_says_so_on_the_page_and_is_released_there(desk, title, letter, post):
    issue = ready(letter)
    Outbound.objects.update_or_create(pk=1, defaults={"identity": "x", "held_because": "This is a copy."})
    page = f"{DESK}{issue.pk}/"
    assert "This is a copy." in desk.get(page).content.decode()
    desk.post(f"{page}release/")
    assert "This is a copy." not in desk.get(page).content.decode()
