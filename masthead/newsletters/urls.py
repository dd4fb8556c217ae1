"""Addresses of the newsletters. Those in mails are not translated, so that they outlive a change of language."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from masthead.newsletters import (
    desk_calendar,
    printing,  # noqa: F401  registers the mail as an output
    views,
    views_counting,
    webhooks,
)

urlpatterns = [
    path("mail/choices/<str:token>/", views.choices, name="mail_choices"),
    path("mail/choices/<str:token>/export/", views.export, name="mail_export"),
    path("mail/choices/<str:token>/erase/", views.erase, name="mail_erase"),
    path("mail/calendar/<str:token>.ics", desk_calendar.calendar_file, name="calendar_of_issues"),
    path("go/<str:token>", views_counting.go, name="go"),
    path(_("newsletter/how-we-count/"), views_counting.how_we_count, name="how_we_count"),
    path("mail/told/<slug:provider>/", webhooks.told, name="mail_told"),
    path(_("newsletter/"), views.newsletters, name="newsletters"),
    path(_("newsletter/look-in-your-mail/"), views.asked, name="newsletter_asked"),
    path(_("newsletter/promise/"), views.promise, name="newsletter_promise"),
    path(_("newsletter/issues/<int:year>/"), views.archive, name="newsletter_archive"),
    path(_("newsletter/<int:number>/"), views.issue, name="issue"),
    path(_("newsletter/<slug:newsletter>/<int:number>/"), views.issue, name="issue_of"),
]
