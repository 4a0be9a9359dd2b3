"""`manage.py makemessages`: Django's own, extended to the texts of modules that import no Django."""

from django.core.management.base import CommandParser
from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Recognises `phrase("…")` of `eventstore.decider` as a mark for translation, besides `_("…")`."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=phrase"]

    def add_arguments(self, parser: CommandParser) -> None:
        """Records the files of a text without line numbers, which would differ after every commit."""
        super().add_arguments(parser)
        parser.set_defaults(add_location="file")
