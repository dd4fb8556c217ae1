from django.apps import AppConfig, apps


class PressConfig(AppConfig):
    name = "masthead.press"
    label = "press"

    def ready(self):
        from . import checks, noted, purging  # noqa: F401 - registers the system check

        purging.listen()
        noted.hear_of_the_deleted(apps.get_models())
