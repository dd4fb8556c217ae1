from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "masthead.events"
    label = "events"
