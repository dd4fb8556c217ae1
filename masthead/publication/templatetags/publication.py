"""What every page of a title prints: its look, its dates, its pictures, its legal pages."""

from django import template
from django.contrib.contenttypes.models import ContentType
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe
from wagtail.models import Page

from masthead.press.ingredients import note, note_day
from masthead.publication import picturing, styling, typesetting
from masthead.publication.models import LegalPage, Picture, Publication

register = template.Library()

SIZES = {
    "lead": "(min-width: 78rem) 46rem, (min-width: 62rem) 60vw, 94vw",
    "wide": "(min-width: 78rem) 73rem, 94vw",
    "trio": "(min-width: 78rem) 23rem, (min-width: 46rem) 31vw, 94vw",
    "text": "(min-width: 44rem) 39rem, 94vw",
    "margin": "(min-width: 62rem) 19rem, 94vw",
}

register.filter("day", typesetting.day)
register.filter("full_day", typesetting.full_day)
register.filter("hour", typesetting.hour)
register.filter("month", typesetting.month)


@register.filter
def machine_time(moment) -> str:
    """A moment as the `datetime` of a time element, to the minute and with its offset."""
    return timezone.localtime(moment).isoformat(timespec="minutes")


@register.filter(needs_autoescape=True)
def unparted(text: str, autoescape=True):
    """Keep numbers and their units on one line."""
    said = conditional_escape(text) if autoescape else str(text)
    # Escaped, or marked safe by whoever made it; only spaces are changed.
    return mark_safe(typesetting.unparted(said))


@register.filter
def in_quotes(text: str, language: str = ""):
    return typesetting.quoted(text, language)


@register.simple_tag(takes_context=True)
def title_here(context) -> Publication | None:
    """The title this page stands in."""
    title = context.get("title")
    return title if isinstance(title, Publication) else getattr(context.get("request"), "publication", None)


@register.simple_tag
def stylesheet(title: Publication | None) -> str:
    return styling.address(title) if title else static("publication/masthead.css")


@register.simple_tag
def script() -> str:
    return f"{static('publication/masthead.js')}?v={styling.script_version()}"


@register.simple_tag
def icon() -> str:
    """The icon of the window, inside the page where it is small: one request less for every new reader."""
    return styling.icon_inside() or static("publication/icon.svg")


@register.simple_tag
def today() -> dict:
    """The date as the nameplate prints it, and as machines read it."""
    note_day()
    day = timezone.localdate()
    return {"iso": day.isoformat(), "words": typesetting.weekday(day)}


@register.inclusion_tag("publication/picture.html")
def picture(image: Picture, sizes: str, first: bool = False, decorative: bool = False) -> dict:
    """Print a picture in its sizes. `first` is the one a reader waits for; beside its headline it is `decorative`."""
    return {
        "printed": picturing.printed(image) if image else None,
        "sizes": SIZES[sizes],
        "first": first,
        "alt": "" if decorative else image.default_alt_text if image else "",
    }


@register.inclusion_tag("publication/caption.html")
def caption(text: str, image: Picture | None) -> dict:
    """Print a caption and, apart from it, who made the picture; nothing where there is neither (rule I3)."""
    credit = image.credit if image else ""
    return {"text": typesetting.caption_text(text, credit), "credit": typesetting.credit_line(credit)}


@register.simple_tag
def shortcuts(title: Publication | None) -> list[Page]:
    """The lists of a title that its nameplate leads to: those an editor ticked “show in menus”."""
    if title is None:
        return []
    note(f"lists:{title.pk}")
    return [page for page in title.first_pages if page.show_in_menus]


@register.simple_tag
def legal_pages(title: Publication | None) -> list[Page]:
    """The pages about the title, as its foot lists them."""
    if title is None:
        return []
    note(f"legal:{title.pk}")
    kind = ContentType.objects.get_for_model(LegalPage).pk
    return [page for page in title.first_pages if page.content_type_id == kind]
