from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from masthead.publication import guarding


class PublicationConfig(AppConfig):
    name = "masthead.publication"
    label = "publication"
    verbose_name = _("Title")

    def ready(self):
        guarding.teach_wagtail()
