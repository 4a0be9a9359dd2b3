"""Whom a site is for: this machine alone, or others."""

from typing import Final

from django.conf import settings

LOCAL: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})  # hosts that nobody reaches from elsewhere


def is_for_this_machine() -> bool:
    """Whether the site answers to no name by which others could reach it; then HTTPS would be in the way."""
    return all(host in LOCAL or host.endswith(".localhost") for host in settings.ALLOWED_HOSTS)
