"""Commands that read or write personal data refuse to start with the wrong master key."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import Error

from eventstore.keys import ring
from eventstore.management.command import EngineCommand

__all__ = ["KeyedCommand"]


class KeyedCommand(EngineCommand):
    """A command that opens the site's keys first: without them it ends with 1 and a sentence, and nothing is done."""

    @contextmanager
    def surroundings(self, options: dict[str, Any]) -> Iterator[None]:
        """If this process has the right master key; raises KeysUnavailable or ImproperlyConfigured."""
        _open_keys()
        with super().surroundings(options):
            yield


def _open_keys() -> None:
    """Open the site's keys; a database that is away, or not migrated, is for the command to tell of."""
    try:
        ring.ring(fresh=True)
    except Error:
        return
