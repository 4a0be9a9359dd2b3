"""Creates a member of staff, or gives an existing one another role and password."""

import getpass
import json
import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser, DjangoHelpFormatter

from accounts.services.staff import ROLES, LastSuperuser, NotStaff, facts_of, make_staff
from accounts.users.models import User
from eventstore.decider import Refused
from eventstore.management.command import EngineCommand

EPILOG = """
roles:
  support    sees everything; helps customers
  operator   support's tasks, and corrects, limits, requests approvals, handles parked streams
  approver   sees everything; approves what others request
  auditor    sees everything; changes nothing
  superuser  all of these

examples:
  manage.py create_staff --email ada@example.org --role auditor
  manage.py create_staff --email ada@example.org --role operator   (again: she changes her role)
"""


class HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the lines of the roles and examples as they are written."""


class Command(EngineCommand):
    """`manage.py create_staff`."""

    help = (
        "Make a member of staff, who signs in to the admin and the API.\n"
        "Run it again with the same e-mail to give that person another role and password: all their sessions and\n"
        "tokens end. change_staff changes the role alone, or deactivates them."
    )

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Shows roles and examples below the options."""
        return super().create_parser(*args, epilog=EPILOG, formatter_class=HelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the e-mail, the role and the password."""
        parser.add_argument("--email", required=True, help="what they sign in with")
        parser.add_argument("--role", required=True, choices=[str(role) for role in ROLES], help="what they may do")
        parser.add_argument("--json", action="store_true", dest="as_json", help="what they are now, for scripts")
        parser.add_argument("--password", help="asked for if not given; on a shared machine others can see arguments")

    def handle(self, **options: Any) -> None:
        """Creates or changes one member of staff; raises CommandError."""
        password = options["password"] or ask_for_password()
        check(password, options["email"])
        try:
            user, is_new = make_staff(options["email"], options["role"], password)
        except LastSuperuser as error:
            raise CommandError(f"{error} Or say change_staff --force.") from error
        except (NotStaff, Refused) as error:
            raise CommandError(str(error)) from error
        if options["as_json"]:
            self.stdout.write(json.dumps({**facts_of(user), "created": is_new}))
            return
        done = "Made" if is_new else "Changed"
        self.stdout.write(self.style.SUCCESS(f"{done} {user.email}, {options['role']}. They sign in at /admin/."))


def ask_for_password() -> str:
    """The password, typed twice without echo; raises CommandError without a terminal, or if the two differ."""
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask for the password on. Give it with --password.")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Password again: "):
        raise CommandError("The two passwords differ. Nothing was changed.")
    return password


def check(password: str, email: str) -> None:
    """Raises CommandError with the sentences of all validators that reject a password."""
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
