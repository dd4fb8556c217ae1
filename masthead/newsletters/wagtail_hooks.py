"""The newsletters at the editors' desk: issues, newsletters, and the words readers say yes to."""

from django.contrib.auth.models import Permission
from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from masthead.catalogue.outputs import shows_no_cards
from masthead.newsletters import desk, desk_calendar, desk_report, founding, promising
from masthead.newsletters.desk_returns import ReturnsView
from masthead.newsletters.forms import NewsletterForm
from masthead.newsletters.models import Newsletter
from masthead.subscribers.desk import ReadersView
from masthead.subscribers.models import ConsentText


class IssuesMenuItem(MenuItem):
    def is_shown(self, request):
        return request.user.has_perm(desk.MAY_WORK)


class IssuesView(ViewSet):
    """The issues: a list, and a page an issue."""

    name = "newsletter_issues"
    url_prefix = "newsletters/issues"
    menu_label = _("Issues")
    icon = "mail"
    menu_item_class = IssuesMenuItem

    def get_urlpatterns(self):
        return [
            path("", desk.issues, name="index"),
            path("calendar/", desk_calendar.calendar, name="calendar"),
            path("propose/<int:newsletter>/", desk.propose, name="propose"),
            path("<int:key>/", desk.issue, name="issue"),
            path("<int:key>/clicks/", desk_report.report, name="report"),
            path("<int:key>/clicks.csv", desk_report.report_file, name="report_file"),
            path("<int:key>/preview/<str:part>/", desk.preview, name="preview"),
            path("<int:key>/<str:action>/", desk.act, name="act"),
        ]


@shows_no_cards
class FoundingView(CreateView):
    """A new newsletter gets the first words its readers say yes to."""

    def save_instance(self):
        newsletter = super().save_instance()
        founding.write_consent_texts(newsletter.publication, newsletter.promise)
        return newsletter


@shows_no_cards
class KeepingView(EditView):
    """A newsletter that is changed: whoever changes words or rule of its promise alone is told."""

    def save_instance(self):
        before = Newsletter.objects.select_related("publication").get(pk=self.object.pk)
        newsletter = super().save_instance()
        for said in (promising.changed_alone(before, newsletter), promising.contradiction(newsletter)):
            if said:
                messages.warning(self.request, said)
        return newsletter


class NewslettersView(ModelViewSet):
    model = Newsletter
    name = "newsletters"
    icon = "list-ul"
    add_view_class = FoundingView
    edit_view_class = KeepingView
    list_display = ["name", "promise", "publication"]
    edit_handler = ObjectList(
        [
            FieldPanel("publication"),
            FieldRowPanel([FieldPanel("name"), FieldPanel("slug")]),
            MultiFieldPanel(
                [FieldPanel("promise"), FieldPanel("most_per_week"), FieldPanel("weekdays"), FieldPanel("at")],
                _("What is promised"),
            ),
            MultiFieldPanel([FieldPanel("on_holidays"), FieldPanel("holidays_by_hand")], _("Holidays")),
            MultiFieldPanel([FieldPanel("kind"), FieldPanel("theme")], _("Who gets it")),
            FieldRowPanel([FieldPanel("sender_name"), FieldPanel("sender_address")]),
            MultiFieldPanel(
                [
                    FieldPanel(n)
                    for n in ("articles", "events", "jobs", "promotions", "fewest", "theme_weights", "not_twice")
                ],
                _("What is proposed"),
            ),
        ],
        base_form_class=NewsletterForm,
    )


class ConsentTextsView(ModelViewSet):
    model = ConsentText
    name = "consent_texts"
    icon = "clipboard-list"
    list_display = ["kind", "language", "version", "publication"]


class Mail(ViewSetGroup):
    menu_label = _("Mail")
    menu_icon = "mail"
    menu_order = 205
    items = (IssuesView(), ReturnsView(), NewslettersView(), ReadersView(), ConsentTextsView())


@hooks.register("register_admin_viewset")
def register_mail():
    return Mail()


@hooks.register("register_permissions")
def let_groups_work_on_and_send_issues():
    return Permission.objects.filter(content_type__app_label="newsletters", codename__in=["change_issue", "send_issue"])


@hooks.register("register_permissions")
def let_groups_see_readers_and_their_evidence():
    names = ["view_subscriber", "export_subscriber", "add_suppression", "add_arrival"]
    return Permission.objects.filter(content_type__app_label="subscribers", codename__in=names)
