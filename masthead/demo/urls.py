from django.urls import path

from masthead.demo import views

urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<str:key>/", views.mail, name="outbox_mail"),
    path("outbox/<str:key>/html/", views.mail_html, name="outbox_mail_html"),
]
