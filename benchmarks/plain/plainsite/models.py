"""Two kinds of pages."""

from django.db import models
from wagtail.fields import RichTextField
from wagtail.models import Page


class PlainFront(Page):
    template = "plainsite/front.html"

    def get_context(self, request, *args, **kwargs):
        newest = PlainArticle.objects.live().order_by("-first_published_at")[:12]
        return super().get_context(request, *args, **kwargs) | {"articles": newest}


class PlainArticle(Page):
    template = "plainsite/article.html"
    standfirst = models.TextField(blank=True)
    body = RichTextField()
