"""What every request passes: the title it asks for, and what a browser may do with the answer."""

from django.conf import settings
from django.utils import timezone, translation

from masthead.publication import guarding
from masthead.publication.models import Publication

READERS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
# The desk's own components set styles and draw drafts from blobs; still nothing from another host.
DESK = (
    "default-src 'self'; script-src 'self'{nonce}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'self'; "
    "object-src 'none'; frame-ancestors 'self'"
)
DESK_PATHS = ("/desk/",)
FORWARDED = "HTTP_X_FORWARDED_"


class ProxyMiddleware:
    """Takes off what only a proxy may say, unless one named in the options says it: anybody could (rule T3)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.META.get("REMOTE_ADDR", "") not in settings.MASTHEAD["trusted_proxies"]:
            for name in [name for name in request.META if name.startswith(FORWARDED)]:
                del request.META[name]
        return self.get_response(request)


class PolicyMiddleware:
    """Adds the Content-Security-Policy and Permissions-Policy to every answer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self._at_the_desk(request) if request.path.startswith(DESK_PATHS) else self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", READERS)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), browsing-topics=()"
        )
        return response

    def _at_the_desk(self, request):
        nonce = guarding.nonce_of(request)
        with guarding.giving(nonce):
            response = self.get_response(request)
        policy = DESK.format(nonce=f" 'nonce-{nonce}'" if nonce else "")
        # A preview comes with the readers' policy; it differs only in that the desk may frame it.
        policy = response.headers.get("Content-Security-Policy", policy)
        policy = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response


class TitleMiddleware:
    """Sets `request.publication`, and speaks the title's language in its time zone outside the desk."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.publication = Publication.of_request(request)
        if request.publication is None or request.path.startswith(DESK_PATHS):
            return self.get_response(request)
        with translation.override(request.publication.language), timezone.override(request.publication.zone):
            response = self.get_response(request)
            # A page of Wagtail's is rendered late; it must be rendered while the title's language is spoken.
            if hasattr(response, "render") and not response.is_rendered:
                response = response.render()
        response.headers.setdefault("Content-Language", request.publication.language)
        return response


def address_of(request) -> str:
    """Return the visitor's address; a forwarded one was said by a trusted proxy: see ProxyMiddleware (rule T3)."""
    forwarded = request.META.get(f"{FORWARDED}FOR", "")
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")
