"""Make the tables, a front page and 200 articles."""

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from wagtail.models import Locale, Page, Site  # noqa: E402

from plainsite.models import PlainArticle, PlainFront  # noqa: E402

PARAGRAPH = "<p>" + "Kabler, lagre og tariffer, og hvad de koster i dag. " * 8 + "</p>"

call_command("migrate", run_syncdb=True, verbosity=0)
Locale.objects.create(language_code="en")
root = Page.add_root(instance=Page(title="Root", slug="root"))
front = root.add_child(instance=PlainFront(title="Plain", slug="home"))
Site.objects.create(hostname="localhost", root_page=front, is_default_site=True)
for n in range(200):
    article = PlainArticle(title=f"Article {n}", slug=f"article-{n}", standfirst="What it costs.", body=PARAGRAPH * 12)
    front.add_child(instance=article)
