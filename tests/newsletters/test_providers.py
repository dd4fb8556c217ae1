"""A chunk goes to a provider in one call; each letter keeps its own way out, and nobody is mailed twice over it."""

import json
import socket

import pytest
import requests
from django.core import checks
from urllib3.exceptions import MaxRetryError, NameResolutionError, ReadTimeoutError

from masthead.mail.transport import Stage
from masthead.newsletters import providing, sending, settling, working
from masthead.newsletters.carrying import ByServer
from masthead.newsletters.models import Issue, Pace
from tests.mailroom import newsletter, reader, ready
from tests.newsroom import article

pytestmark = pytest.mark.django_db
READERS = ["anna@example.org", "bo@example.org", "cecilie@example.org"]


class Wire:
    """In the place of a provider: answers by its script, then takes everything; keeps what was said to it."""

    def __init__(self, provider):
        self.provider, self.calls, self.script = provider, [], []

    def request(self, **call):
        self.calls.append(call)
        answer = self.script.pop(0) if self.script else self.taken
        if isinstance(answer, Exception):
            raise answer
        return answer(call) if callable(answer) else answer

    def close(self):
        pass

    def taken(self, call):
        letters = json.loads(call["data"])
        if self.provider == "postmark":
            return says(200, [{"ErrorCode": 0, "Message": "OK", "MessageID": f"m-{n}"} for n in range(len(letters))])
        return says(200, {"data": [{"id": f"m-{n}"} for n in range(len(letters))]})

    @property
    def letters(self):
        return [letter for call in self.calls for letter in json.loads(call["data"])]


def says(code, said):
    answer = requests.Response()
    answer.status_code, answer._content = code, said if isinstance(said, bytes) else json.dumps(said).encode()
    return answer


@pytest.fixture(params=["postmark", "resend"])
def wire(request, settings, monkeypatch, tmp_path):
    settings.MASTHEAD = {**settings.MASTHEAD, "esp": request.param, "esp_key": "key-of-the-house"}
    keys = {"POSTMARK_SERVER_TOKEN": "key-of-the-house", "RESEND_API_KEY": "key-of-the-house"}
    settings.ANYMAIL = {**settings.ANYMAIL, **keys}
    monkeypatch.setattr("masthead.newsletters.settling.journals", lambda: tmp_path / "journals")
    monkeypatch.setattr(providing, "AGAIN", (0.001, 0.001))
    made = Wire(request.param)
    monkeypatch.setattr(providing.PROVIDERS[request.param].backend, "create_session", lambda self: made)
    return made


@pytest.fixture
def issue(title):
    article(title, "Kabelkøen vokser", standfirst="Tolv projekter venter på strøm {{ og }} {{{pm:unsubscribe}}} %tal%.")
    letter = newsletter(
        title, name="Brevet på strøm", slug="brevet", sender_name="Bladet, det nye", sender_address="brev@example.org"
    )
    for address in READERS:
        reader(title, address)
    return ready(letter, subject="Kabelkøen vokser – og køen bag den")


def states(issue):
    return sorted(issue.deliveries.values_list("state", flat=True))


def headers_of(letter):
    said = letter.get("Headers") or letter["headers"]
    return {one["Name"]: one["Value"] for one in said} if isinstance(said, list) else said


def part(letter, name):
    return (
        letter[{"text": "TextBody", "html": "HtmlBody", "to": "To", "from": "From", "subject": "Subject"}[name]]
        if "TextBody" in letter
        else letter[name]
    )


# What is handed over


def test_a_chunk_is_one_call_and_each_letter_keeps_its_own_way_out(wire, issue):
    assert sending.send(issue) == 3
    issue.refresh_from_db()
    assert (issue.state, states(issue), len(wire.calls)) == (Issue.State.FINISHED, ["sent"] * 3, 1)
    assert len(wire.letters) == 3
    ways_out = set()
    for letter, delivery in zip(wire.letters, issue.deliveries.order_by("pk"), strict=True):
        headers = headers_of(letter)
        page = headers["List-Unsubscribe"].partition(">")[0].removeprefix("<")
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"<mailto:brev@example.org?subject=stop%20{delivery.subject}" in headers["List-Unsubscribe"]
        assert page in part(letter, "text")
        assert page in part(letter, "html")
        assert all(value.isascii() for value in headers.values())
        ways_out.add(page)
        said = letter.get("Metadata") or json.loads(headers["X-Metadata"])
        assert said == {"delivery": delivery.message_id.partition("@")[0]}
    assert len(ways_out) == 3


