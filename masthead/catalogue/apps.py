from django.apps import AppConfig, apps


class CatalogueConfig(AppConfig):
    name = "masthead.catalogue"
    label = "catalogue"

    def ready(self):
        from . import checks, recalling  # noqa: F401 - registers the system checks

        recalling.listen(apps.get_models())
