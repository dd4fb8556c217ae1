from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "masthead.catalogue"
    label = "catalogue"

    def ready(self):
        from . import checks  # noqa: F401 - registers the system checks
