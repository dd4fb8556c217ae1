"""Keeping: pictures and documents in object storage, at the same addresses as in the data folder.

Readers never leave the title's own host for them: nginx hands /media/ to the bucket, or Masthead does where nginx
does not stand in front (promise: no third party on any page).
"""

import mimetypes
from urllib.parse import quote

from botocore.config import Config
from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from storages.backends.s3 import S3Storage


class Bucket(S3Storage):
    """A bucket of any service that speaks S3. Only what the oldest of them understand is asked of it."""

    def __init__(self, **given):
        plain = Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(**{"client_config": plain, "file_overwrite": False, "querystring_auth": False} | given)

    def url(self, name, parameters=None, expire=None, http_method=None) -> str:
        return settings.MEDIA_URL + quote(name)


def hand_out(request, path: str) -> FileResponse:
    """Answer with a file of the bucket, for a house without nginx in front of it."""
    try:
        file = default_storage.open(path)
        file.size  # noqa: B018 - asks the bucket whether it is there
    except FileNotFoundError as error:
        raise Http404("There is no such file.") from error
    answer = FileResponse(file, content_type=mimetypes.guess_type(path)[0] or "application/octet-stream")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
