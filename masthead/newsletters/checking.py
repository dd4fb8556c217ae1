"""Checking: what keeps an issue from being approved, said in sentences. Looks at the letter that would be sent."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from lxml import html as lxml_html

from masthead.catalogue import mixing
from masthead.catalogue.inspecting import inspect
from masthead.catalogue.models import Card, CardKind
from masthead.catalogue.telling import Shown, plain
from masthead.mail.letters import FrozenLetter
from masthead.newsletters import clientsupport, probing
from masthead.newsletters.composing import cards_of, off_show, sold_empty
from masthead.newsletters.linking import leads_of
from masthead.newsletters.models import Issue, Section
from masthead.newsletters.proposing import stands_again
from masthead.newsletters.rendering import Reading, in_printed_order, read, specimen

LOADS = re.compile(r"<(?:link|script|iframe)\b|@import|url\(\s*['\"]?https?:", re.IGNORECASE)
HEAVIEST = 100_000  # bytes of HTML; Gmail cuts a mail off a little above


@dataclass(frozen=True)
class Problem:
    """One thing to mend. With `may_be_allowed` somebody can allow it by name and with a reason."""

    code: str
    sentence: str
    may_be_allowed: bool = False


def problems(issue: Issue, letter: FrozenLetter) -> list[Problem]:
    """Return everything that keeps this letter from being approved, less what was allowed by name."""
    body = specimen(letter, issue.newsletter)
    reading = read(body)
    cards = [card for cards in cards_of(issue).values() for card in cards]
    found = [
        *_about_the_issue(issue, cards),
        *_about_the_mixture(issue, cards_of(issue)),
        *_about_labels(issue, cards, body, reading),
        *_about_pictures(cards_of(issue), reading),
        *_about_the_letter(issue, reading),
        *_about_links(issue),
    ]
    allowed = {override["code"] for override in issue.overrides}
    return [problem for problem in found if not (problem.may_be_allowed and problem.code in allowed)]


def warnings(issue: Issue, letter: FrozenLetter) -> list[str]:
    """Return what an editor should know before approving, and what stops nothing, in sentences."""
    reading = read(specimen(letter, issue.newsletter))
    found = []
    for feature in clientsupport.leans_on(reading.html):
        words = {"feature": feature.name, "programs": get_text_list(list(feature.lacking), _("and"))}
        found.append(_("The mail uses “%(feature)s”, which readers in %(programs)s will not see as meant.") % words)
    answers = probing.answered(issue)
    waiting = [address for address, answer in answers.items() if not answer]
    if waiting:
        said_so = ngettext(
            "%s address elsewhere is not checked yet.", "%s addresses elsewhere are not checked yet.", len(waiting)
        )
        found.append(said_so % len(waiting))
    unknown = [(a, s.removeprefix("unknown: ")) for a, s in answers.items() if s.startswith(probing.UNKNOWN)]
    found += [_("%(address)s could not be checked: %(why)s") % {"address": a, "why": why} for a, why in unknown]
    return found


def said(html: str) -> str:
    """Return the words of an HTML mail in reading order, without what no reader sees."""
    tree = lxml_html.fromstring(html.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))
    for hidden in tree.xpath("//head | //script | //style | //template | //noscript | //comment()"):
        hidden.drop_tree()
    return " ".join(tree.text_content().split())


def _about_the_issue(issue: Issue, cards: list[Card]) -> Iterator[Problem]:
    if not issue.subject.strip():
        yield Problem("subject", _("The issue has no subject. Write one."))
    if not any(card.disclosed.kind == "editorial" for card in cards):
        yield Problem("empty", _("The issue holds nothing from the newsroom. Add an article, or send none."))
    for booking in sold_empty(issue):
        yield Problem(
            f"sold-empty:{booking.pk}",
            _("Place %(position)s is sold, empty: %(partner)s has delivered nothing that can be shown.")
            % {"position": booking.position, "partner": booking.agreement.partner.name},
            may_be_allowed=True,
        )
    for item in off_show(issue):
        yield Problem("off-show", _("“%s” is no longer on show. Take it out.") % item.headline)


def _about_the_mixture(issue: Issue, cards: dict[str, list[Card]]) -> Iterator[Problem]:
    """The rules of a stream hold in an issue too (wish N-5), it brings enough that is new, and nothing again."""
    for sentence in mixing.judge([_row(card) for card in in_printed_order(cards)]):
        yield Problem("mixture", sentence, may_be_allowed=True)
    fewest = issue.newsletter.fewest
    articles = sum(card.kind == CardKind.ARTICLE and not card.disclosed for card in cards[Section.ARTICLES])
    if 0 < articles < fewest:
        sentence = _("The issue holds %(n)s new articles; readers get none with fewer than %(fewest)s.")
        yield Problem("too-few", sentence % {"n": articles, "fewest": fewest}, may_be_allowed=True)
    for item in stands_again(issue):
        sentence = _("Readers have had “%s” before. Take it out.")
        yield Problem(f"again:{item.card_id}", sentence % item.headline, may_be_allowed=True)


def _row(card: Card) -> tuple[str, str]:
    if card.disclosed.is_paid:
        return mixing.PAID, card.payer_name
    return (mixing.HOUSE if card.disclosed else mixing.NEWS), ""


def _about_labels(issue: Issue, cards: list[Card], body: bytes, reading: Reading) -> Iterator[Problem]:
    """Every headline stands in both parts; the house's own judge finds label and payer before each that is paid for.

    The judge reads the subject too: a subject that quotes a paid headline begins with its label (rule D10).
    """
    parts = {_("HTML"): plain(said(reading.html)), _("text"): plain(reading.text)}
    paths = frozenset(card.url for card in cards)
    leads = leads_of(issue)
    for card in cards:
        for name, words in parts.items():
            if plain(card.title) not in words:
                sentence = _("“%(title)s” is not in the %(part)s part.") % {"title": card.title, "part": name}
                yield Problem("lost", sentence)
        if card.disclosed:
            shown = Shown(card.title, card.url, card.full_url, card.disclosed, paths, leads)
            for found in inspect("mail", body, shown).problems:
                yield Problem("label", _("A reader is not told who paid. %s") % found)


def _about_pictures(cards: dict[str, list[Card]], reading: Reading) -> Iterator[Problem]:
    for image in lxml_html.fromstring(reading.html.encode()).iter("img"):
        if image.get("alt") is None:
            yield Problem("alt", _("A picture in the mail has no description: %s") % image.get("src", ""))
    lead = next(iter(cards.get(Section.ARTICLES, [])), None)
    if lead and lead.picture:
        for sentence in lead.picture.problems():
            yield Problem("picture", sentence)


def _about_the_letter(issue: Issue, reading: Reading) -> Iterator[Problem]:
    weight = len(reading.html.encode())
    if weight >= HEAVIEST:
        yield Problem(
            "weight", _("The mail weighs %s kB; above 100 it is cut off. Take something out.") % (weight // 1000)
        )
    if reading.headers.get("list-unsubscribe-post") != "List-Unsubscribe=One-Click":
        yield Problem("unsubscribe", _("The mail lacks the one-click unsubscribe of RFC 8058."))
    if LOADS.search(reading.html):
        yield Problem("loads", _("The mail would load a font, style or script from elsewhere. Take it out."))
    for name, words in ((_("HTML"), reading.html), (_("text"), reading.text)):
        if "/mail/stop/" not in words or "/mail/choices/" not in words:
            yield Problem("unsubscribe", _("The %s part lacks the link to unsubscribe or the one to choose.") % name)


def _about_links(issue: Issue) -> Iterator[Problem]:
    """Links that lead nowhere stop an issue; a server that is only away for the moment can be allowed by name."""
    for path in probing.dead_within(issue):
        yield Problem(f"dead:{path}", _("The link to %s leads to nothing. Take it out or mend it.") % path)
    for address, answer in probing.answered(issue).items():
        if answer.startswith(probing.DEAD):
            code = answer.removeprefix(f"{probing.DEAD}: ")
            sentence = _("%(address)s answers %(code)s. Mend the link, or send it all the same.")
            yield Problem(f"dead:{address}", sentence % {"address": address, "code": code}, may_be_allowed=True)
