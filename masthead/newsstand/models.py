"""Where readers pick things up: the front page, and a list a kind."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import AbstractGroupApprovalTask, Page

from masthead.catalogue import structuring
from masthead.catalogue.items import Item
from masthead.newsstand import arranging
from masthead.publication.models import OpenPage, Publication


class Holds(models.TextChoices):
    """What a list page holds."""

    ARTICLES = "articles", _("articles")
    PARTNER = "partner", _("partner content")
    EVENTS = "events", _("events")
    JOBS = "jobs", _("job ads")
    HOUSE = "house", _("house promotions")


MODEL_OF = {
    Holds.ARTICLES: "article",
    Holds.PARTNER: "partnerarticle",
    Holds.EVENTS: "event",
    Holds.JOBS: "job",
    Holds.HOUSE: "housepromotion",
}


class FrontPage(OpenPage, Page):
    """The front of a title, and the root of its site."""

    content_panels = Page.content_panels
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["newsstand.ListPage", "publication.LegalPage"]
    template = "newsstand/front_page.html"
    shows_cards = "front page"

    class Meta:
        verbose_name = _("front page")
        verbose_name_plural = _("front pages")

    def route(self, request, path_components):
        """Find the page at a path below in one question, where Wagtail asks two for every step of the way."""
        path = self.url_path + "".join(f"{part}/" for part in path_components)
        if len(path_components) < 2:
            return super().route(request, path_components)
        depth = self.depth + len(path_components)
        pages = Page.objects.filter(slug=path_components[-1], depth=depth, path__startswith=self.path)
        page = next((page for page in pages if page.url_path == path), None)
        if page is None:
            return super().route(request, path_components)
        return _whole(page).route(request, [])

    def structured_data(self, title: Publication) -> list[dict]:
        """What machines read of the front page: the site, and who publishes it."""
        return structuring.of_title(title)

    def get_context(self, request, *args, **kwargs):
        return super().get_context(request, *args, **kwargs) | arranging.front(request.publication)


class ListPage(OpenPage, Page):
    """A list of one kind, and the place its items stand in."""

    holds = models.CharField(_("holds"), max_length=10, choices=Holds.choices)

    content_panels = [*Page.content_panels, FieldPanel("holds")]
    parent_page_types = ["newsstand.FrontPage"]
    shows_cards = "list page"
    subpage_types = [
        "articles.Article",
        "articles.PartnerArticle",
        "articles.HousePromotion",
        "events.Event",
        "jobs.Job",
    ]

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")

    def structured_data(self, title: Publication) -> list[dict]:
        """The way to the list; what it holds is marked up on each item's own page only (rule J1)."""
        return [structuring.way_to(self, title, self.title)]

    def get_template(self, request, *args, **kwargs):
        return f"newsstand/list_{self.holds}.html"

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        return context | arranging.list_of(self.holds, request.publication, request.GET)


def _whole(page: Page) -> Page:
    """Return a page as what it is, an item together with what it always prints."""
    model = page.specific_class
    if model is None or not issubclass(model, Item):
        return page.specific
    return model.objects.select_related("picture", "story", "payer", "source").get(pk=page.pk)


class Approval(AbstractGroupApprovalTask):
    """The step in which an editor approves a text by name. Whoever does is kept as its approver (rule D17)."""

    class Meta:
        verbose_name = _("approval by an editor")
        verbose_name_plural = _("approvals by an editor")

    def on_action(self, task_state, user, action_name, **kwargs):
        if action_name == "approve":
            revision = task_state.revision
            if "approved_by" in revision.content:
                revision.content["approved_by"] = user.pk
                revision.save(update_fields=["content"])
        super().on_action(task_state, user, action_name, **kwargs)
