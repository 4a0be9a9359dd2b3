"""`manage.py record_shapes`: records the shapes of messages and projectors, and refuses unversioned changes."""

import json
import sys
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage
from django.core.management.base import CommandError, CommandParser

from eventstore.evolution import gate
from eventstore.evolution.files import FILE, Unreadable
from eventstore.evolution.record import record
from eventstore.management.command import EngineCommand


class Command(EngineCommand):
    help = (
        f"Record the shapes of events and commands, and the versions of projectors, in <app>/{FILE}: commit these "
        "files, as you commit migrations. A recorded version is never overwritten: change the shape of an event, and "
        "it needs a new version and an upcaster; change a projector, and it needs a new version. With --check nothing "
        "is written: it exits with 3 and says what is wrong, or what is not recorded yet. Needs no database."
    )
    requires_system_checks: list[str] = []  # it is what makes some of them pass

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("apps", nargs="*", metavar="APP", help="apps to record; all by default")
        parser.add_argument("--check", action="store_true", help="write nothing, exit with 3 if anything is wrong")
        parser.add_argument("--json", action="store_true", dest="as_json", help="with --check: findings for scripts")
        parser.add_argument(
            "--force",
            action="append",
            default=[],
            metavar="NAME",
            help="record NAME anew, or forget it if it is gone; only for what no released code has ever stored",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check(as_json=options["as_json"])
        else:
            self._record([_app(label) for label in options["apps"]], options["force"])

    def _check(self, *, as_json: bool) -> None:
        found = gate.findings()
        if as_json:
            self.stdout.write(json.dumps([{"id": each.id, "says": each.msg, "next": each.hint} for each in found]))
        elif found:
            self._show(found)
        else:
            self.stdout.write("Shapes and projectors are as they were recorded.")
        if found:
            sys.exit(3)

    def _record(self, which: list[AppConfig], force: list[str]) -> None:
        try:
            result = record(which or list(apps.get_app_configs()), force=force)
        except (Unreadable, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        for text in result.written:
            self.stdout.write(f"Recorded {text}.")
        for name in result.forgotten:
            self.stdout.write(f"Forgot {name}.")
        if result.faults:
            self._show(result.faults)
            raise CommandError("What is recorded is not overwritten.")
        if not result.written and not result.forgotten:
            self.stdout.write("There is nothing new to record.")

    def _show(self, found: list[CheckMessage]) -> None:
        for each in found:
            self.stdout.write(f"{each.id}  {each.msg}\n    → {each.hint}")


def _app(label: str) -> AppConfig:
    try:
        return apps.get_app_config(label)
    except LookupError as error:
        raise CommandError(str(error)) from error
