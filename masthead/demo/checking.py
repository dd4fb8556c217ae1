"""What one row cannot know of itself: that its slugs point at something, that what is paid names who paid.

Every rule is a function that yields `(file, sentence)` for each thing wrong; `check` raises the first.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from masthead.demo.nouns import MOTIFS, Article, Content, ContentError, Event, Job, Picture

KINDS = {"article", "partner"}
EVENT_KINDS = {"webinar", "kursus", "konference", "morgenmøde", "seminar", "course", "conference", "briefing"}
MODES = {"on_site", "online", "hybrid"}
EMPLOYMENT = {"full_time", "part_time", "temporary", "contractor", "intern"}
REMOTE = {"no", "partly", "fully"}
PLACES = {"front": 1, "article": 1, "newsletter": 2}  # how many bookings a week, or an issue, has room for
WEEKDAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
PLATFORMS = re.compile(r"\b(zoom|teams|webex|google meet|online)\b", re.IGNORECASE)
CREDIT = re.compile(r"\b(foto|illustration|photo|picture|kredit|credit)\s*:|©", re.IGNORECASE)

Wrong = Iterator[tuple[Path, str]]


def check(content: Content, folder: Path) -> None:
    """Raises ContentError for the first thing wrong between the files of `folder`; otherwise says nothing."""
    for rule in (_twice, _articles, _events, _jobs, _agreements, _newsletter):
        for file, sentence in rule(content, folder):
            raise ContentError(file, sentence)


def _twice(content: Content, folder: Path) -> Wrong:
    for name in ("themes", "organisations", "people", "stories", "events", "jobs", "promotions"):
        for slug, times in Counter(row.slug for row in getattr(content, name)).items():
            if times > 1:
                yield folder / f"{name}.toml", f"»{slug}« stands there {times} times; keep one."


# --- articles


def _articles(content: Content, folder: Path) -> Wrong:
    for article in content.articles:
        file = folder / "articles" / f"{article.slug}.md"
        for sentence in (*_links(article, content), *_dating(article), *_paying(article, content)):
            yield file, sentence
        for sentence in _picturing(article.picture) if article.picture else ():
            yield file, sentence


def _links(article: Article, content: Content) -> Iterator[str]:
    yield from _unknown("theme", article.themes, content.themes)
    yield from _unknown("organisation", article.organisations, content.organisations)
    yield from _unknown("person", article.byline, content.people)
    yield from _unknown("story", [article.story], content.stories)
    yield from _unknown("source", [article.source], content.organisations, content.title.slug)
    yield from _unknown("read-also", article.read_alsos, content.articles)
    if not article.themes:
        yield "Give the article at least one theme."
    if not article.body:
        yield "The article has no text."
    if article.slug in article.read_alsos:
        yield "The article has a read-also to itself; choose another."


def _dating(article: Article) -> Iterator[str]:
    if (article.days_ago is None) == (article.date is None):
        yield "Give either days_ago or date, and only one of them."
    if article.days_ago is not None and article.days_ago < 0:
        yield "days_ago is below 0: the demo publishes nothing in the future."


def _paying(article: Article, content: Content) -> Iterator[str]:
    if article.kind not in KINDS:
        yield f"The kind »{article.kind}« is unknown; use article or partner."
    elif article.kind == "partner":
        if not article.payer:
            yield "A partner piece needs a payer."
        if not article.source or article.byline:
            yield "A partner piece has its partner as source and no byline of ours."
    elif article.payer:
        yield 'Only a partner piece has a payer; make it kind = "partner" or take the payer out.'
    yield from _payer(article.payer, content)


def _payer(payer: str, content: Content) -> Iterator[str]:
    yield from _unknown("payer", [payer], content.organisations)
    if any(one.slug == payer and not one.invented for one in content.organisations):
        yield f"»{payer}« is a real organisation; in the demo only invented ones pay."


def _picturing(picture: Picture) -> Iterator[str]:
    if picture.motif not in MOTIFS:
        yield f"The motif »{picture.motif}« is unknown; choose among {', '.join(sorted(MOTIFS))}."
    if not picture.alt:
        yield "The picture needs an alt text that describes the drawing."
    if not picture.credit:
        yield "The picture needs a credit."
    if CREDIT.search(picture.caption):
        yield "The caption holds a credit; move it to the field credit."
    if ".." in picture.caption:
        yield "The caption has a doubled full stop; keep one."
    elif not picture.caption.endswith("."):
        yield "The caption must end with a full stop."


# --- events, jobs, agreements


def _events(content: Content, folder: Path) -> Wrong:
    for event in content.events:
        wrong = (*_taking_place(event), *_unknown("organisation", [event.organiser], content.organisations))
        for sentence in (*wrong, *_unknown("theme", event.themes, content.themes), *_payer(event.payer, content)):
            yield folder / "events.toml", f"»{event.slug}«: {sentence}"


def _taking_place(event: Event) -> Iterator[str]:
    if event.kind not in EVENT_KINDS or event.mode not in MODES:
        yield f"The kind »{event.kind}« or the mode »{event.mode}« is unknown."
    if event.mode != "on_site" and not event.platform:
        yield "An event people join online needs a platform."
    if event.mode != "online" and not (event.place and event.city and event.country):
        yield "An event people come to needs a place, a city and a country."
    if PLATFORMS.search(event.place) or (event.mode == "online" and event.place):
        yield "A platform is not a place; move it to the field platform."
    if not event.sessions:
        yield "An event needs at least one session."
    if any(one.end and not (one.start and one.start < one.end) for one in event.sessions):
        yield "A session that has an end has a start before it."
    if event.featured != bool(event.payer):
        yield "A featured event names its payer, and only a paid one is featured."


def _jobs(content: Content, folder: Path) -> Wrong:
    for job in content.jobs:
        wrong = (*_hiring(job), *_unknown("organisation", [job.employer], content.organisations))
        for sentence in (*wrong, *_unknown("theme", job.themes, content.themes), *_payer(job.payer, content)):
            yield folder / "jobs.toml", f"»{job.slug}«: {sentence}"


def _hiring(job: Job) -> Iterator[str]:
    if not job.payer:
        yield "A job ad names who paid for it."
    if bool(job.pay) == bool(job.pay_reason):
        yield "Give a pay range, or pay_reason saying why there is none."
    if job.pay and not (0 < job.pay.low <= job.pay.high and job.pay.unit in {"hour", "month", "year"}):
        yield "The pay range runs from low to high, per hour, month or year."
    if job.employment not in EMPLOYMENT or job.remote not in REMOTE:
        yield f"The employment »{job.employment}« or remote »{job.remote}« is unknown."


def _agreements(content: Content, folder: Path) -> Wrong:
    file = folder / "partners.toml"
    sold: Counter[tuple[str, str, int]] = Counter()  # place, weekday, week
    for agreement in content.agreements:
        for sentence in _payer(agreement.partner, content):
            yield file, f"»{agreement.reference}«: {sentence}"
        for booking in agreement.bookings:
            if booking.place not in PLACES or (booking.place == "newsletter") != (booking.weekday in WEEKDAYS):
                yield file, f"»{agreement.reference}«: »{booking.place}« on »{booking.weekday}« is not for sale."
            for sentence in _unknown("piece", [booking.piece], content.articles):
                yield file, f"»{agreement.reference}«: {sentence}"
            weeks = range(booking.starts_in_weeks, booking.starts_in_weeks + booking.weeks)
            sold.update((booking.place, booking.weekday, week) for week in weeks)
    for (place, weekday, week), times in sold.items():
        if times > PLACES.get(place, 0):
            yield file, f"The place {place} {weekday} is sold {times} times in week {week}; move one booking."


def _newsletter(content: Content, folder: Path) -> Wrong:
    promise = content.title.newsletter
    if not WEEKDAYS.issuperset(promise.weekdays) or len(promise.weekdays) > promise.most_per_week:
        yield folder / "title.toml", "The newsletter's weekdays are mon … sun, and no more of them than it promises."


def _unknown(what: str, slugs, among: tuple, *also: str) -> Iterator[str]:
    known = {row.slug for row in among} | {""} | set(also)
    for slug in slugs:
        if slug not in known:
            yield f"The {what} »{slug}« is unknown; correct the slug or add it to its list."
