"""Commands that read or write personal data refuse to start with the wrong master key."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from eventstore.errors import KeysUnavailable, RestoreUnfinished
from eventstore.keys import ring

__all__ = ["KeyedCommand"]


class KeyedCommand(BaseCommand):
    """A command that opens the site's keys first: without them it ends with 1 and a sentence, and nothing is done."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command, if this process has the right master key."""
        try:
            _open_keys()
            return super().execute(*args, **options)
        except (KeysUnavailable, RestoreUnfinished, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error


def _open_keys() -> None:
    """Open the site's keys; a database that is away, or not migrated, is for the command to tell of."""
    try:
        ring.ring(fresh=True)
    except Error:
        return
