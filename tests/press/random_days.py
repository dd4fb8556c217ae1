"""Random days of a title: whatever an editor, a seller and the clock may do, one step after the other.

After each step every page that is kept, set from parts that stand, is rendered anew from nothing and compared byte for
byte. The same seed makes the same days.
"""

import random
from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from wagtail.models import Page, PageViewRestriction

from masthead.catalogue import publishing
from masthead.catalogue.items import Item
from masthead.catalogue.models import Card, Organisation, Person, Story, Theme
from masthead.newsletters.founding import found_newsletter
from masthead.newsletters.models import Issue, IssueItem, Newsletter, Section
from masthead.partners import booking
from masthead.partners.models import Agreement, Booking
from masthead.press import standing
from masthead.press.addressing import Asked
from masthead.press.printing import print_page
from masthead.press.serving import background
from masthead.publication.models import LegalPage, Publication
from tests import newsroom

FIXED = ["/", "/artikler/", "/artikler/?page=2", "/annonce/", "/events/", "/job/", "/fra-os/", "/robots.txt"]
FIXED += ["/sitemap.xml", "/sitemap-news.xml", "/sitemap-places.xml", "/calendar/events.ics"]
FIXED += [f"/feeds/{kind}.{form}" for kind in ("articles", "events", "jobs", "partner") for form in ("rss", "json")]
FIXED += ["/events/?mode=online", "/events/?kind=webinar", "/calendar/events.ics?mode=online"]
# What of an answer's head is the moment's and not the page's.
OF_THE_MOMENT = {"Cache-Control", "Last-Modified"}
WORDS = ["kabel", "havn", "net", "sol", "vind", "brint", "lager", "tarif", "varme", "kobber", "tavle", "sensor", "puls"]


