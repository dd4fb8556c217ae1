"""Returning: what leads from a mail that comes back to the delivery it is about: keys of return paths, Message-ID."""

import hashlib
import hmac
import re

from django.conf import settings

_MESSAGE_ID = re.compile(r"<?[0-9a-f]{32}\.([0-9]{1,18})@[^>\s]+>?")


def keys() -> list[bytes]:
    """Return the keys of return paths: the one that signs first, then those that signed before the key was changed."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hashlib.sha256(b"masthead.returnpath" + secret.encode()).digest() for secret in secrets]


def message_id(delivery_pk: int, issue_pk: int, normalised: str, host: str) -> str:
    """Return the Message-ID of a delivery, without <>: the same for every attempt, and it names the delivery."""
    said = f"{issue_pk}:{normalised}".encode()
    digest = hmac.digest(settings.SECRET_KEY.encode(), said, "sha256").hex()[:32]
    return f"{digest}.{delivery_pk}@{host}"


def delivery_named_by(message_id: str) -> int | None:
    """Return the key of the delivery a Message-ID names, or None. Compare the one kept there: this proves nothing."""
    found = _MESSAGE_ID.fullmatch(message_id.strip())
    return int(found[1]) if found else None
