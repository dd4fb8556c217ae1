"""Finishing: what the demo still needs when its first page is there already, done beside it in a process of its own."""

import os
from datetime import date

import django


def finish() -> None:
    """Compose the past issues of each newsletter, and let the desk know what is used where."""
    from django.core.management import call_command

    from masthead.demo import mailing

    mailing.send_past_issues(date.today())
    call_command("rebuild_references_index", verbosity=0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "masthead.settings")
    django.setup()
    finish()
