"""The commands `masthead mail …`: what goes out and what comes back by mail."""

from pathlib import Path

import click

from masthead.entering import SITE_OPTION, enter, house


@click.group()
def mail():
    """What goes out and what comes back by mail."""


@mail.command()
@SITE_OPTION
@click.option("--under", type=int, default=0, hidden=True, help="The process without which this one ends too.")
def send(site: Path, under: int):
    """Be one process that hands newsletters over. `masthead work` starts these by itself."""
    enter(site)
    with house():
        from masthead import worker

        worker.send(under)


@mail.command()
@SITE_OPTION
@click.option("--by", default="", help="Your name, for the record.")
def release(site: Path, by: str):
    """Let mail leave from this copy of a house, or from this restored database."""
    enter(site)
    with house():
        from masthead.newsletters import holding

        why = holding.look()
        if why:
            holding.release(by or "masthead mail release")
            click.echo(f"Released. It was held because: {why} Look at each paused issue before you let it go on.")
        else:
            click.echo("Mail is not held.")
