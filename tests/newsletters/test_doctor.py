"""The mail doctor stands before the first bulk mail; red holds it back, unless somebody allows it by name."""

import os

import pytest
from click.testing import CliRunner
from django.core import checks

from masthead.cli_mail import mail
from masthead.newsletters import approving, doctoring, planning, promising
from masthead.newsletters.models import Examination, Issue
from tests.mail.names import ToldNames
from tests.mailroom import approved, editor, newsletter, reader

pytestmark = pytest.mark.django_db
BULK = 3


@pytest.fixture
def options(settings):
    settings.MASTHEAD = {**settings.MASTHEAD, "doctor_from": BULK, "demo": False}
    return settings.MASTHEAD


@pytest.fixture
def world(monkeypatch, options):
    """A name system and a mail server that the test tells what to say; at first they say nothing good."""
    told = ToldNames()

    class Line:
        extensions = {}

        def __init__(self, server):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *exc):
            pass

        def open(self):
            pass

    monkeypatch.setattr(doctoring, "DomainNames", lambda: told)
    monkeypatch.setattr(doctoring.ask, "__defaults__", (None, Line))
    monkeypatch.setenv("MASTHEAD_SITE", os.environ.get("MASTHEAD_SITE", ""))  # the command sets it for good
    return told


@pytest.fixture
def many(title):
    return [reader(title, f"laeser{n}@example.org") for n in range(BULK)]


def mend(told, letter, options, title):
    """Publish everything that is missed, and give the title an address readers can reach."""
    from tests.mail.test_doctoring import rsa

    domain = "kabel.example.com"
    letter.sender_address = f"brev@{domain}"
    letter.save()
    options |= {
        "mail_from": f"brev@{domain}",
        "dkim_selectors": ["news"],
        "outgoing_addresses": ["198.51.100.7"],
        "returns": "maildir:/tmp/none",
    }
    title.site.hostname, title.site.port = domain, 443
    title.site.save()
    told.records |= {
        ("198.51.100.7", "PTR"): [f"mail.{domain}"],
        (f"mail.{domain}", "A"): ["198.51.100.7"],
        (domain, "MX"): [f"10 mail.{domain}"],
    }
    told.txt(domain, "v=spf1 ip4:198.51.100.7 -all").txt(f"_dmarc.{domain}", "v=DMARC1; p=reject")
    told.txt(f"news._domainkey.{domain}", f"p={rsa(2048)}")


def test_a_bulk_mail_is_refused_with_every_reason_and_what_to_do(letter, many, world):
    issue = approved(letter)
    with pytest.raises(doctoring.Unwell) as refused:
        approving.schedule(issue, editor())
    assert "DKIM" in str(refused.value)
    assert "https" in str(refused.value)
    assert Issue.objects.get().send_at is None


def test_a_few_readers_are_no_bulk_and_nobody_is_asked(letter, many, world, options):
    options["doctor_from"] = BULK + 1
    approving.schedule(approved(letter), editor())
    assert world.asked == []
    assert not Examination.objects.exists()


@pytest.mark.parametrize("free", [{"doctor_from": 0}, {"demo": True}])
def test_the_demo_and_a_house_that_wants_no_doctor_are_left_alone(letter, many, world, options, free):
    options |= free
    approving.schedule(approved(letter), editor())
    assert world.asked == []


def test_one_override_by_name_lets_this_issue_go_and_is_kept(letter, many, world):
    issue = approved(letter)
    promising.allow(issue, doctoring.OVERRIDE, "Prøve på egen maskine.", editor("chefen"))
    planning.plan(approving.schedule(issue, editor()))
    assert issue.state == Issue.State.READY
    assert issue.overrides[0]["by"] == "chefen"
    assert issue.records.filter(content__action="allowed").get().content["reason"] == "Prøve på egen maskine."


def test_what_was_mended_counts_at_once(letter, many, world, options, title, monkeypatch):
    issue = approved(letter)
    with pytest.raises(doctoring.Unwell):
        approving.schedule(issue, editor())
    monkeypatch.setattr(doctoring, "AGAIN", doctoring.AGAIN * 0)
    mend(world, letter, options, title)
    issue.newsletter.refresh_from_db()
    issue.newsletter.publication.refresh_from_db()
    approving.schedule(issue, editor())
    assert [row for row in Examination.last_of(letter).sentences if row["light"] != "green"] == []


