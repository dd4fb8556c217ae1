"""A house of its own for the browser: one small, complete title in a file of its own, served by a process of its own.

`python -m tests.browser.house FOLDER` builds it, prints one line of JSON (see `Told`) and serves until it is stopped.
It stands apart from the tests' database: the browser and the test both work on it, and no other test sees it.
"""

import json
import os
import sys
import threading
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace

PASSWORD = "et langt kodeord til prøven"
OUTBOX = "outbox"


@dataclass
class Told:
    """What a house tells when it is ready: where it is, the address of each page, and log-ins as cookies."""

    base: str
    outbox: str
    database: str
    pages: dict[str, str] = field(default_factory=dict)
    desk: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)


def main(folder: Path) -> None:
    catcher = _catcher(folder / OUTBOX)
    _set_up(folder, catcher.port)

    from django.core.servers.basehttp import ThreadedWSGIServer
    from django.test.utils import setup_test_environment

    from tests.browser import pages

    server = ThreadedWSGIServer(("127.0.0.1", 0), _handler(), allow_reuse_address=False)
    setup_test_environment(debug=False)
    port = server.server_address[1]
    house, sessions = build(port)
    told = Told(f"http://127.0.0.1:{port}", str(folder / OUTBOX), str(_database()), sessions=sessions)
    told.pages = {page.name: page.path(house) for page in pages.PAGES}
    told.desk = {page.name: page.path(house) for page in pages.DESK}
    told.desk["article"] = f"/desk/pages/{house.article_key}/edit/"
    told.desk["new article"] = f"/desk/pages/add/articles/article/{house.articles_key}/"

    from masthead.rsgi import press

    server.set_app(press)
    threading.Thread(target=_clock, daemon=True).start()
    print(json.dumps(asdict(told)), flush=True)
    threading.Thread(target=_stop_with_parent, args=[server], daemon=True).start()
    server.serve_forever()


def build(port: int):
    """Fill the house, and return what stands in it as paths, and a session for each log-in."""
    from django.db import transaction

    with transaction.atomic():
        title = _title(port)
        return _filled(title)


def _filled(title):
    from django.test import Client
    from django.urls import reverse
    from django.utils import translation

    from masthead.newsstand import staffing
    from masthead.partners.models import Contact

    staffing.staff_desk()
    house = SimpleNamespace()
    _articles(title, house)
    _agenda_and_jobs(title, house)
    _newsletters(title, house)
    users = {
        "editor": staffing.add_user("redaktion", PASSWORD),
        "partner": staffing.add_user("partner", PASSWORD, groups=()),
    }
    contact = Contact.objects.create(user=users["partner"], partner=house.payer)
    with translation.override(title.language):
        house.search, house.themes, house.organisations = (reverse(n) for n in ("search", "themes", "organisations"))
        house.partners_log_in, house.partners_overview = reverse("portal_log_in"), reverse("portal")
        house.partners_submission = reverse("portal_submit")
        house.partners_preview = reverse("portal_preview", args=[_handed_in(contact, title).pk])
        house.imprint = title.site.root_page.get_children().get(legalpage__imprint=True).url
    sessions = {}
    for name, user in users.items():
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        sessions[name] = client.cookies["desk"].value
    return house, sessions


def _title(port: int):
    from tests.newsroom import found_title

    return found_title(
        "Strømskifte",
        hostname="127.0.0.1",
        port=port,
        tagline="Fagmediet om elektrificering",
        legal_name="Strømskiftes Forlag ApS",
        contact_email="redaktion@example.org",
        corrections_email="ret@example.org",
        postal_address="Kajen 1, 9999 Bølgeby",
    )


