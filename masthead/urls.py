"""Where each address leads. The words of public addresses follow the title's language."""

from django.conf import settings
from django.urls import include, path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as desk_urls
from wagtail.documents import urls as documents_urls

urlpatterns = [
    path("desk/", include(desk_urls)),
    path("documents/", include(documents_urls)),
    path("", include("masthead.newsstand.urls")),
    path("", include("masthead.subscribers.urls")),
    path("", include("masthead.newsletters.urls")),
    path("", include("masthead.portal.urls")),
    path("", include(wagtail_urls)),
]
if settings.MASTHEAD["media"]:
    from masthead.publication.keeping import hand_out  # needs the extra `s3`

    urlpatterns.insert(0, path("media/<path:path>", hand_out))
else:
    urlpatterns.insert(0, path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}))
if settings.MASTHEAD["demo"]:
    urlpatterns.insert(0, path("demo/", include("masthead.demo.urls")))
