"""How a command enters a site: the folder, the options, Django, and refusals in one sentence."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from masthead import options

SITE_OPTION = click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    envvar="MASTHEAD_SITE",
    help="Folder of the site (where masthead.toml is). Default: here.",
)


class Refused(click.ClickException):
    """Something that cannot be done; its one sentence says what to do instead."""

    def show(self, file=None):
        click.secho(self.format_message(), fg="red", err=True)


def enter(folder: Path) -> dict:
    """Make the site in `folder` the one this process works for, and return its options. Raises Refused."""
    os.environ["MASTHEAD_SITE"] = str(folder.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "masthead.settings")
    try:
        return options.read(folder)
    except options.WrongOption as wrong:
        raise Refused(str(wrong)) from wrong


@contextmanager
def house() -> Iterator:
    """Set Django up, and turn what the database refuses at the door into one sentence."""
    import django
    from django.db import OperationalError

    gc.disable()  # nothing of what is loaded is garbage, and looking takes a fifth of the time
    django.setup()
    from masthead.newsstand import founding

    gc.freeze()
    gc.enable()
    try:
        yield founding
    except OperationalError as error:
        raise Refused(f"The database cannot be used: {error}. Check `database` in {options.FILE}.") from error


def title_called(name: str | None):
    """Return the title of this name, or the first one. Raises Refused. Call it inside `house`."""
    from masthead.publication.models import Publication

    titles = Publication.objects.order_by("-site__is_default_site", "pk")
    if name:
        titles = titles.filter(name__iexact=name)
    if not (title := titles.first()):
        raise Refused(
            f"There is no title called “{name}” here." if name else "There is no title here. Run `masthead new`."
        )
    return title
