"""Submitting: a partner's text becomes a draft that waits for an editor. It can never publish itself."""

from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.html import escape
from django.utils.translation import gettext as _

from masthead.articles.models import PartnerArticle
from masthead.newsstand import founding
from masthead.newsstand.models import Holds
from masthead.partners import ledger
from masthead.partners.models import Agreement, Contact
from masthead.publication.models import Picture


@dataclass(frozen=True)
class Submission:
    """What a partner hands in. `substantiation` is the proof of environmental claims."""

    headline: str
    standfirst: str
    text: str
    wanted: str = ""
    substantiation: str = ""
    picture: UploadedFile | None = None
    picture_credit: str = ""
    picture_description: str = ""
    caption: str = ""


class NothingLeft(ValueError):
    """The agreement has run out, or every article in it is used."""


def submit(contact: Contact, agreement: Agreement, handed_in: Submission) -> PartnerArticle:
    """Make a draft from what was handed in, send it to approval and return it.

    Raises NothingLeft where the agreement holds no more articles, PermissionError for another partner's agreement.
    """
    if agreement.partner_id != contact.partner_id:
        raise PermissionError("The agreement is another partner's.")
    line = next((line for line in ledger.balance(agreement) if line.kind == "articles"), None)
    if not agreement.is_running() or line is None or line.left <= 0:
        raise NothingLeft(
            _("%s holds no more articles. Ask us for more, or for a new agreement.") % agreement.reference
        )
    with transaction.atomic():
        draft = _draft(contact, agreement, handed_in)
        founding.add_item(agreement.publication, Holds.PARTNER, draft)
        draft.save_revision(user=contact.user, clean=False)
        _send_to_approval(draft, contact)
    return draft


def drafts_of(contact: Contact) -> list[PartnerArticle]:
    """Return everything a partner has handed in, newest first, as it stands now."""
    pages = PartnerArticle.objects.filter(payer=contact.partner)  # not a list: the partner's own pieces, drafts too
    return list(pages.order_by("-latest_revision_created_at", "-pk"))


def _draft(contact: Contact, agreement: Agreement, handed_in: Submission) -> PartnerArticle:
    return PartnerArticle(
        title=handed_in.headline,
        standfirst=handed_in.standfirst,
        body=[("paragraph", f"<p>{escape(part.strip())}</p>") for part in handed_in.text.split("\n\n") if part.strip()],
        picture=_picture(handed_in),
        caption=handed_in.caption,
        payer=contact.partner,
        reference=agreement.reference,
        commercial_only=True,
        live=False,
        owner=contact.user,
        wanted=handed_in.wanted,
        substantiation=handed_in.substantiation,
    )


def _picture(handed_in: Submission) -> Picture | None:
    if not handed_in.picture:
        return None
    return Picture.objects.create(
        title=handed_in.headline,
        file=handed_in.picture,
        credit=handed_in.picture_credit,
        description=handed_in.picture_description,
    )


def _send_to_approval(draft: PartnerArticle, contact: Contact) -> None:
    workflow = draft.get_workflow()
    if workflow:
        workflow.start(draft, contact.user)
