"""The commands `masthead mail …`: what goes out and what comes back by mail."""

import sys
from pathlib import Path

import click

from masthead.entering import SITE_OPTION, Refused, enter, house


@click.group()
def mail():
    """What goes out and what comes back by mail."""


@mail.command()
@SITE_OPTION
@click.option("--newsletter", "slug", help="Look at this newsletter only. Default: all of them.")
def doctor(site: Path, slug: str | None):
    """Look whether large receivers would take our mail, and say what to do. Anything red ends in exit code 1."""
    enter(site)
    with house():
        from masthead.newsletters import doctoring
        from masthead.newsletters.models import Newsletter

        newsletters = Newsletter.objects.select_related("publication__site")
        found = list(newsletters.filter(slug=slug) if slug else newsletters)
        if not found:
            raise Refused("There is no such newsletter here. Start one at the desk, under Newsletters.")
        seen = [doctoring.ask(newsletter) for newsletter in found]
        for newsletter, examination in zip(found, seen, strict=True):
            click.secho(f"{newsletter.name}, from {newsletter.sender_address}", bold=True)
            for row in examination.findings:
                click.secho(f"  {row.light.value:6}  {row}", fg=row.light.value)
    sys.exit(1 if any(examination.is_red for examination in seen) else 0)
