"""Before an issue is approved its links are known to answer, and its mail leans on nothing big mail programs lack."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.template import engines
from django.utils import timezone

from masthead.newsletters import approving, checking, clientsupport, composing, probing, promising, rendering
from masthead.newsletters.models import Issue
from tests.mailroom import editor, newsletter
from tests.newsroom import article, event, house_promotion, job

pytestmark = pytest.mark.django_db
ELSEWHERE = "https://elsewhere.example/side?a=1&b=2"


@pytest.fixture
def issue(title, letter):
    made = composing.propose(letter)
    composing.write(made, subject="X")
    return made


@pytest.fixture
def with_link(issue, settings, tmp_path):
    """The issue, in whose mail a house wrote a link of its own."""
    name = "newsletters/issue.mjml"
    source = Path(engines["django"].engine.get_template(name).origin.name).read_text()

    def write(address):
        text = f'<mj-text><a href="{address.replace("&", "&amp;")}">Der</a></mj-text>'
        link = f"<mj-section><mj-column>{text}</mj-column></mj-section>"
        (tmp_path / "newsletters").mkdir(exist_ok=True)
        (tmp_path / name).write_text(source.replace("</mj-body>", link + "</mj-body>"))
        settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
        composing.compose(issue)
        return issue

    return write


def problems(issue):
    return [(p.code, str(p.sentence)) for p in checking.problems(issue, composing.compose(issue))]


def warnings(issue):
    return checking.warnings(issue, composing.compose(issue))


# Links


def test_a_link_that_nobody_asked_yet_is_a_warning_and_stops_nothing(with_link):
    issue = with_link(ELSEWHERE)
    assert probing.foreign(issue) == [ELSEWHERE]
    assert problems(issue) == []
    assert "1 address elsewhere is not checked yet." in warnings(issue)


def test_a_dead_link_stops_the_issue_until_it_answers_or_somebody_signs(with_link):
    issue = with_link(ELSEWHERE)
    assert probing.probe(issue, ask=lambda address: "dead: 404") == 1
    assert [code for code, _said in problems(issue)] == [f"dead:{ELSEWHERE}"]
    assert "answers 404" in problems(issue)[0][1]
    promising.allow(issue, f"dead:{ELSEWHERE}", "De er oppe igen i morgen.", editor())
    assert problems(issue) == []
    assert approving.approve(issue, editor()).state == "approved"


def test_without_a_network_it_is_said_and_the_issue_goes_out(with_link):
    issue = with_link(ELSEWHERE)
    probing.probe(issue, ask=lambda address: "unknown: no network")
    assert problems(issue) == []
    assert f"{ELSEWHERE} could not be checked: no network" in warnings(issue)
    assert approving.approve(issue, editor()).state == "approved"


def test_an_answer_is_believed_for_an_hour(with_link):
    issue = with_link(ELSEWHERE)
    assert probing.probe(issue, ask=lambda address: "alive") == 1
    assert probing.probe(issue, ask=lambda address: "dead: 404") == 0
    issue.links_asked[ELSEWHERE]["at"] = (timezone.now() - probing.FRESH).isoformat()
    assert probing.probe(issue, ask=lambda address: "dead: 404") == 1


def test_the_clock_asks_for_the_issues_being_made_only(with_link, monkeypatch):
    issue = with_link(ELSEWHERE)
    monkeypatch.setattr(probing, "ask_politely", lambda address: "alive")
    assert probing.probe_due() == 1
    Issue.objects.filter(pk=issue.pk).update(state="cancelled", links_asked={})
    assert probing.probe_due() == 0


def test_a_link_within_the_title_that_leads_nowhere_stops_the_issue(with_link, title):
    issue = with_link(f"{title.root_url}/findes/ikke/")
    assert [code for code, _said in problems(issue)] == ["dead:/findes/ikke/"]


def test_links_to_lists_views_and_pieces_of_the_title_lead_somewhere(with_link, title):
    event(title)
    for path in ("/artikler/", "/nyhedsbrev/", "/"):
        assert problems(with_link(title.root_url + path)) == []


@pytest.fixture
def server():
    """A web server of another house on this machine: HEAD is refused at /get, nothing stands at /gone."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_HEAD(self):
            asked.append((self.command, self.path))
            codes = {"/gone": 404, "/get": 405 if self.command == "HEAD" else 200, "/moved": 301}
            self.send_response(codes.get(self.path, 200))
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD

        def log_message(self, *args):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}", asked
    running.shutdown()
    running.server_close()


def test_an_address_is_asked_by_head_and_by_get_where_head_is_not_liked(server, monkeypatch):
    base, asked = server
    monkeypatch.setattr(probing, "_refuse_own_network", lambda address: None)
    said = {path: probing.ask_politely(base + path) for path in ("/", "/gone", "/get", "/moved")}
    assert said == {"/": "alive", "/gone": "dead: 404", "/get": "alive", "/moved": "alive"}
    assert ("GET", "/get") in asked and ("GET", "/") not in asked


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://localhost/", "ftp://example.org/", "http://[::1]/"])
def test_nobody_asks_within_the_houses_own_network(address, server):
    assert probing.ask_politely(address).startswith("unknown: ")
    assert probing.ask_politely(server[0]).startswith("unknown: an address within")
    assert server[1] == []


# Mail programs


def test_our_own_letter_leans_on_nothing_a_big_mail_program_lacks(title):
    event(title), job(title), house_promotion(title), article(title)
    issue = composing.propose(newsletter(title))
    html = rendering.read(rendering.specimen(composing.compose(issue), issue.newsletter)).html
    assert [feature.name for feature in clientsupport.leans_on(html)] == []


@pytest.mark.parametrize(
    ("html", "name"),
    [
        ('<div style="display:flex">x</div>', "display: flex"),
        ("<style>.a { position: absolute }</style>", "position"),
        ('<img alt="" src="https://x.example/a.webp">', "WebP as a picture"),
        ('<td style="width:calc(100% - 2px)">', "calc()"),
        ("<picture><img></picture>", "<picture>"),
    ],
)
def test_a_feature_that_is_lacking_somewhere_is_named(html, name):
    assert [feature.name for feature in clientsupport.leans_on(html)] == [name]


@pytest.mark.parametrize(
    "html",
    [
        "<!--[if mso]><style>.a { position: absolute }</style><![endif]-->",
        "<p>display: flex is a word here</p>",
        '<td style="background-position:center">',
    ],
)
def test_what_no_other_program_reads_or_is_no_style_is_passed_over(html):
    assert list(clientsupport.leans_on(html)) == []


def test_an_editor_reads_which_programs_will_not_show_it(issue, monkeypatch):
    feature = clientsupport.Feature("tables", "html-table", r"<table\b", ("Gmail", "Outlook.com"), "2026-01")
    monkeypatch.setattr(clientsupport, "FEATURES", (feature,))
    assert "readers in Gmail and Outlook.com will not" in warnings(issue)[0]


# Colours


def light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("look", [rendering.LOOK, rendering.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    "pair",
    ["paper ink", "paper muted", "paid_paper paid_ink", "paid_paper muted", "house_paper house_ink", "paid_paper ink"],
)
def test_every_word_of_a_mail_has_contrast_enough_by_day_and_by_night(look, pair):
    one, other = sorted((light(look[name]) for name in pair.split()), reverse=True)
    assert (one + 0.05) / (other + 0.05) >= 4.5
