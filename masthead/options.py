"""The options of a house: one list from which the file, the environment and the docs are checked.

An option is looked up in the environment (`MASTHEAD_<NAME>`), then in `masthead.toml` of the site's folder, then
takes its default. Anything unknown in the file is an error, never silently ignored.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FILE = "masthead.toml"


@dataclass(frozen=True)
class Option:
    name: str
    default: Any
    meaning: str
    secret: bool = False


OPTIONS = (
    Option("secret_key", "", "Signs log-ins and links. `masthead new` writes a random one; keep it out of git.", True),
    Option("old_secret_keys", [], "Keys used before, so that links in old mails go on working.", True),
    Option("debug", False, "Show errors to the visitor. Never in production."),
    Option("hosts", ["127.0.0.1", "localhost", ".localhost"], "Host names that are answered."),
    Option("base_url", "http://127.0.0.1:8000", "Address of the editors' desk, used in mails to editors."),
    Option("database", "", "`postgres://user:password@host/name`; empty is SQLite in the data folder.", True),
    Option("data", "data", "Folder of the database, pictures and documents, relative to the site's folder."),
    Option(
        "media", "", "`s3://bucket?endpoint=https://…&region=…` for pictures and documents; empty is the data folder."
    ),
    Option("language", "en", "Language of the editors' desk where a user has not chosen one."),
    Option("time_zone", "Europe/Copenhagen", "Time zone of the desk and the clock; each title may have its own."),
    Option("address", "127.0.0.1", "Address to listen on."),
    Option("port", 8000, "Port to listen on."),
    Option("processes", 1, "Web processes. With SQLite one or two; with PostgreSQL one per core."),
    Option("press", True, "Keep printed pages and send them without waking Django. `debug` switches it off."),
    Option("press_bytes", 536_870_912, "Bytes of printed pages kept on a host's disk; those longest unused go first."),
    Option(
        "cdn",
        "",
        "Network in front that is told of recalls: a proxy's address that takes PURGE, or `cloudflare:ZONE:TOKEN`.",
        True,
    ),
    Option("clock", True, "Whether `masthead serve` also runs the clock (`masthead work`)."),
    Option("smtp_host", "127.0.0.1", "Mail server that takes outgoing mail."),
    Option("smtp_port", 25, "Its port."),
    Option("smtp_user", "", "User at the mail server, where it wants one."),
    Option("smtp_password", "", "Password at the mail server.", True),
    Option("smtp_security", "none", "`none`, `starttls` or `tls`."),
    Option("mail_from", "noreply@localhost", "Sender of service mails, and domain of our return paths."),
    Option("esp", "", "Provider that takes newsletters over HTTP: `postmark` or `resend`; empty is SMTP."),
    Option("esp_key", "", "Its key, called API key or server token.", True),
    Option("esp_webhook_secret", "", "`user:password` with which it tells us what became of letters.", True),
    Option("outgoing_addresses", [], "Addresses (IP) from which mail leaves for the Internet, for the mail doctor."),
    Option("dkim_selectors", [], "Selectors of the keys mail is signed with, each `selector` or `selector@domain`."),
    Option(
        "doctor_from", 500, "An issue to so many readers is refused while the mail doctor sees red; 0 never asks it."
    ),
    Option("senders", 1, "Processes that hand over newsletters. With SQLite four at most."),
    Option("mail_connections", 4, "Connections to the mail server that each of them holds."),
    Option("mail_per_connection", 0, "Letters after which a new connection is made; 0 is without limit."),
    Option("mail_per_second", 0, "Letters a second at most, of all processes together; 0 is without limit."),
    Option("mail_per_domain", [], "Letters a second at most to single domains: `example.com=5`."),
    Option(
        "returns",
        "",
        "Mailbox of what comes back: `imaps://user:password@host/INBOX`, `pop3s://…`, `maildir:/path`.",
        True,
    ),
    Option(
        "bounce_score", 5, "Days on which mail to an address failed without proof before it is not written to again."
    ),
    Option("bounce_days", 7, "Days without a failure after which that count begins anew."),
    Option("trusted_proxies", [], "Addresses of proxies whose X-Forwarded headers are believed."),
    Option("https", False, "Served over https: secure cookies, HSTS and redirects are switched on."),
    Option(
        "log_in_attempts", 5, "Wrong passwords for a user name from one address before that is locked for 15 minutes."
    ),
    Option(
        "sign_ups_a_day", 30, "Newsletter sign-ups a day that are taken from one network, so that nobody floods others."
    ),
    Option("expired_jobs", "gone", "What an expired job's page answers: `gone` (410) or `notice` (200, noindex)."),
    Option("demo", False, "The house is the demo: log-ins are shown and no mail leaves the machine."),
)
BY_NAME = {option.name: option for option in OPTIONS}


class WrongOption(ValueError):
    """An option that cannot be used; the message says what to do."""


def read(folder: Path, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the value of every option for the site in `folder`.

    Raises WrongOption for an unknown name or a value of another kind than the default's.
    """
    written = _read_file(folder / FILE)
    return {option.name: _value(option, written, environment) for option in OPTIONS}


def media_storage(address: str) -> dict[str, Any]:
    """Return the storage of pictures and documents in Django's words.

    Raises WrongOption where the address is no bucket's. The keys are the environment's AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY, as every program of the kind reads them.
    """
    if not address:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.netloc:
        raise WrongOption(f"`media` is “{address}”. Write s3://bucket?endpoint=https://…, or leave it empty.")
    said = dict(parse_qsl(parts.query))
    given = {"bucket_name": parts.netloc, "endpoint_url": said.get("endpoint"), "region_name": said.get("region")}
    return {"BACKEND": "masthead.publication.keeping.Bucket", "OPTIONS": {k: v for k, v in given.items() if v}}


def as_toml() -> str:
    """Return a commented masthead.toml in which every line is switched off."""
    lines = ["# Options of this house. Remove the `#` in front of a line to change it.", ""]
    for option in OPTIONS:
        lines += [f"# {option.meaning}", f"#{option.name} = {_toml_value(option.default)}", ""]
    return "\n".join(lines)


def _read_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongOption(f"{path.name} cannot be read: {error}. Mend that line and start again.") from error
    unknown = sorted(set(written) - set(BY_NAME))
    if unknown:
        raise WrongOption(f"{path.name} has the unknown option “{unknown[0]}”. docs/options.md lists all options.")
    return written


def _value(option: Option, written: Mapping[str, Any], environment: Mapping[str, str]) -> Any:
    variable = f"MASTHEAD_{option.name.upper()}"
    if variable in environment:
        return _from_text(option, environment[variable], variable)
    value = written.get(option.name, option.default)
    if not isinstance(value, type(option.default)) or isinstance(value, bool) != isinstance(option.default, bool):
        raise WrongOption(f"{option.name} must be {_kind(option.default)}, not {value!r}. Change it in {FILE}.")
    return value


def _from_text(option: Option, text: str, variable: str) -> Any:
    if isinstance(option.default, bool):
        if text.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise WrongOption(f"{variable} must be true or false, not “{text}”.")
        return text.lower() in ("1", "true", "yes")
    if isinstance(option.default, int):
        if not text.isdigit():
            raise WrongOption(f"{variable} must be a whole number, not “{text}”.")
        return int(text)
    if isinstance(option.default, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _kind(default: Any) -> str:
    return {bool: "true or false", int: "a whole number", list: "a list of texts", str: "a text"}[type(default)]


def _toml_value(default: Any) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, list):
        return "[" + ", ".join(f'"{part}"' for part in default) + "]"
    return f'"{default}"' if isinstance(default, str) else str(default)
