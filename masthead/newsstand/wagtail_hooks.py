"""The editors' desk, in the trade's words: what the title makes, what it is filed under, what is sold, and today."""

from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from masthead.articles.models import Article, HousePromotion, PartnerArticle
from masthead.catalogue.models import Organisation, Person, Story, Theme
from masthead.events.models import Event
from masthead.jobs.models import Job
from masthead.newsstand import planning
from masthead.partners.models import Agreement, Booking, Contact


class Today(Component):
    """The front of the desk."""

    name = "today"
    template_name = "newsstand/desk/today.html"
    order = 10

    def get_context_data(self, parent_context):
        return {"lists": planning.today()}


@hooks.register("construct_homepage_panels")
def put_today_first(request, panels):
    panels[:] = [
        Today(),
        *(panel for panel in panels if panel.name not in ("site_summary", "whats_new_in_wagtail_version")),
    ]


@hooks.register("construct_homepage_summary_items", order=1000)  # after those that put them there
def count_no_pages(request, items):
    """Nobody needs the number of all pages and pictures in the morning, and counting them grows with the archive."""
    items.clear()


@hooks.register("insert_global_admin_css")
def name_the_house():
    return format_html('<link rel="stylesheet" href="{}">', versioned_static("newsstand/desk.css"))


@hooks.register("construct_help_menu")
def keep_help_in_the_house(request, items):
    """The help menu leads to other hosts; ours is docs/editors.md."""
    items[:] = []


def _listing(noun, name: str, icon: str, order: int, *columns: Column):
    """Return the desk's list of one kind of item."""

    class Listing(PageListingViewSet):
        model = noun
        menu_label = capfirst(noun._meta.verbose_name_plural)
        add_to_admin_menu = True

    Listing.icon, Listing.menu_order = icon, order
    Listing.columns = [
        *PageListingViewSet.index_view_class.base_columns[:2],
        *columns,
        *PageListingViewSet.index_view_class.base_columns[2:],
    ]
    return Listing(name)


@hooks.register("register_admin_viewset")
def register_lists():
    payer = Column("payer", label=_("paid by"))
    return [
        _listing(Article, "articles", "doc-full", 110),
        _listing(PartnerArticle, "partner_content", "tag", 120, payer),
        _listing(Event, "events", "date", 130, Column("organiser", label=_("organiser"))),
        _listing(
            Job,
            "jobs",
            "user",
            140,
            Column("employer", label=_("employer")),
            DateColumn("last_day", label=_("last day")),
        ),
        _listing(HousePromotion, "house_promotions", "pick", 150),
    ]


class FiledUnder(SnippetViewSetGroup):
    menu_label = _("Filed under")
    menu_icon = "folder-open-inverse"
    menu_order = 200
    items = (
        type("ThemeView", (SnippetViewSet,), {"model": Theme, "list_display": ["name", "publication"], "icon": "tag"}),
        type("OrganisationView", (SnippetViewSet,), {"model": Organisation, "icon": "group"}),
        type("PersonView", (SnippetViewSet,), {"model": Person, "list_display": ["name", "initials"], "icon": "user"}),
        type(
            "StoryView", (SnippetViewSet,), {"model": Story, "list_display": ["name", "publication"], "icon": "list-ol"}
        ),
    )


class Sales(SnippetViewSetGroup):
    menu_label = _("Sold")
    menu_icon = "calendar-check"
    menu_order = 210
    items = (
        type(
            "AgreementView",
            (SnippetViewSet,),
            {"model": Agreement, "list_display": ["reference", "partner", "begins", "ends"], "icon": "clipboard-list"},
        ),
        type(
            "BookingView",
            (SnippetViewSet,),
            {
                "model": Booking,
                "list_display": ["unit", "place", "position", "agreement", "item"],
                "list_filter": ["place", "agreement"],
                "icon": "calendar-alt",
            },
        ),
        type("ContactView", (SnippetViewSet,), {"model": Contact, "icon": "key"}),
    )


register_snippet(FiledUnder)
register_snippet(Sales)
