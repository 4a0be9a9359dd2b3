"""`manage.py check_projections`: compares live rows and stream heads with a fresh replay of the log."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from eventstore import feed
from eventstore.backends import store
from eventstore.keys.command import KeyedCommand
from eventstore.log.database import primary_rows
from eventstore.management.log_command import LogCommand
from eventstore.management.progress import progress_bar
from eventstore.models import Stream
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.inspect import drift_report
from eventstore.projecting.inspect.drift import Drift, check, check_heads, check_personal_data, check_sample
from eventstore.projecting.inspect.selection import select
from eventstore.projecting.rebuild import TableDoesNotFit
from eventstore.projecting.replay import count_records


class Command(LogCommand, KeyedCommand):
    help = (
        "Compare the live rows of projections, and the state in stream heads, with a fresh replay of the log. Names "
        "the rows that differ, with each column as it is and as it should be. Exits with 3 if anything differs: mend "
        "it with rebuild_projections. So it does if something personal can't be decrypted, though its person was not "
        "erased: each such field is named, with its cause. Parked streams are named, and compared as of where they "
        "wait. Nothing is changed; on PostgreSQL nobody waits, on SQLite commands do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="projections to check; all by default")
        parser.add_argument("--sample", type=int, metavar="N", help="only what comes from N streams, taken at random")
        parser.add_argument("--no-heads", action="store_true", help="leave the stream heads out")
        parser.add_argument("--json", action="store_true", help="print JSON, without a progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        size = options["sample"]
        if size is not None and size < 1:
            raise CommandError("--sample needs a number of streams, at least 1.")
        projections = _checkable(options["names"], size)
        try:
            found = [check_sample(one, size) for one in projections] if size else _check(projections, options)
        except TableDoesNotFit as error:
            raise CommandError(f"{error}") from error
        if not options["no_heads"]:
            found.append(_check_heads(size, options))
        if not size:
            mark = feed.advance()
            found.append(check_personal_data(mark.position, mark.number))
        self._print(found, as_json=options["json"])
        if any(drift.found for drift in found):
            raise SystemExit(3)

    def _print(self, found: list[Drift], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([drift_report.as_json(drift) for drift in found], indent=2))
            return
        if store().follows():
            self.stdout.write(f"This database follows another; it has the log up to position {feed.tidemark():,}.")
        for drift in found:
            verdict = f"checked  {drift.differing:,} DRIFTED" if drift.found else "checked  as the log says"
            self.stdout.write("\n".join(drift_report.as_lines(drift, verdict)))


def _check(projections: list[Projection], options: dict[str, Any]) -> list[Drift]:
    with progress_bar(count_records(projections), "records", options) as done:
        return check(projections, done)


def _check_heads(size: int | None, options: dict[str, Any]) -> Drift:
    with progress_bar(size or primary_rows(Stream).count(), "heads", options) as done:
        return check_heads(size, progress=done)


def _checkable(names: list[str], size: int | None) -> list[Projection]:
    """The named projections; a sample of all leaves out those that can only be checked whole."""
    selected = select(names)
    whole = [p.name for p in selected if size and (p.global_order or p.reads_commands)]
    if names and whole:
        raise CommandError(f"{', '.join(whole)} can only be checked whole: leave --sample out.")
    return [projection for projection in selected if projection.name not in whole]
