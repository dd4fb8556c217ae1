from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicationConfig(AppConfig):
    name = "masthead.publication"
    label = "publication"
    verbose_name = _("Title")

    def ready(self):
        from masthead.publication import guarding

        guarding.teach_wagtail()
