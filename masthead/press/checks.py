"""System check: printed pages can be written."""

import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.checks import Warning, register

from masthead.press.recalling import FOLDER


@register()
def printed_pages_can_be_written(app_configs, **kwargs) -> list[Warning]:
    """masthead.W013: where the folder of printed pages can't be written, every page is rendered for every reader."""
    if not settings.MASTHEAD["press"]:
        return []
    folder = nearest(settings.DATA / FOLDER)
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            return []
    except OSError as error:
        said = f"Printed pages can't be written to {settings.DATA / FOLDER}: {os.strerror(error.errno or 0)}."
        hint = "Let the user that runs Masthead write to the data folder, or set `press = false`."
        return [Warning(said, hint=hint, id="masthead.W013")]


def nearest(folder: Path) -> Path:
    """Return the folder itself, or the nearest one above it that exists."""
    return next(found for found in (folder, *folder.parents) if found.is_dir())
