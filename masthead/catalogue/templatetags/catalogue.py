"""How cards are printed: whole, so that no title comes without its disclosure, and that first in reading order."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import quote, urlsplit

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy

from masthead.catalogue import linking, shelves
from masthead.catalogue.items import Item
from masthead.catalogue.models import Card
from masthead.publication import typesetting

register = template.Library()

IN_LANGUAGE = {"da": gettext_lazy("In Danish"), "en": gettext_lazy("In English")}
KINDS = {
    "webinar": gettext_lazy("Webinar"),
    "course": gettext_lazy("Course"),
    "conference": gettext_lazy("Conference"),
    "seminar": gettext_lazy("Seminar"),
    "meeting": gettext_lazy("Meeting"),
    "fair": gettext_lazy("Trade fair"),
    "other": gettext_lazy("Event"),
}
MODES = {"on_site": gettext_lazy("On site"), "online": gettext_lazy("Online"), "hybrid": gettext_lazy("On site and online")}
EMPLOYMENTS = {
    "FULL_TIME": gettext_lazy("Full time"),
    "PART_TIME": gettext_lazy("Part time"),
    "CONTRACTOR": gettext_lazy("Contract"),
    "TEMPORARY": gettext_lazy("Temporary"),
    "INTERN": gettext_lazy("Internship"),
}
MANY = {"article": gettext_lazy("Articles"), "event": gettext_lazy("Events"), "job": gettext_lazy("Jobs")}
ITEMS = {
    "article": gettext_lazy("Article"),
    "event": gettext_lazy("Event"),
    "job": gettext_lazy("Job"),
    "promotion": gettext_lazy("From ourselves"),
}
PLACES = ("lead", "tall", "row", "strip", "margin", "hit", "agenda", "vacancy")


# Cards


@register.simple_tag(name="card")
def print_card(card: Card, place: str, level: int = 3, first: bool = False) -> SafeString:
    """Print a card for a place of a page, with a headline of `level`; label and payer stand before it."""
    if place not in PLACES:
        raise template.TemplateSyntaxError(f"A card can be printed as {', '.join(PLACES)}, not as “{place}”.")
    context = {"card": card, "level": f"h{level}", "first": first, "tone": tone(card)}
    if place == "agenda":
        context["meetings"] = coming(card)
    return mark_safe(template.loader.render_to_string(f"catalogue/cards/{place}.html", context).strip())  # a template's


@register.inclusion_tag("catalogue/label.html")
def label(shown: Card | Item) -> dict:
    """Print label and payer of a card or an item, in the language of the title; nothing where nobody paid."""
    filed = shown if isinstance(shown, Card) else shown.card
    own = get_language() if isinstance(shown, Item) and shown.spoken_language != get_language() else ""
    return {"disclosed": shown.disclosed, "now": filed.payer_now if filed else "", "own": own}


@register.filter
def tone(shown: Card | Item) -> str:
    """The class that colours what is not editorial: amber means paid and nothing else."""
    disclosed = shown.disclosed
    return "paid" if disclosed.is_paid else "house" if disclosed else ""


@register.filter
def spoken(shown: Card | Item) -> SafeString:
    """A `lang` attribute where something is in another language than the page's own words."""
    language = shown.language if isinstance(shown, Card) else shown.spoken_language
    return format_html(' lang="{}"', language) if language != get_language() else mark_safe("")


@register.simple_tag(takes_context=True)
def own_language(context) -> SafeString:
    """The `lang` attribute of the title's own words on a page whose text is in another language."""
    page = context.get("page")
    foreign = isinstance(page, Item) and page.spoken_language != get_language()
    return format_html(' lang="{}"', get_language()) if foreign else mark_safe("")


@register.filter
def list_url(card: Card) -> str:
    """Path of the list a card's item stands in."""
    return card.url.rstrip("/").rpartition("/")[0] + "/"


@register.filter
def rel(shown: Card | Item) -> SafeString:
    """The `rel` of a link out of something paid (rule D13)."""
    return mark_safe(f' rel="{linking.SPONSORED}"' if shown.disclosed.is_paid else "")  # a constant


# Texts and links


@register.simple_tag(takes_context=True)
def text(context, value) -> SafeString:
    """Print rich text of an item: its links checked, its quotation marks and numbers as the language has them."""
    item = context["page"]
    source = getattr(value, "source", str(value))
    targets = context.get("targets")
    if targets is None:
        targets = linking.targets_of([source])
    host = urlsplit(item.title_of_house.root_url).netloc
    return linking.printed(source, targets, item.disclosed, item.spoken_language, host)


@register.simple_tag(takes_context=True)
def target_of(context, page) -> Card | None:
    """The card a read-also leads to, or None where its target is not on show."""
    targets = context.get("targets")
    return targets.cards.get(page.pk) if page and targets else None


