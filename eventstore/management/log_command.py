"""Commands that work on one log: `--database` chooses it where a project has several."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandParser, DjangoHelpFormatter
from django.db import connections

from eventstore.backends import in_database
from eventstore.management.command import EngineCommand


class Layout(DjangoHelpFormatter):
    """Keeps the lines of examples as they are, and fills paragraphs."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


class LogCommand(EngineCommand):
    """A command on the log in one database: the one that is asked for, or else the one that the router chooses."""

    examples = ""  # the end of its help: what one types, and what the exit codes mean

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """Django's own, with the examples and the option."""
        if self.examples:
            options = {"formatter_class": Layout, "epilog": self.examples, **options}
        parser = super().create_parser(prog_name, subcommand, **options)
        parser.add_argument(
            "--database",
            metavar="ALIAS",
            choices=list(connections),
            help="the database of the log, by its name in DATABASES; by default, the one that the database router has",
        )
        return parser

    @contextmanager
    def surroundings(self, options: dict[str, Any]) -> Iterator[None]:
        """In the chosen database."""
        with in_database(options.get("database")), super().surroundings(options):
            yield
