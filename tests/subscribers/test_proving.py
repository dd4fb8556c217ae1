"""What somebody said yes to can be shown years later: the words, the page, the mail, and that nobody changed it."""

import json

import pytest
from django.db import connection
from django.urls import reverse

from masthead.subscribers import choosing, gathering, leaving, posting, proving, subscribing
from masthead.subscribers.models import ConsentRecord, ServiceMail, Subscriber, Suppression
from masthead.subscribers.texts import ConsentText
from tests.mailroom import link_in, path, reader

pytestmark = pytest.mark.django_db
ADDRESS = "laeser@example.org"


@pytest.fixture(autouse=True)
def _newsletter(letter):
    return letter


def signed_up(client, title, *kinds):
    texts = [text for text in ConsentText.offered(title) if text.kind in kinds]
    shown = {f"shown_{text.kind}": text.pk for text in texts} | dict.fromkeys(kinds, "on")
    client.post(path("newsletters"), {"address": ADDRESS, "page": "/artikler/kabler/", **shown})
    subscribing.answer_sign_ups()
    mail = ServiceMail.objects.latest("pk")
    asked = Subscriber.objects.get(normalised=ADDRESS).asked()
    client.post(link_in(mail, "confirm"), {"asked": [s.pk for s in asked]})
    return mail


def actions(sheet):
    return [(record["action"], record.get("kind", "")) for record in sheet["records"]]


def test_the_sheet_has_words_page_times_mail_language_and_method(client, title):
    mail = signed_up(client, title, "newsletter")
    sheet = proving.sheet(title, "LAESER@example.org")
    asked, confirmed = sheet["records"]
    assert asked["page"] == "/artikler/kabler/" and asked["method"] == "form" and asked["locale"] == "da"
    assert asked["asked_at"] <= asked["at"] <= confirmed["at"]
    assert asked["mail"] == confirmed["mail"] == mail.digest
    assert confirmed["method"] == "link"
    words = ConsentText.current(title, "newsletter", "da")
    assert asked["words"] == {
        "shown_by_us": True,
        "text": words.text,
        "companies": words.companies,
        "withdrawal": words.withdrawal,
    }
    assert asked["text"]["version"] == 1
    assert sheet["log"]["holds"] and sheet["ip"] == "never stored"
    assert sheet["subscriptions"][0]["state"] == "confirmed"


def test_the_hash_is_of_the_very_bytes_that_were_mailed(client, title, post):
    import hashlib

    shown = {f"shown_{text.kind}": text.pk for text in ConsentText.offered(title)}
    client.post(path("newsletters"), {"address": ADDRESS, "newsletter": "on", **shown})
    subscribing.answer_sign_ups()
    posting.post_due()
    asked = proving.sheet(title, ADDRESS)["records"][0]
    assert asked["mail"] == hashlib.sha256(post.bodies[0][1]).hexdigest()


def test_every_later_change_is_on_the_sheet(client, title):
    signed_up(client, title, "newsletter", "events")
    subscriber = Subscriber.objects.get()
    choosing.pause(subscriber, 4)
    choosing.pause(subscriber, 0)
    choosing.choose(subscriber, {("events", "")}, ConsentText.offered(title), page="/mail/choices/")
    leaving.suppress(title, ADDRESS, Suppression.Reason.COMPLAINED, note="by phone")
    assert actions(proving.sheet(title, ADDRESS))[4:] == [
        ("paused", ""),
        ("pause ended", ""),
        ("withdrawn", "newsletter"),
        ("suppressed", ""),
    ]


def test_who_was_erased_is_found_by_bringing_the_address_and_only_so(client, title):
    signed_up(client, title, "newsletter")
    leaving.erase(Subscriber.objects.get())
    sheet = proving.sheet(title, ADDRESS)
    assert not sheet["kept"] and sheet["subscriptions"] == []
    assert [action for action, _kind in actions(sheet)] == ["asked", "confirmed", "suppressed", "erased"]
    assert ADDRESS not in json.dumps([r.content for r in ConsentRecord.objects.all()])
    assert actions(proving.sheet(title, "anden@example.org")) == []


