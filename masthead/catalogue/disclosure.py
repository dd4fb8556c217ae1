"""Why a reader must be told, in which words: the country packs and the disclosure itself.

Basis: Danish Marketing Practices Act § 6(4), E-Commerce Act § 9(1) (Dir. 2000/31 art. 6), UCPD Annex I no. 11 and 11a,
UWG § 5a(4) with BGH 6 Feb 2014, I ZR 2/11, and the FTC's native advertising guide of 2015.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override


class Kind(models.TextChoices):
    """Why something is shown."""

    EDITORIAL = "editorial", gettext_lazy("Editorial")
    PAID = "paid", gettext_lazy("Paid, the partner's own words")
    FUNDED = "funded", gettext_lazy("Paid, written by the newsroom")
    HOUSE = "house", gettext_lazy("The house's own promotion")


@dataclass(frozen=True)
class Pack:
    """The words of one country. `allowed` may be set by a house; `warned` too, with a warning; all else is refused."""

    paid: str
    house: str
    allowed: tuple[str, ...]
    warned: tuple[str, ...] = ()
    source: str = ""


PACKS = {
    "dk": Pack(
        "Annonce",
        "Egenannonce",
        ("Annonce", "Reklame", "Betalt annonce", "Annoncørbetalt indhold"),
        ("Sponseret", "Sponsoreret", "Sponseret indhold", "Partnerindhold"),
        "Forbrugerombudsmanden recommends “Annonce” or “Reklame”",
    ),
    "de": Pack("Anzeige", "Eigenanzeige", ("Anzeige",), (), "BGH 6 Feb 2014, I ZR 2/11 (GOOD NEWS II)"),
    "en": Pack(
        "Advertisement",
        "House promotion",
        ("Advertisement", "Ad", "Paid advertisement", "Paid content"),
        ("Sponsored",),
        "UCPD Annex I no. 11",
    ),
    "us": Pack(
        "Advertisement",
        "House promotion",
        ("Advertisement", "Ad", "Paid advertisement", "Sponsored advertising content"),
        (),
        "FTC, Native Advertising: A Guide for Businesses (2015)",
    ),
}


@dataclass(frozen=True)
class Disclosure:
    """What a reader must be told of one card: kind, label and payer as they were at publication."""

    kind: str = Kind.EDITORIAL
    label: str = ""
    payer: str = ""

    def __bool__(self) -> bool:
        return self.kind != Kind.EDITORIAL

    @property
    def is_paid(self) -> bool:
        return self.kind in (Kind.PAID, Kind.FUNDED)

    @property
    def payer_line(self) -> str:
        """The words after the label, in the language being spoken: who paid, and for whose words."""
        if self.kind == Kind.PAID:
            return _("paid for by %s") % self.payer
        if self.kind == Kind.FUNDED:
            return _("paid for by %s, who had no influence on the text") % self.payer
        return self.payer

    @property
    def line(self) -> str:
        """Label and payer as one line of text; empty for editorial cards."""
        return f"{self.label} {self.payer_line}".strip() if self else ""

    def before(self, title: str) -> str:
        """Return a title as plain text carries it: label and payer first (rule D10)."""
        return f"{self.line}: {title}" if self else title


def disclose(title, kind: str, payer: str = "") -> Disclosure:
    """Return the disclosure a card of `kind` gets in `title` (a Publication) when it is filed now.

    Raises MissingPayer where something is paid for and nobody is named (rules D3 and D17).
    """
    if kind == Kind.EDITORIAL:
        return Disclosure()
    if kind == Kind.HOUSE:
        return Disclosure(kind, label_of(title, kind), title.name)
    if not payer.strip():
        with override(title.language):
            raise MissingPayer(_("Say who pays before this is published: choose an organisation under “Paid by”."))
    return Disclosure(kind, label_of(title, kind), payer.strip())


def label_of(title, kind: str) -> str:
    """Return the label word of `kind` in `title`, from the house's own setting or its country's pack."""
    pack = PACKS[title.country]
    if kind == Kind.EDITORIAL:
        return ""
    return (title.house_label or pack.house) if kind == Kind.HOUSE else (title.paid_label or pack.paid)


def judge(title) -> tuple[str, str] | None:
    """Return ("error"|"warning", sentence) where a title's own label word is not one its country recommends."""
    pack, word = PACKS[title.country], title.paid_label.strip()
    if not word or word.lower() in (w.lower() for w in pack.allowed):
        return None
    if word.lower() in (w.lower() for w in pack.warned):
        return (
            "warning",
            f"{title.name} labels paid content “{word}”. {pack.source}; a ruling on “{word}” is not known.",
        )
    return "error", f"{title.name} labels paid content “{word}”, which does not tell a reader. Use “{pack.paid}”."


class MissingPayer(ValueError):
    """Something paid for that names nobody who pays."""
