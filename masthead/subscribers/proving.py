"""Proving: everything the log holds of one address, on one sheet (GDPR art. 7(1), rule T1).

The log holds no address. The way there is the subscriber's `subject`, and for who was erased the print of a
suppression: only who brings the address itself finds it. No IP address is on the sheet, because none is ever stored.
"""

from django.db.models import Count
from django.utils import timezone

from masthead.mail.addresses import normalise
from masthead.publication.models import Publication
from masthead.subscribers.models import Arrival, ConsentRecord, Subscriber, Subscription, Suppression, print_of
from masthead.subscribers.texts import ConsentText


def sheet(title: Publication, address: str, *, whole_chain: bool = False) -> dict:
    """Return the evidence sheet of an address as plain JSON: what holds, and every record of it with its words.

    Each record is checked against its digest and against the record before it; with `whole_chain` every record of the
    log is. Raises BadAddress for what is no address.
    """
    print_ = print_of(address)
    subscriber = Subscriber.objects.filter(publication=title, normalised=normalise(address)).first()
    suppressions = Suppression.objects.filter(publication=title, print=print_).order_by("pk")
    subjects = {suppression.subject for suppression in suppressions if suppression.subject}
    records = records_of(subjects | ({subscriber.subject} if subscriber else set()))
    return {
        "title": title.name,
        "address": address.strip(),
        "print": print_,
        "written_at": timezone.now().isoformat(),
        "kept": subscriber is not None,
        "since": _iso(subscriber and subscriber.created_at),
        "language": subscriber.language if subscriber else "",
        "subscriptions": subscriptions_of(subscriber) if subscriber else [],
        "suppressions": [
            {"reason": s.reason, "note": s.note, "at": _iso(s.at), "lifted_at": _iso(s.lifted_at)} for s in suppressions
        ],
        "records": records,
        "log": _checked(records, whole_chain),
        "ip": "never stored",
    }


def subscriptions_of(subscriber: Subscriber) -> list[dict]:
    """Return what holds now for a subscriber, by kind and theme, as plain JSON."""
    held = subscriber.subscriptions.select_related("text").order_by("kind", "theme")
    return [
        {
            "kind": s.kind,
            "theme": s.theme,
            "state": s.state,
            "version": s.text.version,
            "brought_in": s.arrival_id is not None,
            "asked_at": _iso(s.asked_at),
            "confirmed_at": _iso(s.confirmed_at),
            "withdrawn_at": _iso(s.withdrawn_at),
            "paused_until": _iso(s.paused_until),
        }
        for s in held
    ]


def records_of(subjects: set[str]) -> list[dict]:
    """Return the records of one person, oldest first, each with the words that were shown and whether it holds."""
    found = list(ConsentRecord.objects.filter(subject__in=subjects).select_related("text").order_by("pk"))
    lists = Arrival.objects.in_bulk({key for key in map(_list_of, found) if key})
    before = _digests_before(found)
    return [
        record.content
        | {
            "record": record.pk,
            "at": record.at.isoformat(),
            "words": _words(record, lists.get(_list_of(record))),
            "previous": record.previous,
            "digest": record.digest,
            "holds": record.digest == record.computed_digest()
            and record.previous == before[record.pk]
            and _are_the_words(record),
        }
        for record in found
    ]


def versions(title: Publication) -> list[dict]:
    """Return each consent text with how many confirmed readers stand on it, and how many of those a list brought.

    Where a new version says more than an old one, those on the old one have not said yes to it (wish N-7).
    """
    held = Subscription.objects.confirmed().filter(subscriber__publication=title, theme="")
    counted = held.order_by().values("text").annotate(readers=Count("pk"), brought_in=Count("arrival"))
    by_text = {row["text"]: row for row in counted}
    nobody = {"readers": 0, "brought_in": 0}
    texts = ConsentText.objects.filter(publication=title)
    return [{**by_text.get(text.pk, nobody), "text": text} for text in texts]


def log_export(title: Publication, kind: str, *, by: str) -> None:
    """Note that somebody at the desk took the addresses of one kind out of the house."""
    ConsentRecord.append({"action": "addresses taken", "publication": title.pk, "kind": kind, "by": by}, subject="")


def _checked(records: list[dict], whole_chain: bool) -> dict:
    broken = ConsentRecord.broken_at() if whole_chain else None
    return {
        "records_of_this_address": len(records),
        "whole_log": whole_chain,
        "broken_at": broken,
        "holds": broken is None and all(record["holds"] for record in records),
    }


def _digests_before(records: list[ConsentRecord]) -> dict[int, str]:
    """The digest of the record that stands before each in the log; nothing before the first."""
    before = {}
    for record in records:
        found = ConsentRecord.objects.filter(pk__lt=record.pk).order_by("-pk").values_list("digest", flat=True)
        before[record.pk] = found.first() or ""
    return before


def _words(record: ConsentRecord, brought: Arrival | None) -> dict | None:
    """The words that were on the page, or for a list what is known of them."""
    if brought is not None:
        return {"shown_by_us": False, "text": brought.words, "companies": "", "withdrawal": ""}
    text = record.text
    if text is None:
        return None
    return {"shown_by_us": True, "text": text.text, "companies": text.companies, "withdrawal": text.withdrawal}


def _are_the_words(record: ConsentRecord) -> bool:
    """Whether the text we would show is the one the record binds."""
    bound = record.content.get("text")
    return bound is None or (record.text is not None and record.text.digest == bound["digest"])


def _list_of(record: ConsentRecord) -> int:
    return record.content.get("list", {}).get("key", 0)


def _iso(moment) -> str | None:
    return moment.isoformat() if moment else None
