"""Opening: the press of a process, with its helper threads."""

import logging
import threading
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from wagtail.models import Site

from masthead.press.addressing import Asked, Rules
from masthead.press.printing import Printed, print_page
from masthead.press.recalling import store
from masthead.press.serving import Application, Press, background
from masthead.press.standing import open_case
from masthead.press.store import Broken
from masthead.press.watching import Watch

ACCOUNT = 30  # seconds between two accounts of what was sent
log = logging.getLogger("masthead.press")


def rules() -> Rules:
    """Return what this house's settings say of requests."""
    return Rules(
        passed=settings.PRESS_PASSES,
        cookies=(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages"),
        https=settings.SECURE_SSL_REDIRECT,
        trusted_proxies=frozenset(settings.MASTHEAD["trusted_proxies"]),
    )


def print_front_page(site: Site) -> Printed:
    """Print the front page of a site for nobody, through all of Django; it is not kept."""
    host = urlsplit(site.root_url).netloc
    return print_page(get_wsgi_application(), None, background(host, rules()), Asked(host, "/", ""), time.time)


def open_press(django: Application) -> Application:
    """Return the application to serve: printed pages before `django`, or `django` alone where the house keeps none."""
    if not settings.MASTHEAD["press"] or settings.DEBUG:
        return django
    press = Press(django, store(), rules())
    open_case(press.store.board)
    threading.Thread(target=Watch(press.store).run, name="press-watch", daemon=True).start()
    threading.Thread(target=_print_ahead, args=[press], name="press-ahead", daemon=True).start()
    return press


def _print_ahead(press: Press) -> None:
    """Print again what is much read, as soon as it was recalled; tell the store now and then what was sent."""
    called = threading.Event()
    press.on_recall = called.set
    while True:
        called.wait(ACCOUNT)
        called.clear()
        try:
            press.print_again()
            press.account()
        except Broken as broken:
            log.warning("%s", broken)
        except Exception:
            log.exception("A page could not be printed ahead; its next reader waits for it")
