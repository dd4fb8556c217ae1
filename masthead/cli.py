"""The command `masthead`: make a site, show the demo, serve, run the clock, import, check."""

import os
import secrets
import subprocess  # noqa: S404 - the clock runs beside the web server as a process of its own
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from masthead import __version__, options

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
@click.option("--country", type=click.Choice(["dk", "de", "en", "us"]), default="en", show_default=True,
              help="Whose words label what is paid for.")
@click.option("--editor", default="editor", show_default=True, help="Name of the first log-in.")
def new(folder: Path, name: str, language: str, country: str, editor: str):
    """Make a site of one's own in FOLDER: options, templates, static files, database, first log-in."""
    if (folder / options.FILE).exists():
        raise Refused(f"{folder} is a site already. Choose another folder, or run `masthead serve` in it.")
    _write_site(folder)
    _enter(folder)
    password = secrets.token_urlsafe(9)
    with _house() as founding:
        founding.prepare_database(_step)
        founding.found_title(name, language=language, country=country)
        founding.add_user(editor, password)
    click.echo(f"\n{name} is ready in {folder}. Start it:\n\n    cd {folder} && masthead serve\n")
    click.echo(f"Editors' desk: http://127.0.0.1:8000/desk/  log in as {editor}, password {password} (shown only now)")


@main.command()
@click.option("--port", type=int, default=8000, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo-site"), show_default=True,
              help="Where the demo keeps what you change.")
@click.option("--build-only", is_flag=True, help="Build the demo and stop.")
def demo(port: int, address: str, folder: Path, build_only: bool):
    """Build the demo title on SQLite and serve it. No mail leaves the machine; a second start keeps your changes."""
    from masthead.demo import showing

    _write_site(folder, demo=True)
    os.environ |= showing.environment(address, port)
    _enter(folder)
    if not showing.is_built(folder):
        with _house():
            from masthead.demo import building

            building.build(folder, port, _step)
    showing.set_port(folder, port)
    if build_only:
        return
    click.echo(showing.addresses(address, port))
    with showing.catching_mail(folder):
        _serve(address, port, processes=1, clock=True)


@main.command()
@SITE_OPTION
@click.option("--address", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--processes", type=int, help="Web processes.")
@click.option("--clock/--no-clock", default=None, help="Run the clock too, or leave it to `masthead work`.")
def serve(site: Path, address, port, processes, clock):
    """Serve the site, and run its clock."""
    chosen = _enter(site)
    with _house() as founding:
        founding.prepare_database(_step)
    address, port = address or chosen["address"], port or chosen["port"]
    click.echo(f"Site: http://{address}:{port}/   editors' desk: http://{address}:{port}/desk/   (Ctrl-C stops)")
    _serve(address, port, processes or chosen["processes"], chosen["clock"] if clock is None else clock)


@main.command()
@SITE_OPTION
def work(site: Path):
    """Run the clock: publish and expire on time, send what is due."""
    _enter(site)
    with _house():
        from masthead import worker

        worker.work()


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments):
    """Django's own commands, such as `masthead manage createsuperuser`."""
    _enter(Path(os.environ.get("MASTHEAD_SITE", ".")))
    from django.core.management import execute_from_command_line

    execute_from_command_line(["masthead manage", *arguments])


# How a command enters a site


def _enter(folder: Path) -> dict:
    os.environ["MASTHEAD_SITE"] = str(folder.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "masthead.settings")
    try:
        return options.read(folder)
    except options.WrongOption as wrong:
        raise Refused(str(wrong)) from wrong


@contextmanager
def _house() -> Iterator:
    """Set Django up, and turn what the database refuses at the door into one sentence."""
    import django
    from django.db import OperationalError

    django.setup()
    from masthead.newsstand import founding

    try:
        yield founding
    except OperationalError as error:
        raise Refused(f"The database cannot be used: {error}. Check `database` in {options.FILE}.") from error


def _write_site(folder: Path, demo: bool = False) -> None:
    if (folder / options.FILE).exists():
        return
    for name in ("templates", "static", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    text = options.as_toml().replace('#secret_key = ""', f'secret_key = "{secrets.token_urlsafe(48)}"')
    if demo:
        text = text.replace("#demo = false", "demo = true")
    (folder / options.FILE).write_text(text, encoding="utf-8")
    (folder / ".gitignore").write_text("data/\n", encoding="utf-8")


def _step(line: str) -> None:
    click.echo(f"  {line} …")


def _serve(address: str, port: int, processes: int, clock: bool) -> None:
    from granian import Granian

    beside = _start_clock() if clock else None
    try:
        # One thread a process on SQLite: its one writer is shared by processes that wait, not by threads that fail.
        Granian(
            "masthead.wsgi:application",
            address=address,
            port=port,
            interface="wsgi",
            workers=processes,
            blocking_threads=1,
            respawn_failed_workers=True,
            log_access=False,
            websockets=False,
        ).serve()
    finally:
        if beside:
            beside.terminate()
            beside.wait(20)


def _start_clock() -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-m", "masthead.cli", "work"])  # noqa: S603 - our own command


if __name__ == "__main__":
    main()
