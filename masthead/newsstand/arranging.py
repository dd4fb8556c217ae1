"""Arranging: which shelves a front page, a list and a theme page take, and in which order."""

from dataclasses import dataclass
from urllib.parse import urlencode

from masthead.catalogue import mixing, shelves
from masthead.catalogue.models import Card, CardKind, Counted, Organisation, Person, Theme
from masthead.newsstand import filtering
from masthead.partners import placing
from masthead.partners.models import Place
from masthead.press.ingredients import note_query
from masthead.press.standing import Once
from masthead.publication.models import Publication

SPINE, TRIO, AGENDA, JOBS = 7, 3, 4, 4  # rows of the front page
LEADS = 4  # the newest articles among which the lead is chosen
POOL = 8  # partner articles and promotions the stream may choose among
SHEET = 20  # rows on one page of a list
MOST = 1_000  # cards of a list that are counted, and that its numbered pages lead to
HELD = {"articles": CardKind.ARTICLE, "partner": "", "events": CardKind.EVENT, "jobs": CardKind.JOB, "house": ""}


@dataclass(frozen=True)
class PageLink:
    """A number below a list; without an address it is a gap."""

    number: int
    url: str = ""
    is_here: bool = False


@dataclass(frozen=True)
class Sheet:
    """One page of a list: its cards, and the numbers of the others."""

    cards: list[Card]
    number: int
    last: int
    count: Counted
    links: list[PageLink]

    @property
    def is_end_of_numbers(self) -> bool:
        """Whether cards follow to which no number leads: the reader is told how to find them."""
        return self.count.is_more and self.number == self.last

    @property
    def earlier(self) -> PageLink | None:
        return next((link for link in self.links if link.number == self.number - 1), None)

    @property
    def later(self) -> PageLink | None:
        return next((link for link in self.links if link.number == self.number + 1), None)


def front(title: Publication) -> dict:
    """Return what the front page shows: what is booked in its place, the rest mixed by the rules."""
    booked = placing.placed(title, Place.FRONT)
    stream = front_stream(title, booked)
    cards = [row.item for row in stream]
    trio = cards[1 + SPINE :]
    return {
        "title": title,
        "lead": cards[0] if cards else None,
        "spine": cards[1 : 1 + SPINE],
        "trio": [*trio[: TRIO - len(booked[:1])], *booked[:1]],
        "booked": booked[1:],
        "events": Once(lambda: shelves.agenda(title).take(AGENDA, also=())),
        "events_count": Once(lambda: shelves.agenda(title).count(MOST)),
        "jobs": Once(lambda: shelves.vacancies(title).take(JOBS, also=())),
        "jobs_count": Once(lambda: shelves.vacancies(title).count(MOST)),
    }


def front_stream(title: Publication, booked: list[Card]) -> list[mixing.Row[Card]]:
    """Return the rows of the front page with their reasons; a payer who has booked a place is not mixed in as well."""
    rows = 1 + SPINE + TRIO - len(booked[:1])
    payers = {card.payer_name for card in booked}
    news = _pictured_first(shelves.latest(title).take(rows))
    paid = [card for card in shelves.partner_content(title).without(booked).take(POOL) if card.payer_name not in payers]
    house = shelves.promotions(title).without(booked).take(POOL)
    return mixing.mix(news, paid, house, rows, lambda card: card.payer_name)


def _pictured_first(news: list[Card]) -> list[Card]:
    """The newest of the first few that has a picture leads; without one the newest does."""
    lead = next((card for card in news[:LEADS] if card.picture), None)
    return news if lead is None else [lead, *(card for card in news if card is not lead)]


def list_of(holds: str, title: Publication, query) -> dict:
    """Return what a list page shows."""
    if holds == "events":
        return agenda(title, query)
    shelf = {
        "articles": lambda: shelves.latest(title),
        "partner": lambda: shelves.partner_content(title),
        "jobs": lambda: shelves.vacancies(title),
        "house": lambda: shelves.promotions(title),
    }[holds]()
    return {"title": title, "sheet": sheet(shelf, query)}


