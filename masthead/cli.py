"""The command `masthead`: make a site, show the demo, serve, run the clock, import, check."""

import json
import os
import secrets
import socket
import subprocess  # noqa: S404 - the clock runs beside the web server as a process of its own
import sys
from pathlib import Path

import click

from masthead import __version__, cli_serving, options
from masthead.cli_mail import mail
from masthead.cli_readers import evidence, import_subscribers
from masthead.entering import SITE_OPTION, Refused, enter, house, title_called


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="masthead")
def main():
    """Masthead, the trade press in a box.

    Start with `masthead demo` to see it, or `masthead new DIR` for a site of your own.
    """


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--title", "name", default="My title", show_default=True, help="Name of the title.")
@click.option("--language", type=click.Choice(["da", "en"]), default="en", show_default=True)
@click.option(
    "--country",
    type=click.Choice(["dk", "de", "en", "us"]),
    default="en",
    show_default=True,
    help="Whose words label what is paid for.",
)
@click.option("--editor", default="editor", show_default=True, help="Name of the first log-in.")
def new(folder: Path, name: str, language: str, country: str, editor: str):
    """Make a site of one's own in FOLDER: options, templates, static files, database, first log-in."""
    if (folder / options.FILE).exists():
        raise Refused(f"{folder} is a site already. Choose another folder, or run `masthead serve` in it.")
    _write_site(folder)
    enter(folder)
    password = secrets.token_urlsafe(9)
    with house() as founding:
        founding.prepare_database(_step)
        founding.found_title(name, language=language, country=country)
        from masthead.newsstand import staffing

        staffing.staff_desk()
        staffing.add_user(editor, password)
    click.echo(f"\n{name} is ready in {folder}. Start it:\n\n    cd {folder} && masthead serve\n")
    click.echo(f"Editors' desk: http://127.0.0.1:8000/desk/  log in as {editor}, password {password} (shown only now)")


@main.command()
@click.option("--port", type=int, default=8000, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("demo-site"),
    show_default=True,
    help="Where the demo keeps what you change.",
)
@click.option("--build-only", is_flag=True, help="Build the demo and stop.")
def demo(port: int, address: str, folder: Path, build_only: bool):
    """Build the demo title on SQLite and serve it. No mail leaves the machine; a second start keeps your changes."""
    from masthead.demo import showing

    if not build_only:
        _refuse_taken(address, port)
    _write_site(folder, demo=True)
    os.environ |= showing.environment(address, port)
    enter(folder)
    is_new = not showing.is_built(folder)
    if is_new:
        with house():
            from masthead.demo import building

            building.build(folder, port, _step)
    showing.set_port(folder, port)
    if build_only:
        return
    click.echo(showing.addresses(address, port))
    with showing.catching_mail(folder):
        if is_new:
            _finish_demo()
        cli_serving.serve(address, port, processes=1, clock=True)


@main.command()
@SITE_OPTION
@click.option("--address", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--processes", type=int, help="Web processes.")
@click.option("--clock/--no-clock", default=None, help="Run the clock too, or leave it to `masthead work`.")
def serve(site: Path, address, port, processes, clock):
    """Serve the site, and run its clock."""
    chosen = enter(site)
    address, port = address or chosen["address"], port or chosen["port"]
    _refuse_taken(address, port)
    with house() as founding:
        founding.prepare_database(_step)
    click.echo(f"Site: http://{address}:{port}/   editors' desk: http://{address}:{port}/desk/   (Ctrl-C stops)")
    cli_serving.serve(address, port, processes or chosen["processes"], chosen["clock"] if clock is None else clock)


@main.command()
@SITE_OPTION
def work(site: Path):
    """Run the clock: publish and expire on time, send what is due."""
    enter(site)
    with house():
        from masthead import worker

        worker.work()


@main.group("press")
def press_():
    """The printed pages of this host: what is kept, throwing it away, and nginx or Caddy in front."""


@press_.command("status")
@SITE_OPTION
def press_status(site: Path):
    """Say how many pages are kept, and when they were last compared with the database."""
    enter(site)
    with house():
        from masthead.press import telling

        click.echo("\n".join(telling.status()))


@press_.command("empty")
@SITE_OPTION
def press_empty(site: Path):
    """Throw every printed page of this host away. Nothing is lost: each is printed again when it is asked for."""
    enter(site)
    with house():
        from masthead.press import telling

        click.echo(f"{telling.empty()} pages thrown away.")


@press_.command("nginx")
@click.option("--listen", help="What nginx listens on. Default: 80, or 443 ssl where the option `https` is on.")
@SITE_OPTION
def press_nginx(listen: str | None, site: Path):
    """Print nginx's configuration for this site: printed pages from the disk, all else from Masthead."""
    _tell_the_front(site, lambda telling, upstream: telling.nginx_configuration(upstream, listen or ""))


@press_.command("caddy")
@click.option("--port", type=int, help="Port of the titles' addresses. Default: 80, or 443 where `https` is on.")
@SITE_OPTION
def press_caddy(port: int | None, site: Path):
    """Print a Caddyfile for this site: printed pages from the disk, all else from Masthead."""
    _tell_the_front(site, lambda telling, upstream: telling.caddyfile(upstream, port))


def _tell_the_front(site: Path, written) -> None:
    """Print the configuration of the web server in front."""
    chosen = enter(site)
    with house():
        from masthead.press import telling

        try:
            click.echo(written(telling, f"{chosen['address']}:{chosen['port']}"), nl=False)
        except telling.NotAnswered as refused:
            raise Refused(str(refused)) from refused


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments):
    """Django's own commands, such as `masthead manage createsuperuser`."""
    enter(Path(os.environ.get("MASTHEAD_SITE", ".")))
    from django.core.management import execute_from_command_line

    execute_from_command_line(["masthead manage", *arguments])