def test_who_comes_back_after_an_erasure_has_both_lives_on_the_sheet(client, title):
    signed_up(client, title, "newsletter")
    leaving.erase(Subscriber.objects.get())
    signed_up(client, title, "events")
    leaving.erase(Subscriber.objects.get())
    found = [action for action, _kind in actions(proving.sheet(title, ADDRESS))]
    once = ["asked", "confirmed", "suppressed", "erased"]
    assert found == [*once, "asked", "confirmed", "suppression lifted", "suppressed", "erased"]


def test_an_erasure_under_an_older_suppression_still_leads_to_the_log(client, title):
    leaving.suppress(title, ADDRESS, Suppression.Reason.BOUNCED)
    subscriber = reader(title, ADDRESS)
    leaving.erase(subscriber)
    assert ("confirmed", "newsletter") in actions(proving.sheet(title, ADDRESS))
    assert Suppression.objects.standing().get().reason == "bounced"


def test_a_list_is_shown_as_a_list_whose_words_are_not_ours(title):
    gathering.gather(title, "newsletter", [ADDRESS], evidence="The old system, 2019")
    record = proving.sheet(title, ADDRESS)["records"][0]
    assert (record["method"], record["evidence"]) == ("imported", "The old system, 2019")
    assert record["words"] == {"shown_by_us": False, "text": "", "companies": "", "withdrawal": ""}


def test_a_record_changed_behind_our_back_is_seen(client, title):
    signed_up(client, title, "newsletter")
    asked = ConsentRecord.objects.order_by("pk").first()
    ConsentRecord.objects.filter(pk=asked.pk).update(content=asked.content | {"page": "/andetsteds/"})
    assert not proving.sheet(title, ADDRESS)["log"]["holds"]


def test_a_record_taken_out_behind_our_back_is_seen(client, title):
    signed_up(client, title, "newsletter")
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM subscribers_consentrecord WHERE id = (SELECT min(id) FROM subscribers_consentrecord)"
        )
    assert not proving.sheet(title, ADDRESS)["log"]["holds"]


def test_words_changed_behind_our_back_are_seen(client, title):
    signed_up(client, title, "newsletter")
    ConsentText.objects.update(text="Vi må sælge dig")
    assert not proving.sheet(title, ADDRESS)["log"]["holds"]


def test_a_change_to_somebody_elses_record_is_seen_by_checking_the_whole_log(client, title):
    reader(title, "anden@example.org")
    reader(title, "tredje@example.org")
    signed_up(client, title, "newsletter")
    other = ConsentRecord.objects.order_by("pk").first()
    ConsentRecord.objects.filter(pk=other.pk).update(content={"action": "withdrawn"})
    assert proving.sheet(title, ADDRESS)["log"]["holds"]
    assert proving.sheet(title, ADDRESS, whole_chain=True)["log"]["broken_at"] == other.pk


def test_many_records_at_once_make_the_same_chain_as_one_by_one(title):
    ConsentRecord.append({"n": 0}, subject="")
    ConsentRecord.append_all([({"n": n}, {"subject": str(n)}) for n in range(1, 2500)])
    ConsentRecord.append({"n": 2500}, subject="")
    ConsentRecord.append_all([])
    assert ConsentRecord.broken_at() is None
    assert [r.content["n"] for r in ConsentRecord.objects.order_by("pk")] == list(range(2501))


def test_readers_are_counted_by_the_version_they_said_yes_to(title):
    reader(title, "a@example.org")
    old = ConsentText.current(title, "newsletter", "da")
    new = ConsentText.objects.create(
        publication=title, kind="newsletter", language="da", text="Mere", companies="X", withdrawal="Y"
    )
    reader(title, "b@example.org")
    gathering.gather(title, "newsletter", ["c@example.org"], evidence="")
    counted = {row["text"]: (row["readers"], row["brought_in"]) for row in proving.versions(title)}
    assert (counted[old], counted[new]) == ((1, 0), (2, 1))


# At the desk


def desk_post(client, name, title, **data):
    return client.post(reverse(f"readers:{name}"), {"title": title.pk, **data})


