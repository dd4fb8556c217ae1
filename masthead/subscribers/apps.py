from django.apps import AppConfig


class SubscribersConfig(AppConfig):
    name = "masthead.subscribers"
    label = "subscribers"