def test_the_letter_is_word_for_word_the_approved_one(wire, issue):
    sending.send(issue)
    letter = wire.letters[0]
    assert part(letter, "subject") == "Kabelkøen vokser – og køen bag den"
    assert part(letter, "from").endswith("<brev@example.org>")
    assert "Bladet, det nye" in part(letter, "from") or "=?utf-8?" in part(letter, "from")
    assert part(letter, "to") in ("anna@example.org", ["anna@example.org"])
    for name in ("text", "html"):
        assert "{{ og }} {{{pm:unsubscribe}}} %tal%" in part(letter, name)
    if wire.provider == "postmark":
        assert (letter["MessageStream"], letter["TrackOpens"], letter["TrackLinks"]) == ("broadcast", False, "None")


def test_the_key_travels_in_the_header_and_nowhere_else(wire, issue):
    sending.send(issue)
    (call,) = wire.calls
    assert any("key-of-the-house" in value for value in call["headers"].values())
    assert b"key-of-the-house" not in call["data"]
    assert call["url"].startswith("https://")


def test_the_providers_own_name_of_a_letter_is_kept(wire, issue):
    sending.send(issue)
    assert set(issue.deliveries.values_list("reply", flat=True)) == {"m-0", "m-1", "m-2"}


# What is not proved


@pytest.mark.parametrize(
    "trouble",
    [
        requests.ReadTimeout("timed out"),
        requests.ConnectionError("aborted", ConnectionResetError(104, "reset")),
        requests.exceptions.ChunkedEncodingError("cut"),
        says(500, {"message": "trouble"}),
        says(502, b"<html>"),
        says(200, b"not json"),
        says(200, {"surprise": 1}),
        says(200, []),
        says(200, {"data": []}),
    ],
    ids=lambda trouble: str(trouble)[:20],
)
def test_a_call_without_a_clear_answer_leaves_its_letters_uncertain_and_is_not_made_again(wire, issue, trouble):
    wire.script = [trouble] * 3
    sending.send(issue)
    issue.refresh_from_db()
    assert states(issue) == ["ambiguous"] * 3
    assert issue.books_balance()
    made = len(wire.calls)
    sending.send(issue)
    assert len(wire.calls) == made
    assert states(issue) == ["ambiguous"] * 3


def test_a_provider_with_keys_is_asked_again_with_the_same_bytes_and_key_and_one_without_is_not(wire, issue):
    wire.script = [requests.ReadTimeout("timed out"), says(409, {"message": "still at it"})]
    sending.send(issue)
    if wire.provider == "resend":
        assert states(issue) == ["sent"] * 3
        assert len({(call["data"], call["headers"]["Idempotency-Key"]) for call in wire.calls}) == 1
        assert len(wire.calls) == 3
    else:
        assert (states(issue), len(wire.calls)) == (["ambiguous"] * 3, 1)


def test_a_refusal_after_a_silence_proves_nothing_about_the_silent_call(wire, issue):
    wire.script = [requests.ReadTimeout("timed out"), says(429, {"message": "slower"}), says(422, {"message": "no"})]
    sending.send(issue)
    assert states(issue) == ["ambiguous"] * 3


def test_after_a_silence_one_letter_goes_ahead_before_a_whole_chunk_is_risked_again(wire, title, issue, monkeypatch):
    monkeypatch.setattr("masthead.newsletters.planning.WINDOW", 2)
    Issue.objects.all().delete()
    for n in range(4):
        reader(title, f"mere{n}@example.org")
    issue = ready(newsletter(title, name="Andet", slug="andet"), subject="Kabelkøen")
    wire.script = [requests.ReadTimeout("timed out")] * (3 if wire.provider == "resend" else 1)
    wire.script += [says(500, {"message": "trouble"})] * (3 if wire.provider == "resend" else 1)
    with sending.Crew(providing.carriers(1), settling.journals()) as crew:
        for _turn in range(4):
            Pace.objects.all().delete()  # the wait is over
            sending.hand_over(issue, crew, lambda: False)
    sizes = [len(json.loads(call["data"])) for call in wire.calls]
    assert sizes == ([2, 2, 2, 1, 1, 1] if wire.provider == "resend" else [2, 1]) + [1, 2, 1]
    assert issue.books()["ambiguous"] == 3
    assert issue.books()["sent"] == 4


# What is proved not to have been taken


@pytest.mark.parametrize("code", [401, 403, 422, 429])
def test_a_call_that_is_refused_leaves_everybody_waiting_and_says_why(wire, issue, code):
    wire.script = [says(code, {"message": "Not today.", "Message": "Not today."})]
    sending.send(issue)
    issue.refresh_from_db()
    assert states(issue) == ["queued"] * 3
    assert "Not today." in issue.note
    Pace.objects.all().delete()  # the wait is over
    sending.send(issue)
    assert states(issue) == ["sent"] * 3
    first, second = wire.calls
    if wire.provider == "resend":  # another attempt is another call: its letters may differ
        assert first["headers"]["Idempotency-Key"] != second["headers"]["Idempotency-Key"]


