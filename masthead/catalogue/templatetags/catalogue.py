"""How cards are printed: whole, so that no title comes without its disclosure, and that first in reading order."""

from datetime import date, datetime
from urllib.parse import quote, urlsplit

from django import template
from django.utils.formats import number_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from masthead.catalogue import counting, linking
from masthead.catalogue.items import Item
from masthead.catalogue.models import Card
from masthead.catalogue.timing import as_meetings, coming, when  # noqa: F401  letters read `coming` from here
from masthead.catalogue.wording import IN_LANGUAGE, ITEMS, KINDS, employment_word, event_kind, kinds_word, mode_word
from masthead.press.ingredients import note
from masthead.press.standing import standing

register = template.Library()

PLACES = ("lead", "tall", "row", "strip", "margin", "brief", "hit", "agenda", "vacancy")


# Cards


@register.simple_tag(name="card")
def print_card(card: Card, place: str, level: int = 3, first: bool = False) -> SafeString:
    """Print a card for a place of a page, with a headline of `level`; label and payer stand before it."""
    if place not in PLACES:
        raise template.TemplateSyntaxError(f"A card can be printed as {', '.join(PLACES)}, not as “{place}”.")
    names = [f"card:{card.pk}", f"publication:{card.publication_id}"]
    names += [f"picture:{card.picture_id}"] if card.picture_id else []
    names += [f"organisation:{card.payer_id}"] if card.payer_id else []
    return standing(("card", card.pk, place, level, first), lambda: _set_card(card, place, level, first), *names)


def _set_card(card: Card, place: str, level: int, first: bool) -> SafeString:
    note(f"card:{card.pk}", card.valid_until)
    context = {"card": card, "level": f"h{level}", "first": first, "tone": tone(card), "place": place}
    if place == "agenda":
        context["when"] = when(card)
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
def counted(n: int) -> str:
    """A number as it is printed: “4,382”, and “1,000+” where there are more than were counted."""
    return number_format(n, force_grouping=True) + ("+" if getattr(n, "is_more", False) else "")


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
    targets = _looked_up(context)
    if targets is None:
        targets = linking.targets_of(item.title_of_house, [source])
    host = urlsplit(item.title_of_house.root_url).netloc
    return linking.printed(source, targets, item.disclosed, item.spoken_language, host)


def _looked_up(context) -> linking.Targets | None:
    """What the links of the page's texts lead to, looked up for all of them at once; None on a page without."""
    targets = context.get("targets")
    return targets() if callable(targets) else targets


@register.simple_tag(takes_context=True)
def target_of(context, page) -> Card | None:
    """The card a read-also leads to, or None where its target is not on show."""
    targets = _looked_up(context)
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


register.filter("event_kind", event_kind)
register.filter("mode_word", mode_word)
register.filter("employment_word", employment_word)
register.filter("kinds_word", kinds_word)
register.filter("as_meetings", as_meetings)


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
def pictured(cards: list[Card], n: int) -> bool:
    """Whether the first `n` cards all have a picture, and so may stand beside each other as pictures."""
    return len(cards) >= n and all(card.picture for card in cards[:n])


@register.filter
def as_day(value: str | None) -> date | None:
    """A date kept in a card's facts."""
    return date.fromisoformat(value) if value else None


# What a title follows


@register.inclusion_tag("catalogue/theme_row.html", takes_context=True)
def theme_row(context, title) -> dict:
    """Print the row of themes that hold something, with those of this page marked."""
    here, page = context.get("theme"), context.get("page")
    marked = {here.pk} if here else _filed_under(page) if isinstance(page, Item) else set()
    themes = standing(("themes held", title.pk), lambda: counting.held_themes(title)) if title else []
    return {
        "themes": themes,
        "here": here,
        "marked": marked,
        "all_here": "all_themes" in context,
        "own": context["own"],
    }


def _filed_under(item: Item) -> set[int]:
    if item.pk is None or item.has_unpublished_changes:  # perhaps a draft in a preview
        return {theme.pk for theme in item.filed_under}
    return standing(("themes of", item.pk), lambda: {theme.pk for theme in item.filed_under}, f"item:{item.pk}")


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
