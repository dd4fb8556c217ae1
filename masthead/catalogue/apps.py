from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "masthead.catalogue"
    label = "catalogue"
