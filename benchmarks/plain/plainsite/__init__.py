"""Wagtail as one gets it: a page with a headline, a standfirst and a text, and a front page that lists the newest."""
