"""System checks: an output that does not say whether it shows cards does not start; labels and colours are judged."""

import colorsys

from django.apps import apps
from django.core.checks import Error, Tags, Warning, register
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from wagtail.models import Page

from masthead.catalogue.checking import check_labels
from masthead.catalogue.outputs import registered
from masthead.publication.models import Publication

OURS = "masthead."
AMBER = ("#c8891a", "#6f4500", "#f2c674", "#9c702a")  # the colours that mean “paid”, on paper and in the dark
NEAR_HUE, VIVID = 22, 0.35  # degrees of the colour circle; saturation from which a colour is seen as one
HINT = "Mark it with @shows(…) or @shows_no_cards from masthead.catalogue.outputs."


@register()
def every_output_says_whether_it_shows_cards(app_configs, **kwargs) -> list[Error]:
    """masthead.E001: a view or a page type of ours that nobody marked could show something paid unseen by the check."""
    unmarked = [name for name, marked in _views() if not any(hasattr(view, "shows_cards") for view in marked)]
    names = {output.name for output in registered()}  # known once the addresses are loaded
    unmarked += [model._meta.label for model in _page_types() if not hasattr(model, "shows_cards")]
    unknown = [
        f"{model._meta.label} (“{model.shows_cards}”)"
        for model in _page_types()
        if getattr(model, "shows_cards", None) and model.shows_cards not in names
    ]
    return [
        *(Error(f"{name} does not say whether it shows cards.", hint=HINT, id="masthead.E001") for name in unmarked),
        *(Error(f"{name} names an output that is not registered.", hint=HINT, id="masthead.E001") for name in unknown),
    ]


@register(Tags.database)
def labels_tell_a_reader(app_configs, databases=None, **kwargs) -> list:
    """masthead.E002 and W001: the word that labels paid content is one the title's country recommends."""
    if not databases or not _has_titles():
        return []
    made = {"error": (Error, "masthead.E002"), "warning": (Warning, "masthead.W001")}
    hint = "Change “other word for paid content” in the title's settings, or leave it empty."
    return [made[level][0](said, hint=hint, id=made[level][1]) for level, said in check_labels()]


@register(Tags.database)
def amber_means_paid(app_configs, databases=None, **kwargs) -> list[Warning]:
    """masthead.W002: a title's own colour is not taken for the one that means “paid”."""
    if not databases or not _has_titles():
        return []
    hint = "Choose another accent colour in the title's settings."
    said = "The accent {} of {} is close to the colour of paid content."
    return [
        Warning(said.format(colour, title.name), hint=hint, id="masthead.W002")
        for title in Publication.objects.all()
        for colour in (title.accent, title.accent_dark)
        if is_near_amber(colour)
    ]


def _has_titles() -> bool:
    """Whether the database is made already; checks run before its first migration too."""
    return Publication._meta.db_table in connection.introspection.table_names()


def is_near_amber(colour: str) -> bool:
    """Whether a reader could take a colour (#rrggbb) for one of those that mean “paid”: the same hue, and no grey."""
    hue, _lightness, saturation = _hls(colour)
    return saturation >= VIVID and any(_apart(hue, _hls(amber)[0]) <= NEAR_HUE for amber in AMBER)


def _hls(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)


def _apart(one: float, other: float) -> float:
    apart = abs(one - other) * 360
    return min(apart, 360 - apart)


def _views(patterns=None):
    """Return (name, what may be marked) of every view of ours: the view, and the class it was made from."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", pattern.callback)
            if view.__module__.startswith(OURS):
                yield f"{view.__module__}.{view.__qualname__}", (pattern.callback, view)


def _page_types():
    return [model for model in apps.get_models() if issubclass(model, Page) and model.__module__.startswith(OURS)]
