"""Where a provider tells what became of letters: authenticated, and open for the one provider of the house only."""

import logging

from anymail.exceptions import AnymailError
from anymail.signals import tracking
from anymail.webhooks.base import AnymailCoreWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from django.conf import settings
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from masthead.catalogue.outputs import shows_no_cards
from masthead.newsletters import hearing

log = logging.getLogger(__name__)

LISTENERS: dict[str, type[AnymailCoreWebhookView]] = {
    "postmark": PostmarkTrackingWebhookView,
    "resend": ResendTrackingWebhookView,
}
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AnymailError)


@shows_no_cards
@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def told(request: HttpRequest, provider: str) -> HttpResponse:
    """Take events of the house's provider. Without the right secret nothing is read: 400, as Anymail answers."""
    if provider != settings.MASTHEAD["esp"] or not settings.MASTHEAD["esp_webhook_secret"]:
        raise Http404
    view = LISTENERS[provider]()
    view.run_validators(request)  # raises SuspiciousOperation, which Django answers with 400
    if request.method == "HEAD":
        return HttpResponse()
    try:
        events = view.parse_events(request)
    except UNREADABLE as error:
        log.warning("%s told something that can't be read: %r", provider, error)
        return HttpResponseBadRequest("This can't be read.", content_type="text/plain")
    try:
        for event in events:
            tracking.send(sender=type(view), event=event, esp_name=view.esp_name)
    except hearing.NotYet:
        return HttpResponse("Tell it again in a minute.", status=503, headers={"Retry-After": "60"})
    return HttpResponse()


@receiver(tracking, dispatch_uid="masthead.newsletters")
def _hear(sender, event, esp_name: str, **more) -> None:
    hearing.hear(event, esp_name.lower())