@register.simple_tag
def byline(item: Item) -> SafeString:
    """Print who signed, in the printed form where there is one ("– KLZ"), each linked to their page."""
    people = list(item.people.all())
    printed = item.byline.strip()
    if not printed:
        links = format_html_join(", ", '<a href="{}">{}</a>', ((person.url, person.name) for person in people))
        return format_html("– {}", links) if people else mark_safe("")
    if printed[0] not in "–—-":
        printed = f"– {printed}"
    return _linked(printed.replace("- ", "– ", 1) if printed.startswith("- ") else printed, people)


@register.simple_tag
def share_links(item: Item) -> dict:
    """Plain links to pass an item on. What is paid says so first, there too (rule D10)."""
    subject = item.disclosed.before(item.title)
    address = item.full_url
    return {
        "address": address,
        "mail": f"mailto:?subject={quote(subject)}&body={quote(address)}",
        "linkedin": f"https://www.linkedin.com/sharing/share-offsite/?url={quote(address, safe='')}",
    }


# Events and jobs


@dataclass(frozen=True)
class Meeting:
    """One session as it is printed."""

    starts: datetime
    ends: datetime | None
    first: date
    last: date
    announced: bool

    @property
    def days(self) -> str:
        return typesetting.days(self.first, self.last)

    @property
    def short_days(self) -> str:
        return typesetting.short_days(self.first, self.last)

    @property
    def several_days(self) -> bool:
        return self.first != self.last

    @property
    def hours(self) -> str:
        return typesetting.hours(self.starts, self.ends) if self.announced else ""

    @property
    def at_hours(self) -> str:
        """The hours of one day; of several days only when the first begins, "at 9.00"."""
        return typesetting.at(self.starts) if self.several_days else self.hours

    @property
    def is_over(self) -> bool:
        over = self.ends or datetime.combine(self.last + timedelta(days=1), time(0), self.starts.tzinfo)
        return over <= timezone.now()


@register.filter
def coming(card: Card) -> list[Meeting]:
    """The sessions of an event that are not over, soonest first; all of them once the last is."""
    meetings = [_meeting(row) for row in card.facts.get("meetings", [])]
    return [m for m in meetings if not m.is_over] or meetings


@register.filter
def as_meetings(rows: list[dict]) -> list[Meeting]:
    """The sessions of an event's own page."""
    return [Meeting(row["starts"], row["ends"], row["date"], row["end_date"], row["announced"]) for row in rows]


@register.filter
def event_kind(value: str) -> str:
    return KINDS.get(value, KINDS["other"])


@register.filter
def mode_word(value: str) -> str:
    return MODES.get(value, "")


@register.filter
def employment_word(value: str) -> str:
    return EMPLOYMENTS.get(value, "")


@register.filter
def in_language(shown: Card | Item) -> str:
    """“In English” where something is in another language than its title; else nothing."""
    language = shown.language if isinstance(shown, Card) else shown.spoken_language
    return str(IN_LANGUAGE.get(language, language)) if language != get_language() else ""


@register.filter
def moment(card: Card) -> datetime:
    """The date a list of several kinds prints: when an event begins, when all else was published."""
    return card.starts or card.counts_from


@register.filter
def kind_word(card: Card) -> str:
    """What something is, in a list of several kinds."""
    return KINDS[card.facts.get("kind", "other")] if card.kind == "event" else ITEMS[card.kind]


@register.filter
def kinds_word(kind: str) -> str:
    """What several of a kind are called."""
    return MANY[kind]


@register.filter
def as_day(value: str | None) -> date | None:
    """A date kept in a card's facts."""
    return date.fromisoformat(value) if value else None


# What a title follows


@register.inclusion_tag("catalogue/theme_row.html", takes_context=True)
def theme_row(context, title) -> dict:
    """Print the row of themes that hold something, with those of this page marked."""
    here, page = context.get("theme"), context.get("page")
    marked = {here.pk} if here else {t.pk for t in page.themes.all()} if isinstance(page, Item) else set()
    themes = shelves.themes(title) if title else []
    return {"themes": themes, "here": here, "marked": marked, "all_here": "all_themes" in context, "own": context["own"]}


def _linked(printed: str, people) -> SafeString:
    said = escape(printed)
    for person in people:
        for words in filter(None, (person.initials, person.name)):
            marked, found = _mark_word(said, escape(words), person.url)
            if found:
                said = marked
                break
    return mark_safe(said)  # escaped above, links made here


def _mark_word(said: str, words: str, url: str) -> tuple[str, bool]:
    start = said.find(words)
    while start >= 0:
        end = start + len(words)
        alone = not (said[start - 1 : start].isalnum() or said[end : end + 1].isalnum())
        if alone and said.count("<a", 0, start) == said.count("</a>", 0, start):
            return f'{said[:start]}<a href="{escape(url)}">{words}</a>{said[end:]}', True
        start = said.find(words, end)
    return said, False


def _meeting(row: dict) -> Meeting:
    zone = timezone.get_current_timezone()
    starts = datetime.fromisoformat(row["starts"]).astimezone(zone)
    ends = datetime.fromisoformat(row["ends"]).astimezone(zone) if row["ends"] else None
    return Meeting(starts, ends, date.fromisoformat(row["date"]), date.fromisoformat(row["end_date"]), row["announced"])
