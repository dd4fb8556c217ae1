"""The demo's content: all of it can be read, and what is wrong in a content folder is said in one sentence."""

import datetime as dt
import re

import pytest

from masthead.demo.nouns import ContentError, Facts, Job, Paragraph, Quote, ReadAlso, Session, Subhead
from masthead.demo.reading import CONTENT, read_article, read_content

TITLE = """
name = "Kabel"
tagline = "Om kabler"
language = "da"
country = "dk"
timezone = "Europe/Copenhagen"
accent = "#0a5848"
legal_name = "Demohuset"
responsible_editor = "Redaktionen"
address = "Kornby"
email = "a@example.org"
corrections_email = "b@example.org"
sales_email = "c@example.org"
privacy_email = "d@example.org"
ownership = "Ingen."
advertising_income = "Ingen."

[newsletter]
slug = "brev"
name = "Brevet"
promise = "To gange om ugen."
weekdays = ["tue", "thu"]
at = "07:30"
most_per_week = 2
"""

SESSION = '[[events.sessions]]\nin_days = 1\nstart = "09:00"\nend = "10:00"\n'

LISTS = {
    "themes": '[[themes]]\nslug = "elnet"\nname = "Elnet"\ndescription = "Kabler."\n',
    "people": '[[people]]\nslug = "desken"\nname = "Desken"\nprinted = "DES"\n',
    "stories": '[[stories]]\nslug = "sagen"\nname = "Sagen"\n',
    "organisations": '[[organisations]]\nslug = "lauget"\nname = "Lauget"\nabout = "Opfundet."\ninvented = true\n'
    '[[organisations]]\nslug = "virkelig"\nname = "Virkelig"\nabout = "Findes."\n',
    "events": '[[events]]\nslug = "moede"\ntitle = "Møde"\nkind = "webinar"\norganiser = "lauget"\nmode = "online"\n'
    'platform = "Zoom"\nabstract = "Kort."\ndescription = "Langt."\nthemes = ["elnet"]\n' + SESSION,
    "jobs": '[[jobs]]\nslug = "montoer"\ntitle = "Montør"\nemployer = "lauget"\npayer = "lauget"\ncity = "Kornby"\n'
    'country = "dk"\nemployment = "full_time"\nabstract = "Kort."\ndescription = "Langt.\\n\\n- Ét\\n- To"\n'
    'apply_url = "https://example.org/"\ndeadline_in_days = 9\ndays_ago = 1\npay_reason = "Efter aftale."\n',
    "partners": '[[partners]]\npartner = "lauget"\nreference = "AFT-1"\nstarts_days_ago = 1\nends_in_days = 9\n'
    "[partners.quota]\narticles = 1\n"
    '[[partners.bookings]]\nplace = "front"\nstarts_in_weeks = 0\nweeks = 2\npiece = "betalt"\n',
    "promotions": '[[promotions]]\nslug = "tegn"\nheadline = "Tegn"\nstandfirst = "Nu."\nurl = "https://example.org/"\n',
}

PAY = 'pay = {low = 9, high = 8, unit = "month"}'

PICTURE = """
[picture]
motif = "pylons"
alt = "Tegning af master."
caption = "Master ved kysten."
credit = "Illustration: Kabel"
"""

ARTICLE = f"""+++
kind = "article"
headline = "Kablet er fremme"
standfirst = "Det tog tre år."
days_ago = 3
themes = ["elnet"]
organisations = ["virkelig"]
byline = ["desken"]
story = "sagen"
{PICTURE}+++
Et kabel er *langt* og **tungt**, se [loven](https://example.org/lov).

## Hvad det vejer

> Mere, end man tror.
> — Netplanchef, Lauget

!!! Kablet kort
- 12 kilometer
- 60 kV

>> betalt
"""

PAID = f"""+++
kind = "partner"
headline = "Sådan graver du"
standfirst = "Med spade."
days_ago = 1
themes = ["elnet"]
source = "lauget"
payer = "lauget"
{PICTURE}+++
Grav langsomt.
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "kabel"
    (folder / "articles").mkdir(parents=True)
    texts = {"title.toml": TITLE, "articles/kabel.md": ARTICLE, "articles/betalt.md": PAID}
    for name, text in (texts | {f"{name}.toml": rows for name, rows in LISTS.items()}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def wrong(folder, name, old, new):
    """What is said of the folder when `old` is replaced by `new` in one of its files."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as error:
        read_content(folder)
    assert error.value.file == folder / name
    return error.value.sentence