main.add_command(mail)
main.add_command(evidence)


@main.group("import")
def import_():
    """Bring an old archive in. Nothing is published that was not; a second run changes nothing."""


import_.add_command(import_subscribers)


@import_.command("page")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@SITE_OPTION
@click.option("--title", "name", help="Name of the title the drafts go into. Default: the first.")
@click.option("--dry-run", is_flag=True, help="Print what would be made, and make nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was understood as one JSON object a file, and make nothing."
)
def import_page(files, site: Path, name: str | None, dry_run: bool, as_json: bool):
    """Make drafts of pages captured as text or saved as HTML: the article, its lists and its events."""
    from masthead.importing import pages

    for file in files:
        try:
            page = pages.read_page(file)
        except pages.ImportRefused as refused:
            raise Refused(str(refused)) from refused
        if as_json:
            click.echo(json.dumps(page.as_json(), ensure_ascii=False, indent=2))
            continue
        enter(site)
        with house() as founding:
            from masthead.importing import drafting

            founding.prepare_database(_step)
            drafted = drafting.draft_page(title_called(name), page, file.name, dry_run)
        _tell_drafts(file, drafted, page, dry_run)


@import_.command("wordpress")
@click.argument("file", type=click.Path(path_type=Path))
@SITE_OPTION
@click.option("--title", "name", help="Name of the title the articles go into. Default: the first.")
@click.option("--pages", is_flag=True, help="Take WordPress' pages as articles; otherwise they are skipped.")
@click.option("--no-pictures", is_flag=True, help="Fetch no pictures from the old site.")
@click.option("--partial", is_flag=True, help="Take what is whole of a file that breaks off.")
def import_wordpress(file: Path, site: Path, name: str | None, pages: bool, no_pictures: bool, partial: bool):
    """Bring a WordPress export (WXR) in. Can be stopped and run again; what was edited here is not touched."""
    enter(site)
    with house() as founding:
        founding.prepare_database(_step)
        from masthead.importing import moving
        from masthead.importing.decoding import ImportRefused

        choices = moving.Choices(pages=pages, fetch=not no_pictures, partial=partial)
        try:
            report = moving.move_in(title_called(name), file, choices, _progress)
        except (ImportRefused, moving.ImportIncomplete) as refused:
            raise Refused(str(refused)) from refused
    _tell_report(report)


@main.command()
@click.argument("what", type=click.Choice(["all", "disclosure"]), default="all")
@SITE_OPTION
def check(what: str, site: Path):
    """Check the house: options, settings, records; `check disclosure` renders every output of every paid item."""
    enter(site)
    with house():
        from masthead.catalogue import checking

        wrong = 0 if what == "disclosure" else _check_settings()
        for finding in checking.check_disclosure(progress=_progress):
            click.secho(str(finding), fg="red")
            wrong += 1
    click.echo("Everything that is paid for says so, everywhere." if not wrong else f"{wrong} to mend.")
    sys.exit(1 if wrong else 0)


def _tell_drafts(file: Path, drafted, page, dry_run: bool) -> None:
    would = "would be made" if dry_run else "made"
    for line in drafted.made:
        click.echo(f"  {line}")
    for line in page.leftover:
        click.secho(f"  not understood: {line}", fg="yellow")
    click.echo(
        f"{file.name}: {drafted.found} found = {len(drafted.made)} {would} + {len(drafted.unchanged)} there already. "
        "All are drafts to review."
    )


def _tell_report(report) -> None:
    for heading, lines in (
        ("Mended", report.cautions),
        ("To review", report.to_review),
        ("Not fetched", report.not_fetched),
    ):
        if lines:
            click.secho(f"{heading}:", bold=True)
        for line in lines:
            click.echo(f"  {line}")
    for reason, n in report.skipped.most_common():
        click.echo(f"  {n} skipped: {reason}")
    click.echo(
        f"{report.found} found = {report.made} made + {report.updated} updated + {report.skipped.total()} skipped. "
        f"{report.redirects} old addresses lead here now."
    )


def _check_settings() -> int:
    from django.core import checks

    messages = checks.run_checks(include_deployment_checks=True, databases=["default"])
    for message in messages:
        click.secho(str(message), fg="red" if message.is_serious() else "yellow")
    return sum(message.is_serious() for message in messages)


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r  {done} of {of}", nl=done == of, err=True)


def _write_site(folder: Path, demo: bool = False) -> None:
    if (folder / options.FILE).exists():
        return
    for name in ("templates", "static", "data/static"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    text = options.as_toml().replace('#secret_key = ""', f'secret_key = "{secrets.token_urlsafe(48)}"')
    if demo:
        text = text.replace("#demo = false", "demo = true")
    (folder / options.FILE).write_text(text, encoding="utf-8")
    (folder / ".gitignore").write_text("data/\n", encoding="utf-8")


def _step(line: str) -> None:
    click.echo(f"  {line} …")


def _refuse_taken(address: str, port: int) -> None:
    """Refuse an address nobody can listen on, before anything is built or started."""
    try:
        with socket.create_server((address, port)):
            return
    except OSError as error:
        raise Refused(
            f"Nothing can be served at {address}:{port}: {os.strerror(error.errno) if error.errno else error}. "
            "Stop what listens there, or choose another with --port or --address."
        ) from error


def _finish_demo() -> None:
    """Make what the first page does not wait for, in a process beside the server."""
    subprocess.Popen([sys.executable, "-m", "masthead.demo.finishing"])  # noqa: S603 - our own module


if __name__ == "__main__":
    main()
