from django.apps import AppConfig, apps


class PressConfig(AppConfig):
    name = "masthead.press"
    label = "press"

    def ready(self):
        from . import checks, noted  # noqa: F401 - registers the system check

        noted.hear_of_the_deleted(apps.get_models())
