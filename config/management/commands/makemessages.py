"""`manage.py makemessages`: Django's own, which also finds the texts of modules that import no Django."""

from django.core.management.base import CommandParser
from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Knows `phrase("…")`, as `eventstore.decider` has it, to mark a text as `_("…")` does."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=phrase"]

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the files that a text is in, but not the lines: they would differ after every commit."""
        super().add_arguments(parser)
        parser.set_defaults(add_location="file")
