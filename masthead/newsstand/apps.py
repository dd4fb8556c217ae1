from django.apps import AppConfig


class NewsstandConfig(AppConfig):
    name = "masthead.newsstand"
    label = "newsstand"
