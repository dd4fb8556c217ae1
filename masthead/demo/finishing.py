"""Finishing: what the demo still needs when its first page is there already, done beside it in a process of its own."""

import os
import time
from datetime import date

import django

AFTER = 6  # seconds: the server starts first, on a machine of two cores


def finish() -> None:
    """Index the words for search, compose the past issues, and let the desk know what is used where."""
    from django.core.management import call_command

    from masthead.demo import mailing

    call_command("update_index", verbosity=0)
    mailing.send_past_issues(date.today())
    call_command("rebuild_references_index", verbosity=0)


if __name__ == "__main__":
    time.sleep(AFTER)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "masthead.settings")
    django.setup()
    finish()
