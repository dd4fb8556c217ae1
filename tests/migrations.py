"""Checks that migrations and the shipped empty database keep up with the models; `--write` makes the latter anew."""

import gzip
import os
import sqlite3
import sys
import tempfile
from pathlib import Path

SITE = Path(tempfile.mkdtemp(prefix="masthead-migrations-"))
os.environ |= {"MASTHEAD_SITE": str(SITE), "DJANGO_SETTINGS_MODULE": "masthead.settings"}
os.environ.pop("MASTHEAD_DATABASE", None)


def main() -> int:
    import django
    from django.core.management import call_command

    (SITE / "data").mkdir()
    django.setup()
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)

    from django.conf import settings

    from masthead.newsstand import founding

    call_command("migrate", verbosity=0)
    if "--write" in sys.argv:
        founding.write_empty()
        print(f"{founding.EMPTY.name} was written.")
        return 0
    shipped = SITE / "shipped.sqlite3"
    shipped.write_bytes(gzip.decompress(founding.EMPTY.read_bytes()))
    different = _schema(shipped) ^ _schema(settings.DATABASES["default"]["NAME"])
    if different:
        print(f"{founding.EMPTY.name} is behind the migrations. Run `make schema`. First: {sorted(different)[0]}")
    return int(bool(different))


def _schema(path: Path) -> set[str]:
    """Everything the database is made of, and which migrations made it."""
    with sqlite3.connect(path) as database:
        made = {sql for (sql,) in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
        made |= {f"{app}.{name}" for app, name in database.execute("SELECT app, name FROM django_migrations")}
    database.close()
    return made


if __name__ == "__main__":
    sys.exit(main())
