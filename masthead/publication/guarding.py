"""Guarding the desk: the few scripts Wagtail writes into its forms carry a nonce, and no other inline script runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe

_nonce: ContextVar[str] = ContextVar("nonce", default="")


def nonce_of(request) -> str:
    """Return the nonce of a log-in's session, or "" for who has none.

    It stays the same for a session: the desk puts forms it fetches later into a page that was opened before.
    """
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return salted_hmac("masthead.desk.nonce", session, algorithm="sha256").hexdigest()[:32] if session else ""


@contextmanager
def giving(nonce: str) -> Iterator[None]:
    """Give this nonce to every script that Wagtail's widgets write meanwhile."""
    token = _nonce.set(nonce)
    try:
        yield
    finally:
        _nonce.reset(token)


def teach_wagtail() -> None:
    """Let those of Wagtail's renderers that write a script into their HTML (8.0) give it the nonce."""
    from wagtail.admin.filters import DateRangePickerWidget
    from wagtail.admin.panels import InlinePanel
    from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput, AdminTimeInput
    from wagtail.admin.widgets.chooser import BaseChooser

    for owner in (AdminDateInput, AdminTimeInput, AdminDateTimeInput, DateRangePickerWidget, BaseChooser):
        owner.render = _with_nonce(owner.render)
    InlinePanel.BoundPanel.render_html = _with_nonce(InlinePanel.BoundPanel.render_html)


def _with_nonce(render: Callable[..., str]) -> Callable[..., SafeString]:
    def rendered(*args, **kwargs):
        html = render(*args, **kwargs)
        # Only the renderer's own tag is bare: whatever an editor or a partner wrote was escaped before this.
        return mark_safe(html.replace("<script>", f'<script nonce="{_nonce.get()}">')) if _nonce.get() else html

    return rendered