# --- what lies in the repository


@pytest.fixture(scope="module", params=["stromskifte", "gridwise"])
def content(request):
    return read_content(request.param)


@pytest.fixture(scope="module")
def danish():
    return read_content("stromskifte")


def test_every_title_in_the_repository_can_be_read(content):
    assert {path.name for path in CONTENT.iterdir() if path.is_dir()} == {"stromskifte", "gridwise"}
    assert content.articles and content.themes and content.events and content.jobs


def test_every_article_has_a_picture_with_alt_caption_and_credit(content):
    assert [one.slug for one in content.articles if not (one.picture and one.picture.alt and one.picture.credit)] == []


def test_no_organisation_that_exists_pays_or_hires_or_is_a_partner(content):
    real = {one.slug for one in content.organisations if not one.invented}
    paid = {one.payer for one in (*content.articles, *content.events, *content.jobs)}
    assert real.isdisjoint(paid | {job.employer for job in content.jobs} | {one.partner for one in content.agreements})


def test_only_organisations_that_exist_have_a_website(content):
    assert [one.slug for one in content.organisations if one.invented and one.website] == []


def test_whoever_pays_for_an_article_has_an_agreement(content):
    paid = {article.payer for article in content.articles if article.payer}
    assert paid <= {agreement.partner for agreement in content.agreements}


def test_the_danish_title_has_what_the_demo_promises(danish):
    paid = [article for article in danish.articles if article.kind == "partner"]
    assert len(danish.articles) >= 60 and len(paid) == 8
    assert (len(danish.events), len(danish.jobs), len(danish.agreements), len(danish.promotions)) == (12, 8, 4, 3)
    assert sum(len(article.read_alsos) for article in danish.articles) >= 12
    assert sum(bool(article.corrections) for article in danish.articles) == 2
    assert [article.story for article in danish.articles].count("vw-jac") == 4
    assert {theme for article in danish.articles for theme in article.themes} == {one.slug for one in danish.themes}


def test_the_danish_events_show_every_kind_of_time_and_place(danish):
    events = danish.events
    assert {event.mode for event in events} == {"on_site", "online", "hybrid"}
    assert sum(bool(event.cancelled) for event in events) == 1
    assert sum(event.featured for event in events) == 1
    assert sum(event.language == "en" for event in events) >= 2
    assert sum(len(event.sessions) > 1 for event in events) >= 3
    assert sum(all(session.start is None for session in event.sessions) for event in events) == 1
    assert sum(all(session.in_days < 0 for session in event.sessions) for event in events) == 1


def test_one_danish_job_has_run_out_and_the_rest_have_days_left(danish):
    assert sorted(job.deadline_in_days > 0 for job in danish.jobs) == [False] + [True] * 7


def test_danish_texts_quote_the_danish_way(danish):
    straight = re.compile(r'["“”„]')
    texts = {path.name: path.read_text(encoding="utf-8").split("+++\n", 2)[2] for path in articles("stromskifte")}
    assert [name for name, text in texts.items() if straight.search(text)] == []
    assert [name for name, text in texts.items() if text.count("»") != text.count("«")] == []


def test_danish_headlines_are_sentences_of_a_length_that_fits(danish):
    assert [one.slug for one in danish.articles if not 40 <= len(one.headline) <= 95 or one.headline[-1] in ".!"] == []


def articles(title):
    return sorted((CONTENT / title / "articles").glob("*.md"))


# --- how an article is read


def test_a_body_is_read_block_by_block_in_its_order(folder):
    article = read_content(folder).articles[1]
    assert article.body == (
        Paragraph(
            "<p>Et kabel er <em>langt</em> og <strong>tungt</strong>, "
            'se <a href="https://example.org/lov">loven</a>.</p>'
        ),
        Subhead("Hvad det vejer"),
        Quote("Mere, end man tror.", "Netplanchef, Lauget"),
        Facts("Kablet kort", ("12 kilometer", "60 kV")),
        ReadAlso("betalt"),
    )


def test_what_is_not_our_markup_is_escaped(folder):
    paragraph = body(folder, "<script>1 < 2 & 3</script> *<b>*")[0]
    assert paragraph.html == "<p>&lt;script&gt;1 &lt; 2 &amp; 3&lt;/script&gt; <em>&lt;b&gt;</em></p>"


