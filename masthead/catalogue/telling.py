"""Telling: what it means in plain text that a reader is told who paid, before the headline.

Everything is compared as a reader sees it: spaces that do not break, soft hyphens, composed letters make no difference.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from masthead.catalogue.disclosure import Disclosure

LEAD_IN = 200  # characters within which a text that begins with its label must have named the payer
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True)
class Shown:
    """The card that is looked for: its headline, its path and full address, and what a reader must be told of it.

    `paths` are those of all cards of the title: where a link leads to another one, the words about this one end.
    `leads` says where the short addresses in a letter lead, path by path: they are judged by that.
    """

    headline: str
    path: str
    full_url: str
    disclosed: Disclosure
    paths: frozenset[str] = field(default=frozenset(), repr=False)
    leads: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.full_url).netloc

    def is_at(self, href: str) -> bool:
        """Whether a link leads to this card, whatever its query and fragment are."""
        return self.path_of(href) == self.path

    def is_of_another(self, href: str) -> bool:
        """Whether a link leads to another card of the title."""
        path = self.path_of(href)
        return path != self.path and path in self.paths

    def is_meant(self, words: str, links: list[str]) -> bool:
        """Whether something with these words and links is this card, and not another one with such a headline."""
        if any(self.is_of_another(link) for link in links):
            return False
        return names_it(words, self) or any(self.is_at(link) for link in links)

    def path_of(self, href: str) -> str | None:
        """Return the path of a link within the title, or None where it leads elsewhere."""
        parts = urlsplit(href.strip())
        if parts.scheme not in ("", "http", "https") or parts.netloc not in ("", self.host):
            return None
        lead = self.leads.get(parts.path)
        return self.path_of(lead) if lead and urlsplit(lead).path not in self.leads else parts.path or None


@dataclass(frozen=True)
class Report:
    """What was found in one document: whether the card is shown there, and what is wrong with how it is."""

    is_shown: bool
    problems: list[str]


def plain(words: str) -> str:
    """Return words as they are compared: composed letters, single ordinary spaces, nothing invisible."""
    return " ".join(unicodedata.normalize("NFC", words).translate(INVISIBLE).split())


def names_it(words: str, shown: Shown) -> bool:
    return plain(shown.headline) in plain(words)


def begins_with_label(words: str, shown: Shown) -> bool:
    """Whether a text on its own, such as a title, begins with the label and has the payer before its headline."""
    words, label, payer = plain(words), plain(shown.disclosed.label), plain(shown.disclosed.payer)
    before, _headline, _after = words.partition(plain(shown.headline))
    return word_at(words, label) == 0 and payer in before[len(label) :]


def tells_before(words: str, shown: Shown) -> int | None:
    """Return where in `words` the last label begins that is followed by the payer; None where a reader is not told."""
    words, label, payer = plain(words), plain(shown.disclosed.label), plain(shown.disclosed.payer)
    place = word_at(words, label, last=True)
    while place is not None:
        if payer in words[place + len(label) :]:
            return place
        place = word_at(words[:place], label, last=True)
    return None


def word_at(words: str, word: str, last: bool = False) -> int | None:
    """Return where `word` stands in `words` as a whole word, so that “Ad” is not found in “Advice”."""
    found = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", words)]
    return (found[-1] if last else found[0]) if found else None


def judge_title(words: str, shown: Shown, where: str) -> str | None:
    """Say what is wrong with a title that names the card; None where nothing is."""
    if begins_with_label(words, shown):
        return None
    label, payer = shown.disclosed.label, shown.disclosed.payer
    return f"{where} “{plain(words)}” does not begin with “{label}” and name {payer} before the headline."


def judge_words(words: str, shown: Shown) -> str | None:
    """Say what is wrong with the words below such a title: they begin with label and payer, or there are none."""
    if not plain(words) or tells_before(plain(words)[: len(shown.disclosed.label) + LEAD_IN], shown) == 0:
        return None
    return untold("The text", plain(words), shown)


def untold(what: str, words: str, shown: Shown) -> str:
    told = f"“{shown.disclosed.label}” and {shown.disclosed.payer}"
    return f"{what} “{words[:120]}” names it without {told} before the headline."
