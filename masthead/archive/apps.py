from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "masthead.archive"
    label = "archive"
