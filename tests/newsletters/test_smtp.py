"""One issue over a real line: signed up, confirmed, mailed, read back, stopped with its own link."""

import pytest

from masthead.mail import catching
from masthead.mail.transport import Server, Tls
from masthead.newsletters import rendering, sending
from masthead.newsletters.models import Issue
from masthead.subscribers import posting, subscribing
from masthead.subscribers.models import ConsentText, Subscription
from tests.mailroom import link_in, path, ready

pytestmark = [pytest.mark.django_db, pytest.mark.smtp]


@pytest.fixture
def catcher(tmp_path, monkeypatch):
    monkeypatch.setattr("masthead.newsletters.settling.journals", lambda: tmp_path / "journals")
    with catching.Catcher(tmp_path / "caught") as running:
        running.server = Server("127.0.0.1", running.port, tls=Tls.NONE)
        yield running


def test_from_the_form_to_the_mailbox_and_out_again(client, title, letter, catcher):
    shown = {f"shown_{text.kind}": text.pk for text in ConsentText.offered(title)}
    client.post(path("newsletters"), {"address": "Laeser@example.org", "newsletter": "on", **shown})
    subscribing.answer_sign_ups()
    assert posting.post_due(catcher.server) == 1
    (asking,) = catching.caught(catcher.folder)
    link = link_in(catching.raw(catcher.folder, asking.key), "confirm")
    client.post(link, {"asked": [Subscription.objects.get().pk]})

    issue = ready(letter, subject="Kabelkøen vokser – og køen bag den")
    assert sending.send_due(catcher.server) == 1
    issue.refresh_from_db()
    assert issue.state == Issue.State.FINISHED
    newest = catching.caught(catcher.folder)[0]
    mail = rendering.read(catching.raw(catcher.folder, newest.key))
    assert mail.subject == "Kabelkøen vokser – og køen bag den"
    assert newest.recipient == "Laeser@example.org"
    assert "Kabelkøen vokser" in mail.text
    assert "Kabelkøen vokser" in mail.html
    assert mail.headers["message-id"].strip("<>") == issue.deliveries.get().message_id

    one_click = mail.headers["list-unsubscribe"].split(">")[0].removeprefix("<").split("localhost", 1)[1]
    assert client.post(one_click, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription.objects.confirmed().exists()
