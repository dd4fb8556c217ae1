"""Throttling: how many sign-ups a day are taken from one network, without keeping who sent them.

Somebody could make us write to a thousand strangers by signing each of them up. What is counted is the network, hashed
with the salt of the day; when the day is over the salt goes, and with it any way back to a network (rules T3 and T7).
"""

import hashlib
import hmac
import ipaddress
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from masthead.subscribers.models import SignUpCount, SignUpDay

IPV4_PREFIX, IPV6_PREFIX = 24, 48  # what one subscriber of an access provider may well change at will


class TooMany(ValueError):
    """The network has signed up as many today as one network may. It says nothing about any address."""


def count_sign_up(ip: str) -> None:
    """Count a sign-up from a visitor's IP address against the option `sign_ups_a_day`. Raises TooMany.

    Addresses that are no part of the internet are not counted: behind a proxy that is not in `trusted_proxies` every
    visitor has the same one.
    """
    network = network_of(ip)
    if not network:
        return
    with transaction.atomic():
        today = SignUpDay.objects.get_or_create(day=datetime.now(UTC).date())[0]
        hashed = hmac.new(today.salt.encode(), network.encode(), hashlib.sha256).hexdigest()
        count, _new = SignUpCount.objects.get_or_create(day=today, network=hashed)
        SignUpCount.objects.filter(pk=count.pk).update(count=F("count") + 1)
    if count.count >= settings.MASTHEAD["sign_ups_a_day"]:
        raise TooMany("Too many sign-ups came from this network today.")


def network_of(ip: str) -> str:
    """Return the network an address of the internet belongs to, or nothing."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if not address.is_global:
        return ""
    prefix = IPV4_PREFIX if address.version == 4 else IPV6_PREFIX
    return str(ipaddress.ip_network((address, prefix), strict=False))


def forget_past_days() -> int:
    """Destroy the salts of days that are over, with everything hashed by them, and return how many days."""
    return SignUpDay.objects.filter(day__lt=datetime.now(UTC).date()).delete()[1].get("subscribers.SignUpDay", 0)
