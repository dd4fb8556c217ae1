"""Editions: what is printed by other code, other templates or other options is another edition, and never sent."""

import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

CODE = Path(__file__).parents[1]
FORM = "1"  # of what the store writes; another number is another store
READ = {".py", ".html", ".xml", ".txt", ".mo", ".css", ".js", ".svg"}
# What changes no page: where we listen, how much is kept, how mail leaves.
APART = ("address", "port", "processes", "clock", "data", "debug", "press", "press_bytes")
APART_BEGIN = ("smtp_", "cdn", "secret_key", "old_secret_keys", "log_in_attempts")


def edition(options: dict, *folders: Path) -> str:
    """Return the name of the edition: sixteen signs made of our code, a site's own folders, the options, and Wagtail's
    and Django's versions."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{FORM} {sys.version_info[:2]} {version('wagtail')} {version('django')}".encode())
    said = {name: value for name, value in options.items() if name not in APART and not name.startswith(APART_BEGIN)}
    digest.update(json.dumps(said, sort_keys=True, default=str).encode())
    for folder in (CODE, *folders):
        for file in sorted(folder.rglob("*")):
            if file.suffix in READ and file.is_file() and "migrations" not in file.parts:
                digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
