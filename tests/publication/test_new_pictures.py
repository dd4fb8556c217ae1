"""A new picture is printed in every size by the clock, before a reader asks for it."""

import pytest

from masthead.publication import picturing
from tests.newsroom import ago, picture

pytestmark = pytest.mark.django_db


def test_the_clock_prints_a_new_picture_once(title):
    new = picture()
    assert picturing.prepare_new() == 1
    assert {r.filter_spec for r in new.renditions.all()} >= set(picturing.SPECS)
    assert picturing.prepare_new() == 0


def test_an_old_picture_is_left_for_whoever_asks(title):
    old = picture()
    type(old).objects.filter(pk=old.pk).update(created_at=ago(hours=2))
    assert picturing.prepare_new() == 0
