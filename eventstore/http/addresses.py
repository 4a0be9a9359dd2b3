"""The network address of a caller, for whatever counts by it: throttles, sign-ins, a log."""

from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

from django.http import HttpRequest
from rest_framework.settings import api_settings

__all__ = ["address_in", "network_address"]

NETWORK_BITS: Final = 64  # of an IPv6 address: what one household or one rented machine has to choose from


def network_address(request: HttpRequest) -> str:
    """Where a request came from: an IPv4 address, or the /64 network of an IPv6 address."""
    return address_in(request.META)


def address_in(environ: Mapping[str, Any]) -> str:
    """The same, from the WSGI environment of a request.

    Behind the proxies that `REST_FRAMEWORK["NUM_PROXIES"]` counts, it is what the outermost of them has written into
    X-Forwarded-For. What stands before that, and the whole header where there is no such proxy, anyone can write.
    """
    peer = str(environ.get("REMOTE_ADDR", ""))
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    if not forwarded or not api_settings.NUM_PROXIES:
        return _counted(peer) or peer
    hops = forwarded.split(",")
    return _counted(hops[-min(api_settings.NUM_PROXIES, len(hops))]) or _counted(peer) or peer


def _counted(text: str) -> str | None:
    """The address in one spelling, or its network; None for what is no address."""
    host = text.strip()
    if host.startswith("["):  # [::1]:443, as some proxies write it
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:  # 192.0.2.1:443
        host = host.partition(":")[0]
    with suppress(ValueError):
        address = ip_address(host.partition("%")[0])
        if not isinstance(address, IPv6Address):
            return str(address)
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, NETWORK_BITS), strict=False))
    return None