def test_a_link_keeps_its_stars_and_escapes_its_address(folder):
    paragraph = body(folder, "[a](https://example.org/*?a=1&b=2) *b*")[0]
    assert paragraph.html == '<p><a href="https://example.org/*?a=1&amp;b=2">a</a> <em>b</em></p>'


def test_a_description_becomes_paragraphs_and_a_list(folder):
    assert read_content(folder).jobs[0].description == "<p>Langt.</p>\n<ul><li>Ét</li><li>To</li></ul>"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[x](javascript:alert)", "must begin with https:// or mailto:"),
        ("[x](http://example.org)", "must begin with https:// or mailto:"),
        ("en *stjerne uden mage", "A star is not closed"),
        ("> Sagt af ingen.", "needs a last line"),
        ("!!! Tom boks", "takes lines that begin"),
        ("- et\n- to", "belongs in a fact box"),
        ("### For dybt", "with exactly »## «"),
        ("## Overskrift\nog tekst", "Leave an empty line after the subhead"),
        (">> betalt\nog tekst", "Leave an empty line after »>> betalt«"),
        ("!!! Boks\n- med [link](https://example.org/)", "Markup belongs in paragraphs only"),
    ],
)
def test_markup_that_is_not_known_is_refused_and_nothing_is_dropped(folder, text, sentence):
    with pytest.raises(ContentError, match=re.escape(sentence)):
        body(folder, text)


def test_an_article_without_text_is_refused(folder):
    assert wrong(folder, "articles/betalt.md", "Grav langsomt.", "") == "The article has no text."


def test_a_body_without_front_matter_is_refused(folder):
    assert "between two lines" in wrong(folder, "articles/kabel.md", "+++\n", "")


def body(folder, text):
    file = folder / "articles" / "proeve.md"
    file.write_text(PAID.split("Grav")[0] + text, encoding="utf-8")
    return read_article(file).body


