import pytest

from masthead.press import recalling, standing
from tests.press.printshop import Printshop


@pytest.fixture
def shop(title, settings, tmp_path, django_capture_on_commit_callbacks):
    """A press before Django, on a disk of its own, with a clock that stands until it is moved."""
    shop = Printshop(title, settings, tmp_path, django_capture_on_commit_callbacks)
    yield shop
    shop.close()


@pytest.fixture
def case(shop):
    """Parts of pages stand in this process, as where it is served."""
    yield standing.open_case(recalling.store().board)
    standing.close_case()
