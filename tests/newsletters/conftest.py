import pytest

from tests import mailroom
from tests.newsroom import article


@pytest.fixture
def letter(title):
    """A newsletter of a title with one article in it."""
    article(title, "Kabelkøen vokser", standfirst="Tolv projekter venter på strøm.")
    return mailroom.newsletter(title)


@pytest.fixture
def post(monkeypatch, tmp_path):
    return mailroom.post_office(monkeypatch, tmp_path)