def test_a_provider_that_cannot_be_reached_has_taken_nothing(issue, wire, monkeypatch):
    backend = providing.PROVIDERS[wire.provider].backend
    monkeypatch.setattr(backend, "create_session", lambda self: requests.Session())
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setattr(backend, "__init__", _leading_to(backend.__init__, f"http://127.0.0.1:{port}/"))
    sending.send(issue)
    issue.refresh_from_db()
    assert states(issue) == ["queued"] * 3
    assert "can't be reached" in issue.note


def _leading_to(init, address):
    def made(self, **more):
        init(self, **more)
        self.api_url = address

    return made


def test_a_name_that_leads_nowhere_and_a_false_certificate_have_taken_nothing():
    nowhere = NameResolutionError("provider.invalid", None, OSError("unknown"))
    assert providing.never_left(requests.ConnectionError(MaxRetryError(None, "/", nowhere)))
    assert providing.never_left(requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] expired"))
    assert providing.never_left(requests.ConnectTimeout())
    assert not providing.never_left(
        requests.ConnectionError(MaxRetryError(None, "/", ReadTimeoutError(None, "/", "late")))
    )
    assert not providing.never_left(requests.exceptions.SSLError("bad record mac"))


def test_one_bad_address_is_refused_and_the_rest_goes_out(wire, issue):
    def some(call):
        if wire.provider == "postmark":
            bad = {"ErrorCode": 406, "Message": "You tried to send to a recipient that has been marked as inactive."}
            good = {"ErrorCode": 0, "Message": "OK", "MessageID": "m"}
            return says(200, [good, bad, good])
        bad = {"index": 1, "message": "Invalid `to` field."}
        return says(200, {"data": [{"id": "m"}, {"id": "m"}], "errors": [bad]})

    wire.script = [some]
    sending.send(issue)
    issue.refresh_from_db()
    found = dict(issue.deliveries.values_list("address", "state"))
    assert found == {"anna@example.org": "sent", "bo@example.org": "rejected", "cecilie@example.org": "sent"}
    refused = issue.deliveries.get(state="rejected")
    assert (refused.stage, refused.code) == (Stage.RCPT, 0)
    assert issue.state == Issue.State.FINISHED


def test_a_provider_that_refuses_every_letter_for_what_we_are_makes_the_issue_stand_still(wire, title, issue):
    Issue.objects.all().delete()
    for n in range(5):
        reader(title, f"mere{n}@example.org")
    issue = ready(newsletter(title, name="Andet", slug="andet"), subject="Kabelkøen")

    def none(call):
        many = len(json.loads(call["data"]))
        if wire.provider == "postmark":
            return says(200, [{"ErrorCode": 412, "Message": "The account is pending approval."}] * many)
        return says(200, {"data": [], "errors": [{"index": n, "message": "Domain not verified."} for n in range(many)]})

    wire.script = [none]
    sending.send(issue)
    issue.refresh_from_db()
    assert issue.state == Issue.State.PAUSED
    assert "refuses every letter" in issue.note


# Who carries


def test_without_a_provider_the_mail_server_carries(settings):
    settings.MASTHEAD = {**settings.MASTHEAD, "esp": "", "mail_connections": 3}
    assert [type(carrier) for carrier in working.carriers()] == [ByServer] * 3
    settings.MASTHEAD = {**settings.MASTHEAD, "esp": "postmark"}
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_SERVER_TOKEN": "x"}
    assert [type(carrier) for carrier in working.carriers()] == [providing.ByProvider] * 3


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"esp": ""}, []),
        ({"esp": "brevo", "esp_key": "k", "esp_webhook_secret": "a:b"}, ["masthead.E012"]),
        ({"esp": "resend", "esp_key": ""}, ["masthead.E012"]),
        ({"esp": "resend", "esp_key": "k", "esp_webhook_secret": ""}, ["masthead.W012"]),
        ({"esp": "resend", "esp_key": "k", "esp_webhook_secret": "a:b"}, []),
    ],
)
def test_a_provider_that_writes_over_our_headers_is_not_offered(settings, options, found):
    settings.MASTHEAD = {**settings.MASTHEAD, **options}
    said = [message for message in checks.run_checks() if message.id in ("masthead.E012", "masthead.W012")]
    assert [message.id for message in said] == found
    assert all(message.hint for message in said)
