"""`manage.py verify`: recomputes all that the log says, and names the first bad position."""

import json
import logging
import time
from argparse import RawDescriptionHelpFormatter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser, DjangoHelpFormatter
from django.db import Error, close_old_connections

from eventstore import feed, service
from eventstore.errors import RangeDetached
from eventstore.integrity import outside
from eventstore.integrity.tail import Tail
from eventstore.integrity.verify import Fault, Place, Report, Scope, verify
from eventstore.keys.command import KeyedCommand
from eventstore.log.database import primary_rows
from eventstore.management.log_command import LogCommand
from eventstore.management.progress import progress_bar
from eventstore.models import Command as StoredCommand
from eventstore.models import Event
from eventstore.projecting.replay import Progress

logger = logging.getLogger(__name__)

HELP = """\
Verify that nothing in the log was changed, inserted, deleted or cut off since it was written.

Everything is computed again from the rows: the digest of each event, which covers the one before
it in its stream, and that of each command with its answer; that versions are dense, that times
do not run backwards, that commands and events name each other; both trees, their tiles, and each
signed head, those in the database and those that are kept outside, in SEAL_FILE; the heads of
streams and their states; guards, unique keys, sequences, the tidemark and the epochs; and what
the project has declared, such as that an answer says what its events say.

Nothing is changed, and nobody waits: what is written meanwhile is the next run's. The first bad
position is named, with what is wrong with it, and all faults are counted.

What no head covers yet is the unsealed tail. Who owns the database could still rewrite it, with
right digests, and nobody would know: seal often (manage.py seal), and keep the heads where the
owner of the database can't reach them. It is told how long the tail is.
"""

EXAMPLES = """\
examples:
  manage.py verify                        all of it
  manage.py verify --seals heads.txt      with the heads that somebody else has kept
  manage.py verify --accept-epoch 2       after a restore that has lost sealed rows, and that you know of
  manage.py verify --since 1200000        from there on; what lies before is trusted
  manage.py verify --sample 20            20 streams and 20 ranges, whatever the size of the log
  manage.py verify --watch --rate 2000    for ever, at most 2,000 events and commands a second

exit codes:
  0  all is as it was written
  3  faults were found, and are named
  1  it could not run, for example without the keys
"""

TROUBLES = (ImproperlyConfigured, OSError, Error, RangeDetached)


