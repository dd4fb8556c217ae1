"""Rendering: an issue becomes a letter, its HTML and its text part made from the same cards.

The letter is frozen with slots for what differs between readers (address, date, links to stop and to choose), so that
the preview, the test mail and what readers get are the same bytes but for those.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes, policy

import mrml
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.images.models import Filter

from masthead.catalogue.models import Card
from masthead.mail.letters import FrozenLetter, Kind, Mailbox, Slots, freeze
from masthead.newsletters.linking import Links
from masthead.newsletters.models import Newsletter, Section, host_of
from masthead.subscribers.tokens import choices_token, stop_token

PICTURE = "width-1120|format-jpeg|jpegquality-74"  # twice the 560 px it is printed at
NOBODY = "0" * 32  # the subject in a test mail's links: they open and change nothing

# One ink, one accent, and amber for what is paid: the paper's own colours, light and (in the template) dark.
LOOK = {
    "paper": "#fbfaf6",
    "ink": "#16191c",
    "muted": "#565b61",
    "rule": "#d8d4c8",
    "paid_paper": "#fdf2da",
    "paid_ink": "#6f4500",
    "paid_rule": "#c8891a",
    "house_paper": "#eceff3",
    "house_ink": "#34465c",
    "house_rule": "#8093a9",
    "serif": "Charter,Cambria,'Noto Serif',Georgia,serif",
    "sans": "system-ui,-apple-system,'Segoe UI',Arial,sans-serif",
}


# The same paper at night: its own palette, no inversion.
DARK = {
    "paper": "#131619",
    "ink": "#e9e6dd",
    "muted": "#a6abb1",
    "rule": "#343a40",
    "paid_paper": "#2a2112",
    "paid_ink": "#f2c674",
    "paid_rule": "#9c702a",
    "house_paper": "#1d232b",
    "house_ink": "#b4c4d8",
    "house_rule": "#51637a",
}

# By default a web font's name makes the renderer link to its maker's server: a third party in every reader's mail.
NO_FONTS = mrml.RenderOptions(fonts={})


@dataclass
class Sheet:
    """Everything an issue prints, before it is a letter. Cards are whole, so that none comes without its disclosure."""

    newsletter: Newsletter
    number: int
    day: date
    subject: str
    preheader: str = ""
    kept: str = ""  # "2 of 2 this week"
    web_path: str = ""
    cards: dict[str, list[Card]] = field(default_factory=dict)
    links: Links | None = None  # filled by printing; without it links lead straight to their targets

    @property
    def lead(self) -> Card | None:
        return next(iter(self.cards.get(Section.ARTICLES, [])), None)

    @property
    def rows(self) -> list[Card]:
        return self.cards.get(Section.ARTICLES, [])[1:]

    @property
    def every_card(self) -> list[Card]:
        return [card for section in Section.values for card in self.cards.get(section, [])]


@dataclass(frozen=True)
class Reading:
    """A finished letter as a mail program reads it."""

    subject: str
    text: str
    html: str
    size: int
    headers: dict[str, str]


def letter_of(sheet: Sheet) -> FrozenLetter:
    """Return the letter of an issue, and fill `sheet.links`. The same content gives the same bytes.

    Raises mail.letters.LetterError.
    """
    title = sheet.newsletter.publication
    slots = Slots(to=Kind.MAILBOX, date=Kind.DATE, message_id=Kind.TOKEN, stop=Kind.TOKEN, choices=Kind.TOKEN)
    with translation.override(title.language), timezone.override(title.zone):
        context = _context(sheet, slots)
        html = mrml.to_html(render_to_string("newsletters/issue.mjml", context), None, NO_FONTS).content
        text = re.sub(r"\n{3,}", "\n\n", render_to_string("newsletters/issue.txt", context).strip()) + "\n"
        if sheet.links:
            html, text = sheet.links.in_html(html, slots.holds), sheet.links.in_text(text, slots.holds)
        return freeze(_headers(sheet, slots, context["stop"]), text=text, html=html, slots=slots, lang=title.language)


def in_printed_order(cards: dict[str, list[Card]]) -> list[Card]:
    """Return articles, sold places and own promotions as a reader meets them: the first sold place follows the lead."""
    articles, sold = cards.get(Section.ARTICLES, []), cards.get(Section.PARTNERS, [])
    return [*articles[:1], *sold[:1], *articles[1:], *sold[1:], *cards.get(Section.PROMOTIONS, [])]


def specimen(letter: FrozenLetter, newsletter: Newsletter, to: Mailbox | None = None) -> bytes:
    """Return the letter filled for nobody: the preview, and the test mail. Its links open and change nothing."""
    return letter.fill(
        {
            "to": to or Mailbox("", newsletter.sender_address),
            "date": timezone.localtime(timezone=newsletter.zone),
            "message_id": f"specimen.{timezone.now().timestamp():.0f}@{host_of(newsletter.publication)}",
            "stop": stop_token(NOBODY, newsletter.kind, newsletter.theme),
            "choices": choices_token(NOBODY),
        }
    )


def read(body: bytes) -> Reading:
    """Return what a mail program makes of a finished letter."""
    message = message_from_bytes(body, policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return Reading(
        str(message["Subject"]),
        _lines(text),
        _lines(html),
        len(body),
        {name.lower(): str(value).strip() for name, value in message.items()},
    )


def snapshot(card: Card) -> dict:
    """Return what is printed of a card, as the record of the issue keeps it."""
    return {
        "card": card.pk,
        "kind": card.kind,
        "title": card.title,
        "standfirst": card.standfirst,
        "disclosure": card.disclosure,
        "label": card.label,
        "payer": card.payer_name,
        "line": card.disclosed.line,
        "source": card.source_name,
        "url": card.full_url,
        "facts": card.facts,
    }


def _lines(part) -> str:
    return part.get_content().replace("\r\n", "\n") if part else ""


def _headers(sheet: Sheet, slots: Slots, stop: str) -> dict:
    newsletter = sheet.newsletter
    title, host = newsletter.publication, host_of(newsletter.publication)
    one = f"{newsletter.slug}.{host}"
    by_mail = f"mailto:{newsletter.sender_address}?subject=stop%20{slots['stop']}"
    return {
        "From": Mailbox(newsletter.sender_name or title.name, newsletter.sender_address),
        "To": slots["to"],
        "Subject": sheet.subject,
        "Date": slots["date"],
        "Message-ID": f"<{slots['message_id']}>",
        "List-Id": f"{newsletter.name} <{one}>",
        "List-Unsubscribe": f"<{stop}>, <{by_mail}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"{sheet.number}:{newsletter.slug}:{newsletter.kind}:{host}",
    }


def _context(sheet: Sheet, slots: Slots) -> dict:
    title = sheet.newsletter.publication
    root = title.root_url
    stop = root + reverse("mail_stop", args=["slot"]).replace("slot", slots["stop"])
    choices = root + reverse("mail_choices", args=["slot"]).replace("slot", slots["choices"])
    lead = sheet.lead
    return {
        "sheet": sheet,
        "title": title,
        "newsletter": sheet.newsletter,
        "look": LOOK,
        "dark": DARK,
        "root": root,
        "stop": stop,
        "choices": choices,
        "web": root + sheet.web_path,
        "trap": sheet.links.trap(root + sheet.web_path) if sheet.links else "",
        "lead": lead,
        "picture": _picture(lead, root),
        "partners": sheet.cards.get(Section.PARTNERS, []),
        "events": sheet.cards.get(Section.EVENTS, []),
        "jobs": sheet.cards.get(Section.JOBS, []),
        "promotions": sheet.cards.get(Section.PROMOTIONS, []),
        "about": _("%(name)s no. %(number)s") % {"name": sheet.newsletter.name, "number": sheet.number},
    }


def _picture(card: Card | None, root: str) -> dict | None:
    """The lead's picture as mail programs read it: JPEG, at an address with scheme and host."""
    if card is None or card.picture is None:
        return None
    made = card.picture.get_rendition(Filter(spec=PICTURE))
    address = made.url if made.url.startswith("http") else root + made.url
    return {"src": address, "alt": card.picture.default_alt_text, "credit": card.picture.credit}