def test_a_good_finding_holds_for_a_week_and_is_not_asked_again(letter, many, world, options, title):
    mend(world, letter, options, title)
    issue = approved(letter)
    approving.schedule(issue, editor())
    asked = len(world.asked)
    assert asked > 0
    approving.schedule(issue, editor())
    assert len(world.asked) == asked
    assert Examination.objects.count() == 1


def test_a_good_finding_of_another_sender_says_nothing(letter, many, world, options, title):
    mend(world, letter, options, title)
    issue = approved(letter)
    approving.schedule(issue, editor())
    letter.sender_address = "brev@elsewhere.example.net"
    letter.save()
    issue.newsletter.refresh_from_db()
    with pytest.raises(doctoring.Unwell):
        doctoring.refuse_ill(issue)


def test_the_clock_stops_an_issue_whose_list_grew_to_bulk_and_says_why(letter, title, world):
    issue = approving.schedule(approved(letter), editor())
    for n in range(BULK):
        reader(title, f"ny{n}@example.org")
    assert planning.plan_due() == 0
    issue.refresh_from_db()
    assert (issue.state, issue.send_at) == (Issue.State.APPROVED, None)
    assert "mail doctor" in issue.note
    assert issue.deliveries.count() == 0


def test_the_issue_page_asks_shows_and_allows(client, letter, many, world):
    issue = approved(letter)
    client.force_login(editor())
    page = f"/desk/newsletters/issues/{issue.pk}/"
    assert "Ask the mail doctor" in client.get(page, headers={"accept-language": "en"}).content.decode()
    client.post(f"{page}examine/")
    shown = client.get(page).content.decode()
    assert "dkim_selectors" in shown
    assert 'value="mail-doctor"' in shown
    client.post(f"{page}allow/", {"code": "mail-doctor", "reason": "Prøve"})
    shown = client.get(page).content.decode()
    assert 'value="mail-doctor"' not in shown
    client.post(f"{page}send/")
    issue.refresh_from_db()
    assert issue.state == Issue.State.READY


def test_masthead_check_repeats_what_the_doctor_saw(letter, world):
    doctoring.ask(letter)
    found = [m for m in checks.run_checks(databases=["default"]) if m.id in ("masthead.E011", "masthead.W011")]
    assert any("DKIM" in m.msg and m.is_serious() for m in found)


def test_the_examination_is_a_record_that_proves_itself(letter, world):
    doctoring.ask(letter)
    doctoring.ask(letter)
    assert Examination.broken_at() is None
    Examination.objects.filter(pk=Examination.objects.first().pk).update(content={"findings": []})
    assert Examination.broken_at() == Examination.objects.order_by("pk").first().pk


def test_two_newsletters_are_looked_at_apart(title, letter, world):
    other = newsletter(title, name="Andet", slug="andet", sender_address="brev@other.example.net")
    doctoring.ask(letter)
    assert Examination.last_of(other) is None


def test_the_command_prints_each_finding_and_ends_in_1_while_anything_is_red(letter, world, options, title, tmp_path):
    said = CliRunner().invoke(mail, ["doctor", "--site", str(tmp_path)])
    assert said.exit_code == 1
    assert "brev@example.org" in said.output
    assert "dkim_selectors" in said.output
    mend(world, letter, options, title)
    said = CliRunner().invoke(mail, ["doctor", "--site", str(tmp_path)])
    assert (said.exit_code, "red" in said.output) == (0, False)
    assert CliRunner().invoke(mail, ["doctor", "--site", str(tmp_path), "--newsletter", "none"]).exit_code == 1


def test_of_a_provider_the_doctor_looks_at_our_own_records_only(letter, world, options, title):
    mend(world, letter, options, title)
    options |= {"esp": "postmark", "esp_webhook_secret": ""}
    found = doctoring.ask(letter)
    assert {row["check"] for row in found.sentences} == {"sender", "dkim", "dmarc", "bounces", "one-click"}
    assert [row["check"] for row in found.sentences if row["light"] == "red"] == ["bounces"]
    options["esp_webhook_secret"] = "user:password"
    assert not doctoring.ask(letter).is_red