def agenda(title: Publication, query) -> dict:
    """Return the agenda as the reader filtered it, with the ways to filter it further."""
    chosen = filtering.Chosen.of(title, query)
    shelf = shelves.agenda(title, **chosen.for_shelf())
    return {
        "title": title,
        "chosen": chosen,
        "filters": filtering.offered(title, chosen),
        "sheet": sheet(shelf, query, chosen.as_query()),
    }


def theme(theme: Theme, query) -> dict:
    """Return what a theme page shows: its articles, partner content mixed in by the rules, its events and jobs."""
    title = theme.publication
    news, partners = shelves.news_of(theme), shelves.partner_content_of(theme)
    page = sheet(news, query)
    paid = partners.take(SHEET) if page.number == 1 else []
    rows = mixing.mix(page.cards, paid, [], SHEET + len(paid), lambda card: card.payer_name)
    mixed = [row.item for row in rows]
    return {
        "title": title,
        "theme": theme,
        "sheet": page,
        "pieces": mixed,
        "from_partners": [card for card in paid if card not in mixed],
        "partners_count": partners.count(MOST),
        "events": shelves.agenda(title, theme=theme).take(AGENDA, also=()),
        "jobs": shelves.jobs_of(theme).take(JOBS, also=()),
    }


def organisation(title: Publication, organisation: Organisation, query) -> dict:
    shelf = shelves.by_organisation(title, organisation)
    return {"title": title, "organisation": organisation, "sheet": sheet(shelf, query)}


def person(title: Publication, person: Person, query) -> dict:
    return {"title": title, "person": person, "sheet": sheet(shelves.by_person(title, person), query)}


def by_letter(things: list[Organisation]) -> list[tuple[str, list[Organisation]]]:
    """Return names under their first letters, in the order of the alphabet; what begins with no letter under "#"."""
    groups: dict[str, list[Organisation]] = {}
    for thing in sorted(things, key=lambda thing: _alphabetical(thing.name)):
        first = thing.name[:1].upper()
        groups.setdefault(first if first.isalpha() else "#", []).append(thing)
    return list(groups.items())


def sheet(shelf: shelves.Shelf, query, keep: dict | None = None) -> Sheet:
    """Return the page of a list that `query` asks for; a number outside the list gives the nearest there is.

    Numbers lead to the first MOST cards, so that no page costs more than they do.
    """
    count = shelf.count(MOST)
    last = max(1, -(-count // SHEET))
    number = min(max(1, _number(query.get("page"))), last)
    cards = shelf.take(SHEET, (number - 1) * SHEET)
    asked = {**(keep or {}), "page": number if number > 1 else ""}
    if cards or not keep:  # else it is an address anybody may make up
        note_query({name: value for name, value in asked.items() if value})
    return Sheet(cards, number, last, count, _links(number, last, keep or {}))


def _links(number: int, last: int, keep: dict) -> list[PageLink]:
    if last == 1:
        return []
    shown = sorted({1, last, *range(max(1, number - 2), min(last, number + 2) + 1)})
    links: list[PageLink] = []
    for n in shown:
        if links and n - links[-1].number > 1:
            links.append(PageLink(0))
        links.append(PageLink(n, address({**keep, "page": n} if n > 1 else keep), n == number))
    return links


def address(query: dict) -> str:
    """Return a query as an address relative to the page one is on."""
    said = {key: value for key, value in query.items() if value}
    return f"?{urlencode(said)}" if said else "?"


def _alphabetical(name: str) -> str:
    # Æ, Ø and Å stand last in the Nordic alphabets; Unicode has Å before Æ.
    return name.lower().translate(str.maketrans("æøå", "{|}"))


def _number(words: str | None) -> int:
    return int(words) if words and words.isascii() and words.isdigit() and len(words) < 7 else 1
