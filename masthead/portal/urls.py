from django.contrib.auth.views import LogoutView
from django.urls import path
from django.utils.translation import gettext_lazy as _

from masthead.catalogue.outputs import shows_no_cards
from masthead.portal import views

urlpatterns = [
    path(_("partner/"), views.overview, name="portal"),
    path(_("partner/log-in/"), views.log_in, name="portal_log_in"),
    path(_("partner/log-out/"), shows_no_cards(LogoutView.as_view(next_page="portal_log_in")), name="portal_log_out"),
    path(_("partner/submit/"), views.submit, name="portal_submit"),
    path(_("partner/preview/<int:key>/"), views.preview, name="portal_preview"),
]
