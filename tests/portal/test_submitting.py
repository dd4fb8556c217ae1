"""A partner comes in by its own door, sees its own things, and hands in a text that an editor must approve."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import translation

from masthead.articles.models import PartnerArticle
from masthead.newsstand import staffing
from masthead.partners.models import Contact
from masthead.portal.claims import claims_in
from tests.newsroom import agreement, organisation, partner_article

pytestmark = pytest.mark.django_db
TEXT = {
    "headline": "Flåden på strøm",
    "standfirst": "En regnemodel.",
    "text": "Første afsnit.\n\nAndet afsnit med <b>tegn</b>.",
    "commercial": "no",
}


@pytest.fixture(autouse=True)
def _danish():
    with translation.override("da"):
        yield


@pytest.fixture
def contact(title, django_user_model):
    user = django_user_model.objects.create_user("kunde", password="x")
    return Contact.objects.create(user=user, partner=organisation("Ladelauget ApS"))


@pytest.fixture
def door(client, contact):
    client.force_login(contact.user)
    return client


def hand_in(door, bought, **changes):
    return door.post(reverse("portal_submit"), TEXT | {"agreement": bought.pk} | changes)


def test_nobody_comes_in_without_logging_in(client, title):
    assert client.get(reverse("portal")).status_code == 302


def test_an_editor_is_not_a_partner(client, title):
    client.force_login(get_user_model().objects.create_superuser("redaktør"))
    assert client.get(reverse("portal")).status_code == 403


def test_a_partner_sees_its_balance_and_nobody_elses(door, title):
    agreement(title, reference="AFT-MIN", articles=12)
    agreement(title, reference="AFT-ANDENS", partner=organisation("Vindø Elnet A/S"))
    page = door.get(reverse("portal")).content.decode()
    assert "AFT-MIN" in page and "12" in page and "AFT-ANDENS" not in page


def test_what_is_handed_in_is_a_draft_labelled_with_its_payer(door, title):
    hand_in(door, agreement(title, articles=2))
    draft = PartnerArticle.objects.get()
    assert not draft.live and draft.card is None
    assert draft.payer.name == "Ladelauget ApS" and draft.reference == "AFT-1"
    assert "&lt;b&gt;" in draft.body.raw_data[1]["value"]


def test_the_draft_waits_for_an_editor_and_the_approver_is_kept(door, title):
    staffing.staff_desk()
    hand_in(door, agreement(title, articles=2))
    draft = PartnerArticle.objects.get()
    state = draft.current_workflow_task_state
    editor = staffing.add_user("vagt", "et-langt-kodeord", groups=(staffing.EDITORS,))
    state.task.specific.on_action(state, editor, "approve")
    draft.refresh_from_db()
    assert draft.live and draft.approved_by == editor


def test_the_partner_cannot_reach_the_desk(door, title):
    assert door.get("/desk/").status_code in (302, 403)


def test_the_preview_shows_label_and_payer_before_the_headline(door, title):
    hand_in(door, agreement(title, articles=2))
    page = door.get(reverse("portal_preview", args=[PartnerArticle.objects.get().pk])).content.decode()
    body = page[page.index("<main") :]
    assert body.index("Annonce") < body.index("Ladelauget ApS") < body.index("Flåden på strøm")


def test_another_partners_text_is_not_there(door, title):
    other = partner_article(title, payer=organisation("Vindø Elnet A/S"))
    assert door.get(reverse("portal_preview", args=[other.pk])).status_code == 404


def test_nothing_is_taken_when_the_agreement_is_used_up(door, title):
    bought = agreement(title, articles=1)
    partner_article(title, "Brugt", reference=bought.reference)
    page = hand_in(door, bought).content.decode()
    assert PartnerArticle.objects.count() == 1 and "AFT-1" in page and "En regnemodel." in page


def test_a_claim_for_the_environment_asks_for_its_proof_and_keeps_what_was_typed(door, title):
    bought = agreement(title, articles=1)
    page = hand_in(door, bought, headline="Klimavenlige lastbiler").content.decode()
    assert "Klimavenlige" in page and not PartnerArticle.objects.exists()
    hand_in(door, bought, headline="Klimavenlige lastbiler", substantiation="LCA 2026, bilag 1")
    assert PartnerArticle.objects.get().substantiation == "LCA 2026, bilag 1"


def test_a_political_message_is_not_taken(door, title):
    hand_in(door, agreement(title, articles=1), commercial="yes")
    assert not PartnerArticle.objects.exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("En grønnere by", ["grønnere"]),
        ("CO₂-neutral drift", ["CO2-neutral"]),
        ("Our green promise", ["green"]),
        ("Evergreen og Grøndal", ["Grøndal"]),
        ("Netselskabet melder", []),
    ],
)
def test_claim_words_are_found_as_written(text, found):
    assert claims_in(text) == found