# --- what is refused


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('themes = ["elnet"]', 'themes = ["elnettet"]', "The theme »elnettet« is unknown"),
        ('themes = ["elnet"]', "themes = []", "at least one theme"),
        ('["virkelig"]', '["uvirkelig"]', "The organisation »uvirkelig« is unknown"),
        ('["desken"]', '["bordet"]', "The person »bordet« is unknown"),
        ('"sagen"', '"kassen"', "The story »kassen« is unknown"),
        ("themes = [", 'source = "fremmed"\nthemes = [', "The source »fremmed« is unknown"),
        (">> betalt", ">> ubetalt", "The read-also »ubetalt« is unknown"),
        (">> betalt", ">> kabel", "read-also to itself"),
        ('"pylons"', '"unicorn"', "The motif »unicorn« is unknown"),
        ('"Tegning af master."', '""', "needs an alt text"),
        ('"Illustration: Kabel"', '" "', "needs a credit"),
        ("ved kysten.", "ved kysten..", "doubled full stop"),
        ("ved kysten.", "ved kysten", "must end with a full stop"),
        ("ved kysten.", "ved kysten. Foto: Desken.", "The caption holds a credit"),
        ('alt = "Tegning af master."\n', "", "»picture« lacks the field »alt«"),
        ('["elnet"]', '"elnet"', "must be a list"),
        (PICTURE, 'picture = "pylons"\n', "Write the picture as a table of its own"),
        ("days_ago = 3", "", "Give either days_ago or date"),
        ("days_ago = 3", 'days_ago = 3\ndate = "2016-09-12"', "Give either days_ago or date"),
        ("days_ago = 3", "days_ago = -3", "nothing in the future"),
        ("days_ago = 3", 'date = "12.9.2016"', "must be written like"),
        ("days_ago = 3", 'days_ago = "3"', "must be int"),
        ("standfirst", "undertitel", "unknown field »undertitel«"),
        ('kind = "article"', 'kind = "advertorial"', "use article or partner"),
        ('kind = "article"', 'kind = "article"\npayer = "lauget"', "Only a partner piece has a payer"),
        ('headline = "', "headline = ", "The TOML can't be read"),
    ],
)
def test_an_article_that_is_wrong_is_refused(folder, old, new, sentence):
    assert sentence in wrong(folder, "articles/kabel.md", old, new)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('payer = "lauget"', "", "A partner piece needs a payer."),
        ('payer = "lauget"', 'payer = ""', "A partner piece needs a payer."),
        ('payer = "lauget"', 'payer = "nogen"', "The payer »nogen« is unknown"),
        ('payer = "lauget"', 'payer = "virkelig"', "is a real organisation"),
        ('source = "lauget"', "", "has its partner as source"),
        ('source = "lauget"', 'source = "lauget"\nbyline = ["desken"]', "no byline of ours"),
    ],
)
def test_a_paid_piece_without_its_payer_is_refused(folder, old, new, sentence):
    assert sentence in wrong(folder, "articles/betalt.md", old, new)


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("title.toml", 'name = "Kabel"', "", "»kabel« lacks the field »name«"),
        ("title.toml", "most_per_week = 2", "most_per_week = 1", "no more of them than it promises"),
        ("themes.toml", "[[themes]]", "[[temaer]]", "under [[themes]]"),
        ("themes.toml", "[[themes]]", LISTS["themes"] + "[[themes]]", "»elnet« stands there 2 times"),
        ("events.toml", 'platform = "Zoom"', 'place = "Zoom"', "needs a platform"),
        ("events.toml", 'platform = "Zoom"', 'platform = "Zoom"\nplace = "Zoom"', "A platform is not a place"),
        ("events.toml", '"online"', '"on_site"', "needs a place, a city and a country"),
        ("events.toml", '"webinar"', '"fest"', "The kind »fest« or the mode »online« is unknown"),
        ("events.toml", SESSION, "sessions = []", "needs at least one session"),
        ("events.toml", '"Langt."', '"*Langt."', "A star is not closed"),
        ("events.toml", '"Langt."', '"- et\\nog to"', "before and after the list"),
        ("events.toml", '"10:00"', '"08:00"', "a start before it"),
        ("events.toml", '"lauget"', '"ukendt"', "The organisation »ukendt« is unknown"),
        ("events.toml", 'mode = "online"', 'mode = "online"\nfeatured = true', "A featured event names its payer"),
        ("jobs.toml", 'payer = "lauget"', 'payer = ""', "names who paid for it"),
        ("jobs.toml", 'pay_reason = "Efter aftale."', "", "Give a pay range, or pay_reason"),
        ("jobs.toml", 'pay_reason = "Efter aftale."', PAY, "runs from low to high"),
        ("jobs.toml", "full_time", "fuldtid", "is unknown"),
        ("partners.toml", '"lauget"', '"virkelig"', "is a real organisation"),
        ("partners.toml", '"betalt"', '"tabt"', "The piece »tabt« is unknown"),
        ("partners.toml", '"front"', '"bagside"', "is not for sale"),
    ],
)
def test_a_list_that_is_wrong_is_refused(folder, file, old, new, sentence):
    assert sentence in wrong(folder, file, old, new)


def test_a_place_is_not_sold_twice_in_one_week(folder):
    again = '[[partners.bookings]]\nplace = "front"\nstarts_in_weeks = 1\n'
    said = wrong(folder, "partners.toml", "[[partners.bookings]]", again + "[[partners.bookings]]")
    assert said == "The place front  is sold 2 times in week 1; move one booking."


def test_a_folder_without_a_title_is_refused(folder):
    (folder / "title.toml").unlink()
    with pytest.raises(ContentError, match="There is no title.toml in »kabel«"):
        read_content(folder)


def test_a_list_a_title_does_not_need_may_be_left_out(folder):
    (folder / "promotions.toml").unlink()
    assert read_content(folder).promotions == ()


# --- dates


@pytest.mark.parametrize(
    ("today", "in_days", "day"),
    [("2026-11-23", 5, "2026-11-30"), ("2026-11-23", -1, "2026-11-20"), ("2026-11-28", 0, "2026-11-30")],
)
def test_a_session_never_falls_on_a_weekend(today, in_days, day):
    assert Session(in_days).day(dt.date.fromisoformat(today)) == dt.date.fromisoformat(day)


def test_dates_are_counted_from_the_day_that_is_given(folder):
    content, today = read_content(folder), dt.date(2026, 11, 23)
    assert content.articles[1].published_on(today) == dt.date(2026, 11, 20)
    job: Job = content.jobs[0]
    assert job.deadline(today) == dt.date(2026, 12, 2)
