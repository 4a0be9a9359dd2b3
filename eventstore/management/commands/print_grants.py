"""`manage.py print_grants ROLE`: the SQL that grants a role the rights to run the site, without owning tables."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from eventstore.backends import store
from eventstore.checks.grants import statements
from eventstore.management.log_command import LogCommand


class Command(LogCommand):
    help = (
        "Print the SQL that gives a PostgreSQL role exactly what the site and its runners need: it can record events "
        "and commands, and can neither change them nor switch their guards off. Nothing is executed. As the owner of "
        "the tables: manage.py print_grants ROLE | psql …, after each migrate. The owner goes on to run migrate and "
        "rebuild_projections, which make tables."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", metavar="ROLE", help="name of the role; it need not exist yet")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        if not store().has_roles:
            raise CommandError(
                "SQLite has no roles: every process that can write the file can do anything. Guard the file."
            )
        for statement in statements(store().connection, role):
            self.stdout.write(statement)
