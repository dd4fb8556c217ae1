"""The addresses in our mails. They are not translated: they must still lead there when a title's language changes."""

from django.urls import path

from masthead.subscribers import views

urlpatterns = [
    path("mail/confirm/<str:token>/", views.confirm, name="mail_confirm"),
    path("mail/stop/<str:token>/", views.stop, name="mail_stop"),
    path("mail/undo/<str:token>/", views.undo, name="mail_undo"),
    path("mail/never/<str:token>/", views.never, name="mail_never"),
]
