"""A title in which every output has something paid to show: what the mutations of the disclosure check are run on."""

from datetime import date, timedelta

from masthead.catalogue.models import Organisation, Person, Story
from masthead.newsletters.models import IssueItem
from masthead.partners import booking
from masthead.partners.models import Agreement, Place
from tests import mailroom
from tests.newsroom import article, event, house_promotion, job, organisation, partner_article, theme

NEWS = 12  # enough for the front page to have room for something paid


def fill(title):
    """Fill a title: news, partner content of three payers, event, job, promotion; booked places; a mailed issue."""
    about = {"themes": [theme(title)], "organisations": [organisation("Kabelværket A/S")]}
    story = Story.objects.create(publication=title, name="Ladestandere")
    signed = [Person.objects.create(name="Netredaktionen", slug="netredaktionen")]
    fleet = partner_article(title, story=story, people=signed, standfirst="En regnemodel til indkøberen.", **about)
    funded = {"disclosure": "funded", "payer": organisation("Elhuset ApS"), "standfirst": "Fire uger med kabler."}
    partner_article(title, "Kablet der blev væk", story=story, **funded, **about)
    booked = partner_article(title, "Spidsen holdt nede", payer=organisation("Vindø Elnet A/S"), **about)
    paid = {"disclosure": "paid", "payer": organisation(), "reference": "AFT-1", "standfirst": "En dag om elnettet."}
    day = (date.today() + timedelta(days=20)).isoformat()
    unknown = {"date": day, "start": None, "end_date": None, "end": None}
    happening = event(title, sessions=[unknown, unknown | {"start": "09:00"}], **paid, **about)
    vacancy = job(title, standfirst="Byg nettet.", **about)
    promotion = house_promotion(title, standfirst="Spørg os.", themes=about["themes"])
    for n in range(NEWS):
        article(title, f"Nyhed nummer {n}", story=story if n == 3 else None, body=_body(fleet, happening, n), **about)
    _rename_and_delete_payers()
    _book(title, booked)
    _mail(title, [booked, happening, vacancy, promotion])


def _body(fleet, happening, n: int) -> list:
    """The first article links to partner content in its text, the second has it as a read-also."""
    text = f'<p>Læs <a linktype="page" id="{fleet.pk}">en regnemodel</a>, og hør mere.</p>'
    also = [("read_also", {"page": fleet, "title": ""}), ("read_also", {"page": happening, "title": ""})]
    return {0: [("paragraph", text)], 1: also}.get(n, [])


def _rename_and_delete_payers() -> None:
    """What happens to payers later changes no label of what they paid for (rule D9)."""
    Organisation.objects.filter(name="Ladelauget ApS").update(name="Ladelauget Nord A/S")
    Organisation.objects.get(name="Elhuset ApS").delete()


def _book(title, item) -> None:
    year = {"begins": date.today() - timedelta(days=30), "ends": date.today() + timedelta(days=300)}
    partner = organisation("Vindø Elnet A/S")
    sold = Agreement.objects.create(publication=title, partner=partner, reference="AFT-9", web_weeks=9, **year)
    for place, position in ((Place.FRONT, 1), (Place.FRONT, 2), (Place.ARTICLE, 1)):
        booking.book(sold, place, date.today(), position, item)


def _mail(title, items) -> None:
    letter = mailroom.newsletter(title)
    issue = mailroom.gone_out(letter, date.today())
    sections = ("partners", "events", "jobs", "promotions")
    for section, item in zip(sections, items, strict=True):
        IssueItem.objects.create(issue=issue, card=item.card, section=section)
