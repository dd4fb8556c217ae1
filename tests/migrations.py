"""Checks that migrations and the shipped empty database keep up with the models; `--write` makes the latter anew."""

import os
import sys
import tempfile
from pathlib import Path

SITE = tempfile.mkdtemp(prefix="masthead-migrations-")
os.environ |= {"MASTHEAD_SITE": SITE, "DJANGO_SETTINGS_MODULE": "masthead.settings"}
os.environ.pop("MASTHEAD_DATABASE", None)


def main() -> None:
    import django
    from django.core.management import call_command

    (Path(SITE) / "data").mkdir()
    django.setup()
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    if "--write" in sys.argv:
        from masthead.newsstand import founding

        call_command("migrate", verbosity=0)
        founding.write_empty()
        print(f"{founding.EMPTY.name} was written.")


if __name__ == "__main__":
    main()
