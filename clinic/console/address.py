"""Whence a request comes, as far as it can be believed."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

ADDRESS_MAX = 64


def address_of(request: HttpRequest) -> str:
    """The peer's address; behind the clinic's own proxy on this machine, the last one that the proxy wrote."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    told = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
    believed = told if settings.PROXIED and _is(peer, loopback=True) and _is(told) else peer
    return believed[:ADDRESS_MAX]


def _is(text: str, *, loopback: bool = False) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_loopback or not loopback
