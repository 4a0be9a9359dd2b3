"""`manage.py catalogue`: events and commands as AsyncAPI and JSON Schema."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from eventstore.catalogue import Entry, entries, findings
from eventstore.catalogue.documents import MAKERS, text_of, write
from eventstore.catalogue.reports import facts_of
from eventstore.evolution.files import Unreadable
from eventstore.management.command import EngineCommand
from eventstore.management.log_command import Layout

LINE = "{:<8} {:<32} {:>7}  {}"

EXAMPLES = """\
examples:
  manage.py catalogue                                    what there is, a line for each event and command
  manage.py catalogue --format asyncapi > asyncapi.json  a document for those who consume your events
  manage.py catalogue --format json-schema               schemas alone: to validate, or to generate code
  manage.py catalogue --output docs/events               both documents, as files in a folder
  manage.py catalogue --check docs/events/asyncapi.json  in a pipeline: is the file what would be written now?

exit codes:
  0  it was written, or nothing is wrong (--check)
  1  a file can't be read or written, or an argument is wrong
  3  --check: a written document is out of date, or an event or command is not described or not recorded
"""


class Command(EngineCommand):
    help = (
        "Write the catalogue of events and commands: AsyncAPI 3.0 and JSON Schema (2020-12) of every version that was "
        "ever recorded, with examples, the commands that lead to an event, and the envelope and the addresses by which "
        "the relay delivers it. It is made of what there is: classes, docstrings, comments beside fields, shapes.json, "
        "rules, projections, RELAY_TARGETS. Who has a file of it in a repository lets a pipeline --check it. Needs no "
        "database (docs/catalogue.md)."
    )
    requires_system_checks: list[str] = []  # it looks at code alone

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """Django's own, with examples."""
        return super().create_parser(prog_name, subcommand, formatter_class=Layout, epilog=EXAMPLES, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=sorted(MAKERS), help="print this document, or with --output write it")
        parser.add_argument("--json", action="store_true", help="print the catalogue, or what --check finds, as JSON")
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--output", metavar="DIR", type=Path, help="write into this folder; both, if no --format")
        action.add_argument(
            "--check",
            metavar="FILE",
            type=Path,
            nargs="?",
            const=Path(),
            help="write nothing; exit with 3 if the file is out of date, or if anything is not described or recorded",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._act(options)
        except (Unreadable, OSError, ValueError) as error:
            raise CommandError(str(error)) from error

    def _act(self, options: dict[str, Any]) -> None:
        if options["check"] is not None:
            self._check(options["check"], as_json=options["json"])
        elif options["output"] is not None:
            self._write(options["output"], options["format"], as_json=options["json"])
        elif options["format"]:
            self.stdout.write(text_of(options["format"]), ending="")
        else:
            self._list(entries(), as_json=options["json"])

    def _list(self, found: list[Entry], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"messages": [facts_of(entry) for entry in found]}, indent=2))
            return
        self.stdout.write(LINE.format("", "stored name", "version", "what it tells"))
        for entry in found:
            self.stdout.write(LINE.format(entry.noun, entry.name, entry.present.number, entry.description))

    def _write(self, folder: Path, document: str | None, *, as_json: bool) -> None:
        paths = write(folder, [document] if document else list(MAKERS))
        if as_json:
            self.stdout.write(json.dumps({"files": [str(path) for path in paths]}))
            return
        for path in paths:
            self.stdout.write(f"Wrote {path}.")

    def _check(self, written: Path, *, as_json: bool) -> None:
        found = findings(None if written == Path() else written)
        if as_json:
            self.stdout.write(json.dumps([asdict(each) for each in found], indent=2))
        for each in [] if as_json else found:
            self.stdout.write(f"{each.says}\n    → {each.next}")
        if found:
            sys.exit(3)
        if not as_json:
            self.stdout.write("Each event and command is described, and what was written is up to date.")
