"""`manage.py flush`: Django's own, with an error that names the remedy where append-only tables refuse it."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush

HINT = (
    "%s Events and commands are append-only, so this database can't be flushed; to begin anew, make a new database. "
    "In tests, eventstore.testing lifts the guards: run pytest with `-p eventstore.testing.plugin` (an installed "
    "django-tidemark does so by itself), or put eventstore.testing.FlushMixin before TransactionTestCase."
)


class Command(flush.Command):
    """Replaces Django's command, which also runs after each test with real transactions."""

    def handle(self, **options: Any) -> None:
        try:
            super().handle(**options)
        except CommandError as error:
            if "append-only" in str(error.__cause__):
                raise CommandError(HINT % error.__cause__) from error
            raise
