"""The commands `masthead mail …`: what goes out and what comes back by mail."""

import sys
from pathlib import Path

import click

from masthead.entering import SITE_OPTION, Refused, enter, house

TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the mail and tries again


@click.group()
def mail():
    """What goes out and what comes back by mail."""


@mail.command("collect")
@SITE_OPTION
def collect(site: Path):
    """Take in what waits in the mailbox of the option `returns`; the clock does it every minute."""
    if not enter(site)["returns"]:
        raise Refused("There is no mailbox to collect from. Write the option `returns` in masthead.toml first.")
    with house():
        from masthead.mail.inbox import WrongMailbox
        from masthead.newsletters import collecting

        try:
            effects = collecting.collect()
        except WrongMailbox as wrong:
            raise Refused(f"`returns` can't be used. {wrong}") from wrong
    for effect, n in effects.most_common():
        click.echo(f"  {n} {effect}")
    click.echo(f"{effects.total()} mails taken in.")


@mail.command("take-in")
@click.argument("recipient", default="")
@SITE_OPTION
def take_in(recipient: str, site: Path):
    """Take in one mail from standard input: for a mail server's pipe. RECIPIENT is the envelope's.

    Ends with 75 when it could not be taken in, so that the mail server keeps it.
    """
    raw = sys.stdin.buffer.read()
    try:
        enter(site)
        with house():
            from masthead.newsletters import collecting

            row = collecting.receive(raw, via="pipe", recipient=recipient)
    except Exception as error:
        click.echo(f"Not taken in: {error}", err=True)
        sys.exit(TRY_AGAIN)
    click.echo(f"{row.kind}: {row.effect}")


@mail.command("lmtp")
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=8024, show_default=True, help="Port to listen on.")
@SITE_OPTION
def lmtp(address: str, port: int, site: Path):
    """Take in what a mail server hands over by LMTP, until stopped. It asks for no password: listen locally."""
    enter(site)
    with house():
        from masthead.mail.listening import LmtpDoor, PortTaken
        from masthead.newsletters import collecting

        try:
            LmtpDoor(collecting.receive_by_lmtp, address, port).listen()
        except PortTaken as taken:
            raise Refused(str(taken)) from taken


@mail.command("returned")
@click.option("--days", type=int, default=14, show_default=True, help="How many days back.")
@SITE_OPTION
def returned(days: int, site: Path):
    """Print what came back: how many a day, of which kind, and what each changed."""
    enter(site)
    with house():
        from masthead.newsletters import collecting
        from masthead.newsletters.returns import Return

        for row in Return.objects.by_day(days):
            click.echo(f"{row['day']:%Y-%m-%d}  {row['n']:6}  {row['kind']:9}  {row['effect']}")
        waiting = Return.objects.to_read().count()
        click.echo(f"{waiting} kept for a person to read, in {collecting.unread()}.")


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