class Layout(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the line breaks of the help."""


class Stopped(Exception):
    """Somebody has asked to stop in the middle of a round."""


class Command(LogCommand, KeyedCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=Layout, epilog=EXAMPLES, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", type=_count, default=0, metavar="N", help="begin after this position; trust what is before"
        )
        parser.add_argument(
            "--sample", type=_count, default=0, metavar="N", help="only N streams and N ranges, taken at random"
        )
        parser.add_argument(
            "--seals",
            type=Path,
            metavar="FILE",
            help="heads that are kept outside; SEAL_FILE by default, if it is there",
        )
        parser.add_argument(
            "--accept-epoch",
            type=_count,
            action="append",
            default=[],
            metavar="N",
            help="sealed rows that this epoch has lost are no fault, as after a restore that you know of; for good, "
            "name it in the setting ACCEPTED_EPOCHS, as the database's owner could write any reason into the epoch",
        )
        parser.add_argument("--watch", action="store_true", help="go round until stopped (Ctrl-C or SIGTERM)")
        parser.add_argument(
            "--rate", type=_count, default=0, metavar="N", help="events and commands a second, at most; 0: no limit"
        )
        parser.add_argument(
            "--every",
            type=float,
            default=60.0,
            metavar="SECONDS",
            help="with --watch, between two rounds [%(default)g]",
        )
        parser.add_argument("--json", action="store_true", help="print JSON; with --watch a line for each round")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["since"] and options["sample"]:
            raise CommandError("--since and --sample can't be combined: a sample is taken from the whole log.")
        scope = Scope(
            since=options["since"],
            sample=options["sample"],
            seals=_seals(options["seals"]),
            accepted=frozenset(options["accept_epoch"]),
        )
        if options["watch"]:
            self._watch(scope, options)
            return
        try:
            with progress_bar(_rows(scope), "rows", options) as progress:
                report = verify(scope, _slowed(progress, options["rate"]))
        except TROUBLES as error:
            raise CommandError(f"It could not be verified: {error}") from error
        self.stdout.write(
            json.dumps(report.as_json(), indent=2, default=str) if options["json"] else self._text(report)
        )
        if report.faults.total:
            raise SystemExit(3)

    def _watch(self, scope: Scope, options: dict[str, Any]) -> None:
        """Verify round after round; tells of each round with faults, and of the first without."""
        with service.running() as stop:
            told: str | None = None
            while not stop.is_set():
                close_old_connections()  # if the database was away, it is connected to anew
                try:
                    report = verify(scope, _until(stop, options["rate"]))
                except Stopped:
                    break
                except TROUBLES as error:
                    service.log_error(logger, "The log is not verified; it is tried again.", error)
                else:
                    text = self._text(report)
                    if options["json"]:
                        self.stdout.write(json.dumps(report.as_json(), default=str))
                    elif report.faults.total or told is None:
                        self.stdout.write(text)
                    told = text
                    self.stdout.flush()
                stop.wait(options["every"])

    def _text(self, report: Report) -> str:
        lines = [
            f"Verified {report.events:,} events, {report.commands:,} commands, {report.streams:,} streams and "
            f"{report.heads + report.heads_outside:,} signed heads ({report.heads_outside:,} of them kept outside), "
            f"up to position {report.mark.position:,} and command {report.mark.number:,}."
        ]
        if report.scope.since:
            lines.append(f"What is before position {report.scope.since + 1:,} was trusted.")
        lines += [_tail(tree, tail) for tree, tail in report.unsealed.items()]
        lines += map(_shown, [*report.told, *report.lost])
        faults = report.faults
        if not faults.total or faults.first is None:
            what = "all" if report.scope.is_whole else "what was looked at"
            if report.lost:
                end = "Sealed rows are gone, by the epochs named above, whose loss you accept. "
                end += f"Of the rest, {what} is as it was written."
                return "\n".join([*lines, self.style.WARNING(end)])
            return "\n".join([*lines, self.style.SUCCESS(f"Nothing was changed: {what} is as it was written.")])
        lines.append(self.style.ERROR(f"The first fault: {_line(faults.first)}"))
        lines += [f"  {_line(fault)}" for fault in faults.in_order() if fault is not faults.first]
        if faults.total > len(faults.named):
            lines.append(f"  and {faults.total - len(faults.named):,} more")
        lines.append(self.style.ERROR(f"{faults.total:,} {'fault' if faults.total == 1 else 'faults'}."))
        return "\n".join(lines)


def _line(fault: Fault) -> str:
    where = {
        Place.EVENTS: "the event at position {}",
        Place.COMMANDS: "command {}",
        Place.SEALS: "line {} of the file of heads",
        Place.TREES: "the tree of {subject}, at {}",
    }.get(fault.place)
    subject = where.format(f"{fault.position:,}", subject=fault.subject) if where and fault.position is not None else ""
    return _shown(f"{subject or f'{fault.place} {fault.subject}'.strip()}: {fault.sentence}")


def _shown(line: str) -> str:
    """A line for a terminal: what a forger has written into a row commands none, and begins no line of its own."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in line)


def _tail(tree: str, tail: Tail) -> str:
    if not tail.rows or tail.since is None:
        return f"All {tree} are sealed."
    since, rows = f"{tail.since:%Y-%m-%d %H:%M:%S} UTC", f"{'more than ' if tail.is_cut else ''}{tail.rows:,}"
    return f"Not sealed yet: {rows} {tree}, since {since}; who owns the database could still rewrite these."


def _seals(given: Path | None) -> Path | None:
    file = outside.file()
    return given or (file if file is not None and file.exists() else None)


def _rows(scope: Scope) -> int:
    """The number of rows that a run reads, for the progress bar: each event once more, to fold its stream's state."""
    if scope.sample:
        return 0
    mark = feed.mark()
    events = primary_rows(Event).filter(position__lte=mark.position)
    commands = 0 if scope.since else primary_rows(StoredCommand).filter(number__lte=mark.number).count()
    return events.filter(position__gt=scope.since).count() + events.count() + commands


def _slowed(progress: Progress, rate: int) -> Callable[[int], object]:
    """Progress that waits after each page, so that no more than so many rows are read a second."""
    if not rate:
        return progress

    def wait(count: int) -> None:
        progress(count)
        time.sleep(count / rate)

    return wait


def _until(stop: service.Stop, rate: int) -> Callable[[int], None]:
    """Ends a round between two pages, or in the pause after one, when it is to stop."""

    def look(count: int) -> None:
        if stop.wait(count / rate) if rate else stop.is_set():
            raise Stopped

    return look


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise ValueError(text)
    return count
