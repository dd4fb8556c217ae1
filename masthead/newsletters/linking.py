"""Linking: each link of a letter gets a short address of its issue, the same for every reader and in both parts.

So an issue's links can be counted, and nobody's reading can be followed (rule T6). Short addresses lead to stored
targets and nowhere else.
"""

import base64
import hashlib
import html as html_module
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.urls import reverse

from masthead.newsletters.models import Issue
from masthead.readership import counting
from masthead.readership.models import Link

IN_HTML = re.compile(r'(<a\b[^>]*?\shref=")(https?://[^"]+)(")', re.IGNORECASE)
IN_TEXT = re.compile(r"https?://[^\s<>()\[\]]+")
CLOSING = ".,;:!?"  # what ends a sentence, not an address
LETTERS = 12  # of a token: 60 bits of its issue and target


@dataclass
class Links:
    """The links of one letter. `targets` fills while it is printed: token → where that leads."""

    source: str
    root: str
    targets: dict[str, str] = field(default_factory=dict)
    hidden: str = ""  # the token of the link that no person can see

    def short(self, target: str) -> str:
        """Return the short address of a target: the same issue and target always have the same one."""
        token = self._token(target)
        self.targets[token] = target
        return self.root + path_of(token)

    def trap(self, target: str) -> str:
        """Return the address of the hidden link. It leads a machine to something harmless."""
        self.hidden = self._token(f"hidden {target}")
        self.targets[self.hidden] = target
        return self.root + path_of(self.hidden)

    def in_html(self, html: str, is_personal: Callable[[str], bool]) -> str:
        """Return the HTML with short addresses in its links, but for those that are personal or short already."""

        def shorten(found: re.Match) -> str:
            target = html_module.unescape(found[2])
            if is_personal(target) or self._is_short(target):
                return found[0]
            return found[1] + html_module.escape(self.short(target)) + found[3]

        return IN_HTML.sub(shorten, html)

    def in_text(self, text: str, is_personal: Callable[[str], bool]) -> str:
        """Return the text with short addresses in the same way."""

        def shorten(found: re.Match) -> str:
            target = found[0].rstrip(CLOSING)
            return found[0] if is_personal(target) else self.short(target) + found[0][len(target) :]

        return IN_TEXT.sub(shorten, text)

    @property
    def leads(self) -> dict[str, str]:
        """Where each short address leads, path by path: what the judge of labels must know."""
        return {path_of(token): target for token, target in self.targets.items()}

    def _token(self, target: str) -> str:
        digest = hashlib.sha256(f"{self.source}\n{target}".encode()).digest()
        return base64.b32encode(digest).decode().lower()[:LETTERS]

    def _is_short(self, address: str) -> bool:
        return address.startswith(self.root + path_of(""))


def links_of(issue: Issue) -> Links:
    """Return the empty links of an issue, to be filled by printing it."""
    return Links(source_of(issue.pk), issue.publication.root_url)


def lay(links: Links) -> None:
    """Store where the short addresses of a printed letter lead."""
    counting.lay(links.source, links.targets, links.hidden)


def leads_of(issue: Issue) -> dict[str, str]:
    """Return where the stored short addresses of an issue lead, path by path."""
    stored = Link.objects.filter(source=source_of(issue.pk)).values_list("token", "target")
    return {path_of(token): target for token, target in stored}


def source_of(issue_key: int) -> str:
    return f"issue:{issue_key}"


def issue_of(source: str) -> Issue | None:
    """Return the issue a link stands in."""
    kind, _colon, key = source.partition(":")
    return Issue.objects.filter(pk=int(key)).first() if kind == "issue" and key.isdecimal() else None


def path_of(token: str) -> str:
    return reverse("go", args=["t"]).removesuffix("t") + token
