"""Readers find each issue on the web, what is past its time is gone from it, and the promise is counted in public."""

from datetime import timedelta

import pytest
from django.utils import timezone

from masthead.newsletters import composing, promising, sending
from masthead.newsletters.models import Issue
from tests.mailroom import approved, gone_out, newsletter, path, reader, ready
from tests.newsroom import article, job, partner_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(title, letter, post):
    """An issue with a job that went out to one reader."""
    job(title)
    reader(title)
    issue = ready(letter)
    sending.send(issue)
    issue.refresh_from_db()
    return issue


def test_an_issue_has_a_web_copy_with_its_labels(client, sent):
    page = client.get(sent.url).content.decode()
    assert sent.subject in page
    words = page.split('class="jobs"')[1]
    assert words.index("Annonce") < words.index("Netingeniør")


def test_an_issue_that_has_not_gone_out_has_no_web_copy(client, letter):
    issue = approved(letter)
    assert client.get(issue.url).status_code == 404


def test_what_is_past_its_time_is_gone_from_the_web_copy(client, sent, title):
    from masthead.jobs.models import Job

    ad = Job.objects.get()
    ad.last_day = timezone.localdate() - timedelta(days=1)
    ad.save()
    page = client.get(sent.url).content.decode()
    assert "Netingeniør" not in page


def test_a_web_copy_links_like_the_site_and_follows_nobody(client, sent):
    page = client.get(sent.url).content.decode()
    assert "/mail/stop/" not in page
    assert "/mail/choices/" not in page
    assert not client.cookies


def test_issues_stand_in_an_archive_by_year(client, sent):
    page = client.get(path("newsletter_archive", sent.day.year)).content.decode()
    assert sent.url in page
    assert client.get(path("newsletter_archive", 1999)).status_code == 404


def test_a_second_newsletter_has_addresses_of_its_own(client, title, letter):
    second = newsletter(title, name="Elbiler", kind="themes", theme="elbiler")
    first_issue, second_issue = gone_out(letter, timezone.localdate()), gone_out(second, timezone.localdate())
    assert first_issue.url != second_issue.url
    assert client.get(second_issue.url).status_code == 200


def test_the_promise_page_counts_what_went_out(client, letter):
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    for weeks, issues in ((1, 2), (2, 1), (3, 3)):
        for _n in range(issues):
            gone_out(letter, monday - timedelta(weeks=weeks))
    weeks = promising.kept_weeks(letter)
    assert [week.issues for week in weeks[-4:]] == [3, 1, 2, 0]
    page = client.get(path("newsletter_promise")).content.decode()
    assert letter.promise in page
    assert page.count("<circle") == 52 * 2 + 1
    assert page.count('class="none"') == 52 * 2 + 1 - 6


def test_a_draft_or_cancelled_issue_counts_for_nothing(letter):
    composing.propose(letter)
    issue = gone_out(letter, timezone.localdate())
    Issue.objects.filter(pk=issue.pk).update(state="cancelled")
    assert sum(week.issues for week in promising.kept_weeks(letter)) == 0


def test_a_paid_article_in_a_web_copy_is_labelled_before_its_headline(client, title, letter, post):
    for n in range(3):
        article(title, f"Nyhed {n}")
    issue = composing.propose(letter)
    composing.add(issue, partner_article(title, "Flåden på strøm").card)
    reader(title)
    article(title, "Endnu en")
    issue = ready(letter)
    sending.send(issue)
    page = client.get(issue.url).content.decode()
    headline = page.index("Flåden på strøm")
    assert "Annonce" in page[headline - 300 : headline]