class Days:
    """`step()` does one thing; `differences()` says which kept pages are no longer what they would be."""

    def __init__(self, shop, seed: int):
        self.shop, self.random = shop, random.Random(seed)
        self.title = shop.title
        self.done: list[str] = []
        self.compared = 0
        shop.now = shop.now.replace(microsecond=0)
        with shop.committing():
            self._set_up()

    def step(self) -> None:
        """Do one of the things below, committed; one that the rules refuse leaves nothing."""
        name, do = self.random.choices(self._things(), [weight for _name, _do, weight in THINGS])[0]
        self.done.append(name)
        with self.shop.committing():
            try:
                with transaction.atomic():
                    do()
            except (ValidationError, IntegrityError, booking.PlaceTaken) as refused:
                self.done[-1] += f" (refused: {type(refused).__name__})"
        self.shop.vouch()

    def read(self, most: int = 12) -> None:
        """Let readers ask for some addresses, so that they are printed."""
        addresses = self.addresses()
        for address in self.random.sample(addresses, min(most, len(addresses))):
            self.shop.ask(address)

    def differences(self) -> list[str]:
        """Return every kept page that is not what it would be if rendered now."""
        keys = self.shop.store.keys()
        return [line for key in keys if (line := self._difference(key))]

    def addresses(self) -> list[str]:
        shown = Card.objects.complete().filter(item__isnull=False, publication=self.title)
        for card in shown:
            card.publication = self.title  # else each asks for it
        found = FIXED + newsroom.item_maps(self.title) + [card.url for card in shown]
        with translation.override(self.title.language):
            things = [*Theme.objects.all(), *Organisation.objects.all(), *Person.objects.all()]
            found += [thing.url for thing in things]
            found += [f"/feeds/theme/{theme.slug}.rss" for theme in Theme.objects.all()]
            found += [f"/calendar/theme/{theme.slug}.ics" for theme in Theme.objects.all()]
            found += [issue.url for issue in Issue.objects.gone_out()]
            found += ["/temaer/", "/organisationer/", "/nyhedsbrev/", "/nyhedsbrev/loefte/"]
        return found

    def _difference(self, key: str) -> str | None:
        host, path, query = key.partition("/")[0], "/" + key.partition("/")[2].partition("?")[0], key.partition("?")[2]
        now = self.shop.now.timestamp()
        sent = self.shop.store.load(host, path, query, "identity")
        if sent is None or not sent.is_right(now):
            return None  # nobody would be sent it
        self.compared += 1
        asked, nobodys = Asked(self.shop.host, path, query), background(self.shop.host, self.shop.press.rules)
        with standing.nothing_stands():
            fresh = print_page(self.shop.django, None, nobodys, asked, lambda: now)
        if fresh.body == sent.bodies["identity"] and fresh.status.startswith("200") and self._heads_agree(fresh, sent):
            return None
        return f"{path}?{query} after {self.done[-1]} ({len(self.done)}): {_first_difference(sent, fresh)}"

    def _heads_agree(self, fresh, sent) -> bool:
        one, other = dict(fresh.page.headers) if fresh.page else {}, dict(sent.headers)
        return all(one.get(n) == other.get(n) for n in {*one, *other} - OF_THE_MOMENT)

    # What there is to begin with

    def _set_up(self) -> None:
        title = self.title
        for name in ("Sol", "Vind", "Net", "Brint"):
            newsroom.theme(title, name)
        for name in ("Ladelauget", "Standardlauget", "Havnen", "Værket"):
            newsroom.organisation(name)
        for name in ("Nyhedsbordet", "Redaktionen"):
            Person.objects.create(name=name, initials=name[:2].upper())
        Story.objects.create(publication=title, name="Kabelsagen")
        self.newsletter = found_newsletter(title, "Nyt", promise="Tirsdag", weekdays=[2])
        self.picture = newsroom.picture()
        self.agreement = newsroom.agreement(title, Organisation.objects.first())
        for _n in range(14):
            self._publish_article()
        for do in (self._publish_partner, self._publish_event, self._publish_job, self._publish_promotion) * 2:
            do()

    # The things that may happen

    def _things(self) -> list[tuple[str, Callable]]:
        return [(name, getattr(self, do)) for name, do, _weight in THINGS]

    def _some(self, queryset, most: int = 2) -> list:
        rows = list(queryset.order_by("pk"))
        return self.random.sample(rows, min(len(rows), self.random.randint(0, most)))

    def _one(self, queryset):
        rows = list(queryset.order_by("pk"))
        return self.random.choice(rows) if rows else None

    def _headline(self) -> str:
        return " ".join(self.random.sample(WORDS, 3)).capitalize()

    def _item(self, **narrow) -> Item | None:
        found = self._one(Page.objects.filter(card__isnull=False, **narrow))
        return found.specific if found else None

    def _filed(self) -> dict:
        return {
            "themes": self._some(Theme.objects.all()),
            "organisations": self._some(Organisation.objects.all()),
            "people": self._some(Person.objects.all(), 1),
        }

    def _more(self) -> dict:
        expires = self.random.random() < 0.15
        return {
            "standfirst": self._headline(),
            "picture": self.random.choice([None, self.picture]),
            "expire_at": self.shop.now + timedelta(minutes=self.random.randint(1, 2000)) if expires else None,
            "first_published_at": self.shop.now,
            "last_published_at": self.shop.now,
        }

    def _publish_article(self) -> None:
        linked = self._item()
        body = [("paragraph", f"<p>{self._headline()}.</p>")]
        if linked and self.random.random() < 0.5:
            body.append(("paragraph", f'<p>Se <a linktype="page" id="{linked.pk}">det</a>.</p>'))
        elif linked:
            body.append(
                (
                    "paragraph",
                    f'<p>Se <a href="{self.title.root_url}/artikler/{self.random.choice(WORDS)}/">det</a></p>',
                )
            )
        if linked and linked.live and self.random.random() < 0.3:
            body.append(("read_also", {"page": linked}))
        story = self._one(Story.objects.all()) if self.random.random() < 0.3 else None
        newsroom.article(self.title, self._headline(), body=body, story=story, **self._filed(), **self._more())

    def _publish_at_a_linked_path(self) -> None:
        newsroom.article(self.title, self._headline(), slug=self.random.choice(WORDS), **self._more())

    def _publish_partner(self) -> None:
        payer = self._one(Organisation.objects.all())
        newsroom.partner_article(self.title, self._headline(), payer=payer, **self._filed(), **self._more())

    def _publish_event(self) -> None:
        day, sessions = self.shop.now.date(), []
        for n in range(self.random.randint(1, 3)):
            at = str(day + timedelta(days=n + self.random.randint(0, 30)))
            start = self.random.choice(["", "08:00", "09:00", "13:30"])
            sessions.append({"date": at, "start": start or None, "end_date": None, "end": "16:00" if start else None})
        more = {"kind": self.random.choice(["webinar", "course"]), "mode": self.random.choice(["online", "on_site"])}
        themes = self._some(Theme.objects.all())
        newsroom.event(self.title, self._headline(), sessions=sessions, place="Bølgeby", themes=themes, **more)

    def _publish_job(self) -> None:
        days = self.random.randint(-1, 20)
        last = self.shop.now.date() + timedelta(days=days)
        newsroom.job(
            self.title, self._headline(), last_day=last, themes=self._some(Theme.objects.all()), **self._more()
        )

    def _publish_promotion(self) -> None:
        newsroom.house_promotion(self.title, self._headline(), **self._more())

    def _update(self) -> None:
        item = self._item(live=True)
        if item:
            item.title = self._headline()
            for name, value in self._filed().items():
                setattr(item, name, value)
            item.last_published_at = self.shop.now
            item.save()

    def _correct(self) -> None:
        item = self._item(live=True)
        if item:
            item.corrections = [("correction", {"at": self.shop.now, "text": self._headline()})]
            item.save()

    def _draft(self) -> None:
        item = self._item()
        if item:
            item.title = self._headline()
            item.save_revision(clean=False)

    def _publish_draft(self) -> None:
        item = self._item(has_unpublished_changes=True)
        if item and item.latest_revision:
            item.latest_revision.publish()

    def _schedule(self) -> None:
        item = self._item()
        if item:
            item.title, item.go_live_at = (
                self._headline(),
                self.shop.now + timedelta(minutes=self.random.randint(1, 600)),
            )
            item.save_revision(clean=False, approved_go_live_at=item.go_live_at)

    def _unpublish(self) -> None:
        item = self._item(live=True)
        if item:
            item.unpublish()

    def _delete(self) -> None:
        item = self._item()
        if item:
            item.delete()

    def _expire(self) -> None:
        item = self._item(live=True)
        if item:
            item.expire_at = self.shop.now + timedelta(minutes=self.random.randint(1, 300))
            item.save()

    def _move(self) -> None:
        item = self._item()
        holds = self.random.choice(["articles", "partner", "house"])
        if item and item.get_parent().specific.holds != holds:
            item.move(newsroom.list_page(self.title, holds), pos="last-child")

    def _rename_address(self) -> None:
        item = self._item()
        if item:
            item.slug = f"{self.random.choice(WORDS)}-{self.random.randint(1, 99)}"
            item.save()

    def _rename_list(self) -> None:
        listed = newsroom.list_page(self.title, self.random.choice(["articles", "events", "jobs"]))
        listed.title = self._headline()
        listed.save()

    def _move_list(self) -> None:
        listed = newsroom.list_page(self.title, "house")
        listed.slug = "fra-os" if listed.slug != "fra-os" else "vores-eget"
        listed.save()

    def _reorder_lists(self) -> None:
        lists = list(self.title.site.root_page.get_children())
        self.random.choice(lists).move(lists[0], pos="left") if lists else None

    def _settings(self) -> None:
        title = Publication.objects.get(pk=self.title.pk)
        title.tagline, title.accent = self._headline(), f"#{self.random.randint(0, 0x777777):06x}"
        title.save()

    def _legal(self) -> None:
        page = LegalPage.objects.first()
        page.title, page.body = self._headline(), f"<p>{self._headline()}</p>"
        page.save()

    def _theme(self) -> None:
        theme = self._one(Theme.objects.all())
        if theme and self.random.random() < 0.3 and Theme.objects.count() > 2:
            theme.delete()
        elif theme and self.random.random() < 0.7:
            theme.name, theme.position = self._headline(), self.random.randint(1, 200)
            theme.save()
        else:
            Theme.objects.create(publication=self.title, name=self._headline())

    def _organisation(self) -> None:
        found = self._one(Organisation.objects.all())
        if found and self.random.random() < 0.15 and not found.agreements.exists():
            found.delete()
        elif found:
            found.name, found.about = self._headline(), self._headline()
            found.save()

    def _new_organisation(self) -> None:
        Organisation.objects.create(name=self._headline())

    def _person(self) -> None:
        found = self._one(Person.objects.all())
        if found:
            found.name = self._headline()
            found.save()

    def _story(self) -> None:
        found = self._one(Story.objects.all())
        if found:
            found.name = self._headline()
            found.save()

    def _picture(self) -> None:
        self.picture.credit, self.picture.description = self._headline(), self._headline()
        self.picture.save()

    def _book(self) -> None:
        unit = self.shop.now.date() + timedelta(days=7 * self.random.randint(0, 1))
        paid = self._one(Page.objects.filter(card__isnull=False, card__kind="article"))
        agreement = Agreement.objects.get(pk=self.agreement.pk)
        booking.book(agreement, self.random.choice(["front", "article"]), unit, 1, self.random.choice([paid, None]))

    def _fill(self) -> None:
        booked = self._one(Booking.objects.standing())
        paid = self._item()
        if booked and paid:
            booking.fill(booked, paid.page_ptr)

    def _cancel(self) -> None:
        booked = self._one(Booking.objects.standing())
        if booked:
            booking.cancel(booked)

    def _newsletter(self) -> None:
        letter = Newsletter.objects.get(pk=self.newsletter.pk)
        letter.promise = self._headline()
        letter.save()

    def _issue(self) -> None:
        number = (Issue.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
        issue = Issue.objects.create(newsletter=self.newsletter, number=number, day=self.shop.now.date())
        for place, card in enumerate(self._some(Card.objects.filter(item__isnull=False), 4)):
            IssueItem.objects.create(issue=issue, card=card, section=Section.ARTICLES, position=place)
        whole = {"frozen": b"x", "approved_hash": "x", "approved_at": self.shop.now, "planned_count": 0}
        issue.move("draft", to="sending", subject=self._headline(), **whole)

    def _finish_issue(self) -> None:
        issue = self._one(Issue.objects.filter(state="sending"))
        if issue:
            issue.move("sending", to="finished")

    def _close(self) -> None:
        found = PageViewRestriction.objects.first()
        if found:
            found.delete()
        else:
            item = self._one(Page.objects.filter(live=True, card__kind="article"))
            if item:
                PageViewRestriction.objects.create(page=item, restriction_type="login")

    def _minutes(self) -> None:
        self.shop.now += timedelta(minutes=self.random.randint(1, 90), seconds=self.random.randint(0, 59))

    def _day(self) -> None:
        self.shop.now += timedelta(hours=self.random.randint(6, 40))

    def _clock(self) -> None:
        publishing.publish_due()
        publishing.expire_due()


THINGS = [
    ("publish an article", "_publish_article", 8),
    ("publish at an address that is linked to", "_publish_at_a_linked_path", 2),
    ("publish partner content", "_publish_partner", 3),
    ("publish an event", "_publish_event", 3),
    ("publish a job", "_publish_job", 3),
    ("publish a promotion", "_publish_promotion", 1),
    ("update", "_update", 9),
    ("correct", "_correct", 2),
    ("save a draft", "_draft", 4),
    ("publish a draft", "_publish_draft", 4),
    ("schedule", "_schedule", 2),
    ("unpublish", "_unpublish", 5),
    ("delete", "_delete", 4),
    ("let expire", "_expire", 3),
    ("move", "_move", 3),
    ("rename an address", "_rename_address", 3),
    ("rename a list", "_rename_list", 1),
    ("move a list", "_move_list", 1),
    ("reorder lists", "_reorder_lists", 1),
    ("settings", "_settings", 1),
    ("a page about the title", "_legal", 1),
    ("a theme", "_theme", 2),
    ("an organisation", "_organisation", 3),
    ("a new organisation", "_new_organisation", 1),
    ("a person", "_person", 2),
    ("a story", "_story", 1),
    ("a picture", "_picture", 1),
    ("book", "_book", 3),
    ("fill a place", "_fill", 2),
    ("cancel a place", "_cancel", 2),
    ("a newsletter", "_newsletter", 1),
    ("an issue", "_issue", 2),
    ("finish an issue", "_finish_issue", 1),
    ("close or open a page", "_close", 1),
    ("minutes pass", "_minutes", 8),
    ("a day passes", "_day", 2),
    ("the clock", "_clock", 4),
]


def _first_difference(sent, fresh) -> str:
    if not fresh.status.startswith("200"):
        return f"would now be {fresh.status}"
    one, other = sent.bodies["identity"].decode(), fresh.body.decode()
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"kept …{one[max(0, place - 60) : place + 60]}… would be …{other[max(0, place - 60) : place + 60]}…"