@pytest.fixture
def staff(client, django_user_model):
    """A function that logs somebody in who may do what is named, and no more."""
    from django.contrib.auth.models import Permission

    def log_in(*names):
        user = django_user_model.objects.create_user("redaktør")
        user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *names]))
        client.force_login(user)
        return client

    return log_in


def test_the_sheet_is_shown_and_taken_as_a_file_at_the_desk(client, title, staff):
    mail = signed_up(client, title, "newsletter")
    desk = staff("view_subscriber")
    page = desk_post(desk, "sheet", title, address=ADDRESS).content.decode()
    assert mail.digest in page and "/artikler/kabler/" in page
    file = desk_post(desk, "sheet", title, address=ADDRESS, **{"as": "json"})
    assert "attachment" in file["Content-Disposition"] and "example" not in file["Content-Disposition"]
    assert json.loads(file.content)["records"][0]["mail"] == mail.digest


def test_an_erased_address_is_found_at_the_desk(client, title, staff):
    leaving.erase(reader(title, ADDRESS))
    page = desk_post(staff("view_subscriber"), "sheet", title, address=ADDRESS).content.decode()
    assert "found by its print" in page and "erased" in page


def test_readers_are_found_by_a_part_of_the_address_and_counted(client, title, staff):
    reader(title, "anna@example.org")
    reader(title, "bodil@example.org", kind="events")
    desk = staff("view_subscriber")
    assert "bodil@example.org" in desk.get(reverse("readers:index")).content.decode()
    page = desk_post(desk, "index", title, address="ANNA").content.decode()
    assert "anna@example.org" in page and "bodil@example.org" not in page
    page = desk_post(desk, "index", title, kind="events", state="confirmed").content.decode()
    assert "bodil@example.org" in page and "anna@example.org" not in page
    counts = desk.get(reverse("readers:counts")).content.decode()
    assert "newsletter,confirmed,1" in counts and "@" not in counts


def test_nobody_sees_suppresses_or_takes_what_they_may_not(client, title, staff):
    reader(title, ADDRESS)
    desk = staff()
    for answer in (
        desk.get(reverse("readers:index")),
        desk.get(reverse("readers:counts")),
        desk_post(desk, "sheet", title, address=ADDRESS),
        desk_post(desk, "suppress", title, address=ADDRESS, reason="never", note="x"),
        desk_post(desk, "addresses", title, kind="newsletter"),
    ):
        assert answer.status_code in (302, 403) and ADDRESS not in answer.content.decode()
    assert not Suppression.objects.exists()
    client.logout()
    assert desk_post(client, "sheet", title, address=ADDRESS).status_code == 302


def test_who_may_see_readers_may_not_take_their_addresses_or_suppress(client, title, staff):
    desk = staff("view_subscriber")
    assert desk_post(desk, "addresses", title, kind="newsletter").status_code in (302, 403)
    desk_post(desk, "suppress", title, address=ADDRESS, reason="never", note="x")
    assert not Suppression.objects.exists()


def test_addresses_taken_are_only_the_confirmed_ones_and_it_is_logged(client, title, staff):
    reader(title, "=cmd@example.org")
    reader(title, "ud@example.org").subscriptions.get().withdraw(method="page")
    answer = desk_post(staff("export_subscriber"), "addresses", title, kind="newsletter")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("'=cmd@example.org")
    last = ConsentRecord.objects.latest("pk").content
    assert (last["action"], last["by"]) == ("addresses taken", "redaktør")


def test_a_suppression_by_hand_needs_a_reason_and_only_the_reader_lifts_it(client, title, staff):
    reader(title, ADDRESS)
    desk = staff("view_subscriber", "add_suppression")
    desk_post(desk, "suppress", title, address=ADDRESS, reason="complained", note="")
    assert not Suppression.objects.exists()
    desk_post(desk, "suppress", title, address=" Laeser@Example.ORG", reason="complained", note="wrote to us")
    assert Suppression.objects.get().note == "redaktør: wrote to us"
    desk_post(desk, "suppress", title, address=ADDRESS, reason="erased", note="x")
    assert Suppression.objects.count() == 1
