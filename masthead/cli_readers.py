"""The commands about readers: a list is brought in, and what an address said yes to is shown."""

import json
import sys
import time
from pathlib import Path

import click

from masthead.entering import SITE_OPTION, Refused, enter, house, title_called

TITLE_OPTION = click.option("--title", "name", help="Name of the title. Default: the first.")


@click.command("subscribers")
@click.argument("file", type=click.Path(path_type=Path))
@SITE_OPTION
@TITLE_OPTION
@click.option(
    "--kind",
    type=click.Choice(["newsletter", "themes", "events"]),
    default="newsletter",
    show_default=True,
    help="What they said yes to.",
)
@click.option("--evidence", default="", help="Where the list comes from and how they said yes, in a sentence.")
@click.option("--words", default="", help="The words they said yes to at the old sign-up, if known.")
@click.option("--column", default="", help="Heading of the column of addresses, where nothing tells it.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each row, and enter nothing.")
def import_subscribers(file: Path, site: Path, name: str | None, dry_run: bool, **more):
    """Bring readers in from an export of Mailchimp, Ghost, MailPoet and others, or any CSV with addresses.

    Can be stopped and run again: it goes on where it stood. Whoever said no, here or there, gets no mail.
    """
    enter(site)
    with house() as founding:
        founding.prepare_database(lambda line: click.echo(f"  {line} …"))
        from masthead.importing import members
        from masthead.importing.decoding import ImportRefused
        from masthead.subscribers.gathering import NoWords, Overtaken
        from masthead.subscribers.models import Arrival

        arrival = Arrival(publication=title_called(name), brought_by="masthead import", **more)
        try:
            report = members.bring_in(file, arrival, dry_run=dry_run, progress=_Progress())
        except (ImportRefused, NoWords, Overtaken) as refused:
            raise Refused(str(refused)) from refused
    _tell(report, dry_run)


@click.command()
@click.argument("address")
@SITE_OPTION
@TITLE_OPTION
@click.option("--whole-chain", is_flag=True, help="Check every record of the log, not only this address's.")
def evidence(address: str, site: Path, name: str | None, whole_chain: bool):
    """Print what ADDRESS said yes to, in which words, where and when, as JSON.

    Ends with exit code 1 where a record does not follow from the one before it.
    """
    enter(site)
    with house():
        from masthead.mail.addresses import BadAddress
        from masthead.subscribers import proving

        try:
            sheet = proving.sheet(title_called(name), address, whole_chain=whole_chain)
        except BadAddress as bad:
            raise Refused(str(bad)) from bad
    click.echo(json.dumps(sheet, ensure_ascii=False, indent=1))
    sys.exit(0 if sheet["log"]["holds"] else 1)


class _Progress:
    """How far a file is read, on one line at a terminal and a line every ten seconds in a log."""

    def __init__(self):
        self.every = 0.5 if sys.stderr.isatty() else 10.0
        self.next = time.monotonic() + self.every

    def __call__(self, done: int, of: int) -> None:
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + self.every
        line = f"  {done / max(of, 1):.0%} of the file"
        click.echo(f"\r{line}" if sys.stderr.isatty() else line, nl=not sys.stderr.isatty(), err=True)


def _tell(report, dry_run: bool) -> None:
    if report.went_on_from:
        click.echo(f"Went on from row {report.went_on_from}, where an earlier run was broken off.")
    if report.left_out:
        click.echo(f"Left in the file: {', '.join(report.left_out)}.")
    for line in report.named:
        click.secho(f"  {line}", fg="yellow")
    for why, n in report.broken.items():
        click.echo(f"  {n} broken: {why}")
    parts = [f"{report.count(fate)} {words}" for fate, words in report.words() if report.count(fate)]
    parts += [f"{sum(report.broken.values())} broken"] if report.broken else []
    click.echo(f"{report.rows} rows = {' + '.join(parts) or '0'}.")
    if dry_run:
        click.echo("Nothing was entered: this was a dry run.")