def _articles(title, house) -> None:
    from masthead.catalogue.models import Person, Story
    from tests import newsroom

    themes = [newsroom.theme(title, name) for name in ("Elbiler", "Net og kabler")]
    organisation, house.payer = newsroom.organisation("Netlauget"), newsroom.organisation("Ladelauget ApS")
    person = Person.objects.create(name="Redaktøren", initials="RED", role="Redaktør")
    story = Story.objects.create(publication=title, name="Køen til nettet")
    agreement = newsroom.agreement(title, house.payer, articles=12, newsletter_slots=4, web_weeks=4)
    paid = newsroom.partner_article(
        title,
        "Flåden på strøm på et år",
        house.payer,
        reference=agreement.reference,
        standfirst="Sådan skiftede et vognmandslaug 40 lastbiler.",
        themes=themes,
        picture=_picture("kabler"),
        body=_paragraphs(),
    )
    for n in range(26):
        newsroom.article(
            title,
            f"Kabelkøen vokser for {n + 2}. måned i træk",
            standfirst="Tolv projekter venter på tilslutning, og listen bliver længere.",
            themes=themes[: 1 + n % 2],
            dated=newsroom.ago(days=n + 1),
            story=story if n < 3 else None,
            picture=_picture("kabler") if n < 6 else None,
        )
    other = newsroom.article(title, "Ny havn får landstrøm", dated=newsroom.ago(hours=5), themes=themes)
    whole = newsroom.article(
        title,
        "Kabelkøen er nu på 4.000 megawatt",
        standfirst="Netlauget venter, at køen topper næste år.",
        themes=themes,
        organisations=[organisation, house.payer],
        people=[person],
        byline="RED",
        story=story,
        picture=_picture("kabler"),
        caption="Kabler på kajen i Bølgeby.",
        body=_whole_body(other, paid),
        corrections=[("correction", {"at": newsroom.ago(hours=1), "text": "Køen er 4.000 megawatt, ikke 400."})],
    )
    english = newsroom.article(
        title,
        "Shore power comes to a small port",
        standfirst="The port of Bølgeby connects its first ships.",
        language="en",
        dated=newsroom.ago(hours=8),
        body=[("paragraph", "<p>The first ship is connected.</p>")],
    )
    promotion = newsroom.house_promotion(title, standfirst="Vi viser jobopslag til deres sidste dag.")
    house.articles_key = whole.get_parent().pk
    house.article, house.article_key, house.partner_article = whole.url, whole.pk, paid.url
    house.english_article, house.house_promotion = english.url, promotion.url
    house.theme, house.organisation, house.person = themes[0].url, organisation.url, person.url
    _booked(agreement, paid)


def _whole_body(other, paid) -> list:
    return [
        *_paragraphs(),
        ("subhead", "Hvad køen koster"),
        ("quote", {"text": "Vi bygger, så hurtigt vi kan.", "speaker": "Driftschefen i Netlauget"}),
        ("facts", {"heading": "Køen i tal", "items": ["<p>4.000 megawatt</p>", "<p>12 projekter</p>"]}),
        ("read_also", {"page": other, "title": ""}),
        ("paragraph", '<p>Mere hos <a href="https://example.org/">lauget</a>: <b>tal</b> og CO<sub>2</sub>.</p>'),
        ("read_also", {"page": paid, "title": ""}),
        ("picture", {"picture": _picture("mast"), "caption": "En mast ved fjorden."}),
        ("paragraph", "<ul><li>Først dette.</li><li>Så hint.</li></ul>"),
    ]


def _paragraphs() -> list:
    text = "Nettet er fuldt, og derfor venter projekterne længere, end nogen havde ventet, da de blev tegnet. "
    return [("paragraph", f"<p>{text * 4}</p>") for _n in range(3)]


def _booked(agreement, paid) -> None:
    from masthead.partners.booking import book
    from masthead.partners.models import Place

    for place in (Place.FRONT, Place.ARTICLE):
        book(agreement, place, date.today(), 1, paid)


def _agenda_and_jobs(title, house) -> None:
    from tests import newsroom

    def session(in_days: int, start=None, end=None):
        day = (date.today() + timedelta(days=in_days)).isoformat()
        return {"date": day, "start": start, "end_date": None, "end": end}

    sessions = [session(12, "09:00", "15:30"), session(13, "09:00", "12:00")]
    more = {"mode": "hybrid", "place": "Kajen 1, Bølgeby", "sign_up_url": "https://example.org/netdag"}
    event = newsroom.event(
        title, "Netdage i to omgange", sessions=sessions, standfirst="To dage om køen.", description="<p>Program.</p>",
        themes=[newsroom.theme(title)], **more,
    )  # fmt: skip
    untimed = newsroom.event(title, "Morgenmøde om ladenet", sessions=[session(20)])
    cancelled = newsroom.event(title, "Kabelkonference", in_days=30, status="cancelled")
    past = newsroom.event(title, "Forårets netdag", in_days=-40)
    paid = {"disclosure": "paid", "payer": house.payer, "reference": "EVT-1"}
    newsroom.event(title, "Ladedag hos lauget", in_days=15, mode="on_site", place="Bølgeby", **paid)
    job = newsroom.job(title, standfirst="Kom og byg net.", employment="FULL_TIME")
    newsroom.job(title, "Elektriker til havnen", in_days=30, town="", remote=True)
    expired = newsroom.job(title, "Kabelmontør", in_days=-1)
    house.event, house.untimed_event, house.cancelled_event = event.url, untimed.url, cancelled.url
    house.past_event, house.job, house.expired_job = past.url, job.url, expired.url


