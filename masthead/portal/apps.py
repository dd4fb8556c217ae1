from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "masthead.portal"
    label = "portal"
