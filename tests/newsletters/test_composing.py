"""An issue composes itself, a person approves exactly these bytes, and nothing paid goes out unlabelled."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.template import engines
from django.utils import timezone, translation

from masthead.catalogue.inspecting import inspect
from masthead.catalogue.telling import Shown
from masthead.newsletters import (
    approving,
    checking,
    composing,
    linking,
    planning,
    printing,
    promising,
    proposing,
    rendering,
    sending,
)
from masthead.newsletters.models import Issue, IssueRecord, Section
from masthead.partners import booking
from masthead.partners.models import Agreement, Place
from tests.mailroom import PROMISE, approved, editor, gone_out, later, newsletter, reader, ready
from tests.newsroom import ago, article, event, house_promotion, job, organisation, partner_article, picture, theme

pytestmark = pytest.mark.django_db


def agreement(title):
    today = timezone.localdate()
    return Agreement.objects.create(
        publication=title,
        partner=organisation(),
        reference="AFT-1",
        begins=today - timedelta(days=30),
        ends=today + timedelta(days=300),
        newsletter_slots=10,
    )


def sell(issue, position=1, item=None):
    sold = agreement(issue.publication) if not Agreement.objects.exists() else Agreement.objects.get()
    return booking.book(sold, Place.NEWSLETTER, issue.day, position, item)


def news(title, n=2):
    """More articles, so that one sold place is not too much for the issue."""
    for number in range(n):
        article(title, f"Nyhed {number}")


def read(issue):
    return rendering.read(rendering.specimen(composing.compose(issue), issue.newsletter))


def codes(issue):
    return [problem.code for problem in checking.problems(issue, composing.compose(issue))]


# What is proposed


def test_an_issue_proposes_articles_events_jobs_and_a_promotion(title, letter):
    event(title)
    job(title)
    house_promotion(title)
    issue = composing.propose(letter)
    assert {item.section for item in issue.items.all()} == {"articles", "events", "jobs", "promotions"}
    assert issue.number == 1


def test_nothing_that_was_in_an_earlier_issue_is_proposed_again(title, letter):
    event(title)
    first = approved(letter)
    Issue.objects.filter(pk=first.pk).update(state="finished", planned_count=0)
    new = article(title, "Ny siden sidst")
    issue = composing.propose(letter)
    assert [item.card.item_id for item in issue.items.all()] == [new.pk]
    assert issue.day > first.day


def test_a_second_proposal_is_the_issue_being_made(letter):
    assert composing.propose(letter) == composing.propose(letter)


def test_a_sold_place_stands_in_the_issue_of_its_day(title, letter):
    issue = composing.propose(letter)
    sell(issue, item=partner_article(title))
    assert "Flåden på strøm" in checking.said(read(issue).html)
    assert [i.slot for i in issue.items.filter(section=Section.PARTNERS)] == [1]


def test_a_sold_place_cannot_be_taken_out_by_hand(title, letter):
    issue = composing.propose(letter)
    sell(issue, item=partner_article(title))
    composing.place_sold(issue)
    with pytest.raises(composing.CannotChange):
        composing.remove(issue.items.get(section=Section.PARTNERS))


def test_an_editor_orders_and_removes(title, letter):
    article(title, "To")
    article(title, "Tre")
    issue = composing.propose(letter)
    keys = list(issue.items.values_list("pk", flat=True))
    composing.order(issue, Section.ARTICLES, keys[::-1])
    assert list(issue.items.values_list("pk", flat=True)) == keys[::-1]
    composing.shift(issue.items.get(pk=keys[0]), -1)
    assert list(issue.items.values_list("pk", flat=True))[1] == keys[0]
    composing.remove(issue.items.get(pk=keys[1]))
    assert issue.items.count() == 2


# What keeps it from being approved


def test_a_plain_issue_with_everything_paid_labelled_has_no_problems(title, letter):
    news(title)
    job(title)
    event(title, payer=organisation(), disclosure="paid", reference="AFT-1")
    house_promotion(title)
    issue = composing.propose(letter)
    sell(issue, item=partner_article(title))
    composing.write(issue, subject="Kabelkøen")
    assert codes(issue) == []


def test_a_place_sold_and_empty_blocks_approval_until_somebody_allows_it_by_name(title, letter):
    issue = composing.propose(letter)
    composing.write(issue, subject="Kabelkøen")
    sold = sell(issue)
    with pytest.raises(approving.NotReady) as refused:
        approving.approve(issue, editor())
    assert [p.code for p in refused.value.problems] == [f"sold-empty:{sold.pk}"]
    assert "Ladelauget ApS" in str(refused.value)
    promising.allow(issue, f"sold-empty:{sold.pk}", "Partneren har fået lov at vente.", editor())
    approving.approve(issue, editor())
    assert IssueRecord.objects.filter(content__action="allowed", content__by="redaktionen").exists()


def test_nothing_is_allowed_without_a_reason(letter):
    issue = composing.propose(letter)
    with pytest.raises(ValueError, match="."):
        promising.allow(issue, "promise", "  ", editor())


def test_subject_and_something_from_the_newsroom_are_needed(title, letter):
    issue = composing.propose(letter)
    issue.items.all().delete()
    assert codes(issue) == ["subject", "empty"]


def test_an_item_off_show_is_named(title, letter):
    piece = article(title, "Taget af")
    issue = composing.propose(letter)
    composing.write(issue, subject="X")
    piece.unpublish()
    found = checking.problems(issue, composing.compose(issue))
    assert [p.code for p in found] == ["off-show"]
    assert "Taget af" in found[0].sentence


def test_a_mail_too_heavy_is_refused(letter, monkeypatch):
    issue = composing.propose(letter)
    composing.write(issue, subject="X")
    monkeypatch.setattr(checking, "HEAVIEST", 500)
    assert codes(issue) == ["weight"]


@pytest.mark.parametrize(
    ("name", "part", "label"),
    [
        ("newsletters/partner.mjml", "HTML", "{% mail_label card %}"),
        ("newsletters/card.txt", "text", "[{{ card.disclosed.line }}]"),
    ],
)
def test_approval_is_refused_when_a_template_loses_the_label(title, letter, settings, tmp_path, name, part, label):
    news(title)
    issue = composing.propose(letter)
    sell(issue, item=partner_article(title))
    composing.write(issue, subject="X")
    source = Path(engines["django"].engine.get_template(name).origin.name).read_text()
    assert label in source
    (tmp_path / "newsletters").mkdir()
    (tmp_path / name).write_text(source.replace(label, ""))
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    found = checking.problems(issue, composing.compose(issue))
    assert {problem.code for problem in found} == {"label"}
    assert all(f"{part} part".casefold() in problem.sentence.casefold() for problem in found)
    with pytest.raises(approving.NotReady):
        approving.approve(issue, editor())


def test_a_further_link_to_something_paid_is_seen_behind_its_short_address(title, letter, settings, tmp_path):
    news(title)
    event(title)
    issue = composing.propose(letter)
    sell(issue, item=partner_article(title))
    composing.write(issue, subject="X")
    assert codes(issue) == []
    name = "newsletters/issue.mjml"
    source = Path(engines["django"].engine.get_template(name).origin.name).read_text()
    link = '<mj-text><a href="{{ partners.0.full_url }}">Se her</a></mj-text>'
    more = f"<mj-section><mj-column>{link}</mj-column></mj-section>"
    (tmp_path / "newsletters").mkdir()
    (tmp_path / name).write_text(source.replace("</mj-body>", more + "</mj-body>"))
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    assert codes(issue) == ["label"]


def test_a_subject_that_quotes_a_paid_headline_begins_with_its_label(title, letter):
    news(title)
    issue = composing.propose(letter)
    sell(issue, item=partner_article(title, "Flåden på strøm"))
    composing.write(issue, subject="Flåden på strøm")
    assert set(codes(issue)) == {"label"}
    composing.write(issue, subject="Annonce betalt af Ladelauget ApS: Flåden på strøm")
    assert codes(issue) == []


def test_a_headline_that_a_template_loses_is_missed(letter, settings, tmp_path):
    issue = composing.propose(letter)
    composing.write(issue, subject="X")
    (tmp_path / "newsletters").mkdir()
    (tmp_path / "newsletters/card.txt").write_text("{{ card.full_url }}")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    assert codes(issue) == ["lost"]


# What is in the letter


def test_both_parts_carry_the_same_labels_and_links(title, letter):
    issue = composing.propose(letter)
    paid = partner_article(title)
    sell(issue, item=paid)
    words = read(issue)
    with translation.override("da"):
        line = paid.card.disclosed.line
    assert line in checking.said(words.html)
    assert f"[{line}]\nFlåden på strøm" in words.text
    leads = linking.leads_of(issue)
    for address in [paid.card.full_url, title.root_url + issue.url]:
        (short,) = [path for path, target in leads.items() if target == address and path in words.text]
        assert f'href="{title.root_url}{short}"' in words.html


def test_links_of_paid_cards_are_marked_as_sponsored(title, letter):
    issue = composing.propose(letter)
    paid = partner_article(title)
    sell(issue, item=paid)
    html = read(issue).html
    (short,) = [path for path, target in linking.leads_of(issue).items() if target == paid.card.full_url]
    assert f'href="{title.root_url}{short}" rel="sponsored' in html


def test_the_letter_says_its_language_its_promise_and_how_to_leave(title, letter):
    words = read(composing.propose(letter))
    assert '<html lang="da"' in words.html
    assert "prefers-color-scheme" in words.html
    assert PROMISE in words.text
    assert words.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert words.headers["list-unsubscribe"].startswith("<http://localhost/mail/stop/")
    assert "<mailto:brev@example.org" in words.headers["list-unsubscribe"]
    assert words.headers["list-id"].endswith(">")
    assert "feedback-id" in words.headers
    assert len(words.html) < checking.HEAVIEST


def test_the_lead_has_its_picture_with_description_and_credit(title, letter):
    article(title, "Med billede", picture=picture())
    words = read(composing.propose(letter))
    assert 'alt="Kyst"' in words.html
    assert 'src="http://localhost/media/' in words.html
    assert "Illustration: prøve" in words.html


def test_the_mail_loads_nothing_from_elsewhere_and_a_template_that_does_is_refused(letter, monkeypatch):
    issue = composing.propose(letter)
    composing.write(issue, subject="X")
    assert codes(issue) == []
    monkeypatch.setitem(rendering.LOOK, "sans", "Roboto,sans-serif")
    assert codes(issue) == []
    monkeypatch.setattr(rendering, "NO_FONTS", None)
    assert codes(issue) == ["loads"]


def test_every_table_of_the_mail_is_layout_and_says_so(title, letter):
    event(title)
    html = read(composing.propose(letter)).html
    assert html.count("<table") == html.count('role="presentation"')


def test_no_link_differs_between_two_readers_but_those_to_leave_and_choose(title, letter, post):
    reader(title, "a@example.org")
    reader(title, "b@example.org")
    issue = ready(letter)
    sending.send(issue)
    bodies = [rendering.read(body).html for _address, body in post.bodies]
    links = [[part.split('"')[0] for part in body.split('href="')[1:]] for body in bodies]
    differing = [a for a, b in zip(*links, strict=True) if a != b]
    assert differing
    assert all("/mail/stop/" in link or "/mail/choices/" in link for link in differing)


def test_the_mail_is_an_output_that_is_checked(title, letter):
    paid = partner_article(title)
    documents = list(printing.documents(paid.card))
    assert len(documents) == 3  # as the lead, as a row, in a sold place
    for document in documents:
        report = inspect(
            "mail", document.body, Shown(paid.title, paid.card.url, paid.card.full_url, paid.card.disclosed)
        )
        assert report.is_shown
        assert report.problems == []


# What an approval binds


def test_an_approval_binds_the_letter_and_any_change_takes_it_away(letter):
    issue = approved(letter)
    assert issue.is_as_approved()
    composing.write(issue, subject="Noget andet")
    issue.refresh_from_db()
    assert issue.state == Issue.State.COMPOSED
    assert not issue.approved_hash
    assert issue.frozen is None


def test_the_same_content_gives_the_same_letter(letter):
    issue = approved(letter)
    assert approving.still_as_approved(issue)


def test_an_article_changed_after_approval_is_not_sent(title, letter):
    piece = article(title, "Første ordlyd")
    issue = approving.schedule(approved(letter), editor())
    piece.title = "Anden ordlyd"
    piece.save()
    with pytest.raises(planning.CannotPlan):
        planning.plan(issue)
    issue.refresh_from_db()
    assert issue.state == Issue.State.COMPOSED
    assert issue.note


def test_another_audience_after_approval_is_another_issue(letter):
    issue = approved(letter)
    letter.kind = "events"
    letter.save()
    issue = Issue.objects.get(pk=issue.pk)
    assert not approving.still_as_approved(issue)


def test_what_was_printed_is_kept(title, letter):
    issue = approved(letter)
    snapshot = issue.items.get().snapshot
    assert snapshot["title"] == "Kabelkøen vokser"
    assert IssueRecord.broken_at() is None


def test_an_issue_late_by_hours_asks_instead_of_going_out(letter):
    issue = approving.schedule(approved(letter), editor())
    Issue.objects.filter(pk=issue.pk).update(send_at=ago(hours=7))
    assert planning.plan_due() == 0
    issue.refresh_from_db()
    assert issue.state == Issue.State.APPROVED
    assert issue.send_at is None
    assert issue.note


def test_an_issue_goes_out_by_the_clock_at_its_moment(title, letter, post):
    reader(title)
    issue = approving.schedule(approved(letter), editor(), later(hours=1))
    sending.send_due()
    assert post.bodies == []
    Issue.objects.filter(pk=issue.pk).update(send_at=timezone.now())
    sending.send_due()
    assert len(post.bodies) == 1


# What was promised


def test_a_third_issue_in_a_week_is_refused_with_the_promise_quoted(letter):
    issue = approved(letter)
    monday = issue.day - timedelta(days=issue.day.weekday())
    gone_out(letter, monday)
    gone_out(letter, monday)
    with pytest.raises(promising.BeyondPromise, match="højst to gange om ugen"):
        approving.schedule(issue, editor())


def test_a_third_issue_is_refused_at_planning_too(title, letter):
    issue = approving.schedule(approved(letter), editor())
    monday = issue.day - timedelta(days=issue.day.weekday())
    gone_out(letter, monday)
    gone_out(letter, monday)
    with pytest.raises((promising.BeyondPromise, planning.CannotPlan)):
        planning.plan(issue)


def test_a_third_issue_goes_out_when_somebody_signs_for_it_and_the_public_sees_it(title, letter, client):
    issue = approved(letter)
    monday = issue.day - timedelta(days=issue.day.weekday())
    gone_out(letter, monday)
    gone_out(letter, monday)
    promising.allow(issue, "promise", "Valgaften.", editor())
    approving.approve(issue, editor())
    approving.schedule(issue, editor())
    planning.plan(issue)
    Issue.objects.filter(pk=issue.pk).update(state="finished")
    (week,) = [w for w in promising.kept_weeks(letter, today=monday) if w.monday == monday]
    assert week.issues == 3
    assert week.is_beyond


def test_an_issue_of_the_week_before_does_not_count(letter):
    issue = approved(letter)
    monday = issue.day - timedelta(days=issue.day.weekday())
    gone_out(letter, monday - timedelta(days=1))
    gone_out(letter, monday - timedelta(days=2))
    assert approving.schedule(issue, editor()).send_at


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-03-27T12:00:00+01:00", "2026-03-31T07:30:00+02:00"),
        ("2026-10-23T12:00:00+02:00", "2026-10-27T07:30:00+01:00"),
        ("2026-11-24T07:29:00+01:00", "2026-11-24T07:30:00+01:00"),
        ("2026-11-24T07:30:00+01:00", "2026-11-26T07:30:00+01:00"),
    ],
)
def test_slots_are_in_local_time_over_both_changes_of_the_clock(letter, now, slot):
    from datetime import datetime

    assert letter.next_slot(datetime.fromisoformat(now)).isoformat() == slot


def test_more_days_than_issues_a_week_are_refused(title):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        newsletter(title, weekdays=[1, 2, 3], most_per_week=2)


# By which rules it is mixed


def test_themes_get_places_in_proportion_to_their_weights(title, letter):
    cars, grid = theme(title, "Elbiler"), theme(title, "Net")
    for n in range(6):
        article(title, f"Bil {n}", themes=[cars], dated=ago(hours=n))
        article(title, f"Net {n}", themes=[grid], dated=ago(hours=n))
    letter.theme_weights, letter.articles = {"elbiler": 3, "net": 1}, 5
    letter.save()
    issue = composing.propose(letter)
    heads = [item.card.title for item in issue.items.filter(section="articles")]
    assert sum(head.startswith("Bil") for head in heads) == 3
    assert "elbiler, 3" in proposing.said_why(issue.items.first())


def test_a_theme_of_weight_nothing_is_never_taken(title, letter):
    article(title, "Bil", themes=[theme(title, "Elbiler")])
    letter.theme_weights = {"elbiler": 0}
    letter.save()
    assert [item.card.title for item in composing.propose(letter).items.all()] == ["Kabelkøen vokser"]


def test_every_item_says_why_it_is_there(title, letter):
    event(title), job(title), house_promotion(title)
    issue = composing.propose(letter)
    sell(issue, position=2, item=partner_article(title))
    composing.place_sold(issue)
    composing.add(issue, article(title, "I hånden").card, by="redaktionen")
    said = {item.card.title: proposing.said_why(item) for item in issue.items.select_related("card")}
    assert said["Kabelkøen vokser"] == "New since the last issue"
    assert said["Flåden på strøm"] == "Sold place 2"
    assert said["I hånden"] == "Added by redaktionen"
    assert all(said.values())


def test_too_much_that_is_paid_for_is_refused_rule_by_rule_until_somebody_signs(title, letter):
    news(title, 3)
    issue = composing.propose(letter)
    composing.write(issue, subject="X")
    composing.add(issue, partner_article(title, "Første sponsortekst").card)
    assert codes(issue) == []
    composing.add(issue, partner_article(title, "Anden sponsortekst").card)
    found = checking.problems(issue, composing.compose(issue))
    assert {p.code for p in found} == {"mixture"}
    said = " ".join(str(p.sentence) for p in found)
    assert "2 of 6" in said and "follow each other" in said and "Ladelauget ApS pays" in said
    promising.allow(issue, "mixture", "Temaudgave.", editor())
    assert codes(issue) == []


def test_what_readers_had_is_refused_and_house_promotions_rest(title, letter):
    house_promotion(title)
    first = approved(letter)
    had = first.items.get(section="articles").card
    Issue.objects.filter(pk=first.pk).update(state="finished", planned_count=0)
    article(title, "Ny")
    issue = composing.propose(letter)
    assert not issue.items.filter(section="promotions").exists()
    composing.add(issue, had)
    composing.write(issue, subject="X")
    assert codes(issue) == [f"again:{had.pk}"]


def test_a_promotion_that_rested_comes_again(title, letter):
    promotion = house_promotion(title)
    first = composing.propose(letter)
    Issue.objects.filter(pk=first.pk).update(
        number=1, state="finished", planned_count=0, approved_hash="x", frozen=b"x", approved_at=ago(days=20)
    )
    for number in range(2, 2 + proposing.REST):
        gone_out(letter, first.day + timedelta(days=number))
    issue = composing.propose(letter)
    assert [i.card.item_id for i in issue.items.filter(section="promotions")] == [promotion.pk]


def test_a_themed_mailing_brings_its_theme_and_by_setting_nothing_another_brought(title, letter):
    cars = theme(title, "Elbiler")
    piece = article(title, "Bil", themes=[cars])
    main = composing.propose(letter)
    themed = newsletter(title, name="Elbiler", kind="themes", theme=cars.slug)
    issue = composing.propose(themed)
    assert [item.card.item_id for item in issue.items.all()] == [piece.pk]
    issue.delete()
    themed.not_twice = "title"
    themed.save()
    assert main.items.filter(card__item=piece).exists()
    assert not composing.propose(themed).items.exists()


def test_below_its_minimum_nothing_goes_out_unless_somebody_signs(title, letter):
    letter.fewest = 3
    letter.save()
    issue = composing.propose(letter)
    composing.write(issue, subject="X")
    assert codes(issue) == ["too-few"]
    with pytest.raises(approving.NotReady, match="fewer than 3"):
        approving.approve(issue, editor())


def test_an_event_may_be_moved_among_the_articles_and_back_but_an_article_not_into_the_agenda(title, letter):
    event(title, "Netdag")
    issue = composing.propose(letter)
    item = issue.items.get(section="events")
    composing.move(item, "articles")
    assert "Netdag" in read(issue).html
    assert checking.said(read(issue).html).count("Netdag") == 1
    composing.move(item, "events")
    with pytest.raises(composing.CannotChange):
        composing.move(issue.items.get(section="articles"), "events")
