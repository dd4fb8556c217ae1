"""Tells browsers and proxies how long an answer is right, from what it was made of."""

from django.utils import timezone
from django.utils.cache import patch_cache_control

from masthead.press.ingredients import noting

LONGEST = 60  # seconds; promise 3: expiry, cancellation and correction reach every output within a minute


class PressMiddleware:
    """Sets Cache-Control on pages made of cards: a minute at most, less where a card leaves sooner."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with noting() as ingredients:
            response = self.get_response(request)
        if self._may_be_kept(request, response) and ingredients.names:
            patch_cache_control(response, public=True, max_age=self._seconds(ingredients))
        return response

    def _may_be_kept(self, request, response) -> bool:
        return (
            request.method in ("GET", "HEAD")
            and response.status_code == 200
            and not response.has_header("Cache-Control")
            and not response.cookies
            and not getattr(request, "is_preview", False)
            and not request.COOKIES
        )

    def _seconds(self, ingredients) -> int:
        if ingredients.next_change is None:
            return LONGEST
        return max(0, min(LONGEST, int((ingredients.next_change - timezone.now()).total_seconds())))