def _newsletters(title, house) -> None:
    from django.urls import reverse
    from django.utils import translation

    from masthead.subscribers import subscribing, tokens
    from masthead.subscribers.models import ConsentText, Subscriber
    from tests import mailroom

    letter = mailroom.newsletter(title)
    reader = mailroom.reader(title, "laeser@example.org")
    subscribing.sign_up(title, "ny@example.org", ConsentText.offered(title), page="/")
    asking = Subscriber.objects.get(address="ny@example.org")
    issue = mailroom.ready(letter)
    issue.move(issue.State.READY, to=issue.State.FINISHED)
    house.desk_issue = f"/desk/newsletters/issues/{issue.pk}/"
    house.desk_title = f"/desk/settings/publication/publication/{title.site_id}/"
    choices = tokens.choices_token(reader.subject)
    with translation.override(title.language):
        house.sign_up, house.asked = reverse("newsletters"), reverse("newsletter_asked")
        house.promise, house.issue = reverse("newsletter_promise"), issue.url
        house.how_we_count = reverse("how_we_count")
        house.issues = reverse("newsletter_archive", args=[issue.day.year])
        house.confirm = reverse("mail_confirm", args=[tokens.confirm_token(asking)])
        house.choices = reverse("mail_choices", args=[choices])
        house.erase = reverse("mail_erase", args=[choices])
        house.never = reverse("mail_never", args=[tokens.never_token(asking.print)])
        house.stop = reverse("mail_stop", args=[tokens.stop_token(reader.subject, "newsletter")])


def _handed_in(contact, title):
    from masthead.partners.models import Agreement
    from masthead.portal import submitting

    text = submitting.Submission("Lad om natten", "Sådan sparer en vognmand.", "Første afsnit.\n\nAndet afsnit.")
    return submitting.submit(contact, Agreement.objects.get(publication=title), text)


@cache
def _picture(name: str):
    """A picture just large enough to be made smaller: many sizes of many pictures would take most of the time."""
    import io

    from django.core.files.images import ImageFile
    from PIL import Image

    from masthead.publication.models import Picture

    data = io.BytesIO()
    Image.linear_gradient("L").resize((480, 320)).save(data, "JPEG", quality=40)
    data.seek(0)
    return Picture.objects.create(
        title=name,
        file=ImageFile(data, name=f"{name}.jpg"),
        width=480,
        height=320,
        credit="Illustration: prøven",
        description="En kaj med kabler",
    )


# How it runs


def _catcher(folder: Path):
    from masthead.mail import catching

    box = catching.Catcher(folder, port=0)
    box.start()
    return box


def _set_up(folder: Path, smtp_port: int) -> None:
    for name in ("MASTHEAD_DATABASE", "MASTHEAD_SECRET_KEY"):
        os.environ.pop(name, None)
    os.environ |= {
        "MASTHEAD_SITE": str(folder),
        "MASTHEAD_SMTP_PORT": str(smtp_port),
        "MASTHEAD_MAIL_FROM": "redaktion@example.org",
        "MASTHEAD_LANGUAGE": "da",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    import django

    django.setup()
    from masthead.newsstand import founding

    founding.prepare_database()


def _database() -> Path:
    from django.conf import settings

    return settings.DATABASES["default"]["NAME"]


def _handler():
    """A handler without a line in the log for each request."""
    from django.core.servers.basehttp import WSGIRequestHandler

    class Quiet(WSGIRequestHandler):
        def log_message(self, format, *args):
            if len(args) > 1 and str(args[1]).startswith("5"):
                super().log_message(format, *args)

    return Quiet


def _clock() -> None:
    """Answer sign-ups and hand over service mails soon, as the clock does."""
    import time

    from django.db import close_old_connections

    from masthead.subscribers import posting, subscribing

    while True:
        close_old_connections()
        subscribing.answer_sign_ups()
        posting.post_due()
        time.sleep(0.3)


def _stop_with_parent(server) -> None:
    """Stop when whoever started this has gone: its end of our input closes."""
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
