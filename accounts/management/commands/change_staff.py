"""Changes what a member of staff may do, and whether they may sign in."""

import json
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import CommandError, CommandParser, DjangoHelpFormatter
from django.db import transaction

from accounts.services.staff import (
    CHANGER,
    ROLES,
    LastSuperuser,
    NotStaff,
    change_role,
    facts_of,
    member_of_staff,
    reset_factors,
    role_of,
    set_active,
    sign_out,
)
from accounts.services.staff_rights import confirm_rights
from accounts.users.models import User
from eventstore.decider import Refused
from eventstore.management.command import EngineCommand

EPILOG = """
examples:
  manage.py change_staff --email ada@example.org --role auditor      she sees everything, and changes nothing any more
  manage.py change_staff --email ada@example.org --deactivate        she has left: she is out, everywhere and at once
  manage.py change_staff --email ada@example.org --activate          she is back, and signs in with her password
  manage.py change_staff --email ada@example.org --sign-out          her notebook was stolen: she signs in anew
  manage.py change_staff --email ada@example.org --reset-factors     her phone is lost: she sets up another factor

Each of these ends all sessions and all tokens of that person. The last superuser who may sign in keeps that role,
unless you say --force. Exits with 0 if it is as you wish (also if it was so before), and with 1 if it can't be done.
"""


class HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the lines of the examples as they are written."""


class Command(EngineCommand):
    """`manage.py change_staff`."""

    help = "Change the role of a member of staff, deactivate them or let them in again, or sign them out everywhere."

    def create_parser(self, *args: Any, **options: Any) -> CommandParser:
        """Shows examples below the options."""
        return super().create_parser(*args, epilog=EPILOG, formatter_class=HelpFormatter, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the e-mail, and what is to be done."""
        parser.add_argument("--email", required=True, help="what they sign in with")
        change = parser.add_mutually_exclusive_group(required=True)
        change.add_argument("--role", choices=[str(role) for role in ROLES], help="what they may do from now on")
        change.add_argument("--deactivate", action="store_true", help="they may not sign in any more")
        change.add_argument("--activate", action="store_true", help="they may sign in again")
        change.add_argument("--sign-out", action="store_true", help="end their sessions and tokens, and no more")
        change.add_argument("--reset-factors", action="store_true", help="they have lost their second factor")
        parser.add_argument("--force", action="store_true", help="even if they are the last superuser")
        parser.add_argument("--json", action="store_true", dest="as_json", help="what they are now, for scripts")

    def handle(self, **options: Any) -> None:
        """Changes one member of staff; raises CommandError."""
        try:
            with transaction.atomic():
                user = member_of_staff(options["email"])
                changed = _change(user, options)
                confirmed = _says_rights(options) and confirm_rights(user, actor=CHANGER)
        except LastSuperuser as error:
            raise CommandError(f"{error} Or say --force.") from error
        except (NotStaff, Refused) as error:
            raise CommandError(str(error)) from error
        self._tell(user, changed, as_json=options["as_json"], confirmed=confirmed)

    def _tell(self, user: User, changed: bool, *, as_json: bool, confirmed: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({**facts_of(user), "changed": changed}))
            return
        state = "may sign in" if user.is_active else "may not sign in"
        about = f"{user.email}, {role_of(user) or 'without a role'}, {state}."
        if changed:
            self.stdout.write(self.style.SUCCESS(f"Changed: {about} All their sessions and tokens have ended."))
        else:
            also = " The log said otherwise; now it is recorded there, too." if confirmed else ""
            self.stdout.write(f"Nothing to change: {about}{also}")


def _says_rights(options: dict[str, Any]) -> bool:
    """Whether somebody says what a member of staff may do, and so confirms it."""
    return bool(options["role"] or options["activate"] or options["deactivate"])


def _change(user: User, options: dict[str, Any]) -> bool:
    """Does what is asked for; whether that changed anything."""
    if options["role"]:
        return change_role(user, options["role"], force=options["force"])
    if options["activate"] or options["deactivate"]:
        return set_active(user, options["activate"], force=options["force"])
    if options["reset_factors"]:
        return reset_factors(user)
    sign_out(user)
    return True
