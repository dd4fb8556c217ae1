import pytest

from tests import mailroom


@pytest.fixture
def letter(title):
    return mailroom.newsletter(title)


@pytest.fixture
def post(monkeypatch, tmp_path):
    return mailroom.post_office(monkeypatch, tmp_path)
