"""Addresses that programs ask for, the same in every language: a subscription must outlive a change of words."""

from django.urls import path, re_path

from masthead.newsstand import calendars, feeds, sitemaps

FORM = r"\.(?P<form>rss|atom|json)$"

urlpatterns = [
    re_path(r"^feeds/(?P<name>articles|events|jobs|partner)" + FORM, feeds.of_kind, name="feed"),
    re_path(r"^feeds/theme/(?P<slug>[-a-z0-9_]+)" + FORM, feeds.of_theme, name="theme_feed"),
    path("calendar/events.ics", calendars.events, name="calendar"),
    path("calendar/theme/<slug:slug>.ics", calendars.of_theme, name="theme_calendar"),
    path("calendar/event/<uuid:uid>.ics", calendars.of_event, name="event_calendar"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-places.xml", sitemaps.places, name="sitemap_places"),
    path("sitemap-news.xml", sitemaps.news, name="sitemap_news"),
    path("sitemap-<int:number>.xml", sitemaps.items, name="sitemap_items"),
]
