"""Public addresses that are no pages of the desk's; their words follow the title's language."""

from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from masthead.newsstand import views

urlpatterns = [
    path("", include("masthead.newsstand.urls_machines")),
    path("look/<slug:digest>.css", views.look, name="look"),
    path(_("themes/"), views.themes, name="themes"),
    path(_("theme/<slug:slug>/"), views.theme, name="theme"),
    path(_("organisations/"), views.organisations, name="organisations"),
    path(_("organisation/<slug:slug>/"), views.organisation, name="organisation"),
    path(_("person/<slug:slug>/"), views.person, name="person"),
    path(_("search/"), views.search, name="search"),
]
