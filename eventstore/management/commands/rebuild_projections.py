"""`manage.py rebuild_projections`: rebuilds read models from the log, beside the live site."""

import json
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser

from eventstore.errors import EventStoreError
from eventstore.keys.command import KeyedCommand
from eventstore.log.database import primary_rows
from eventstore.management.log_command import LogCommand
from eventstore.management.progress import progress_bar
from eventstore.models import Shadow
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.inspect.drift_report import as_json, as_lines
from eventstore.projecting.inspect.selection import only_stale, select
from eventstore.projecting.rebuild import discard, must_be_reusable, rebuild, take_back, workload
from eventstore.projecting.rebuild.preview import Preview, preview
from eventstore.projecting.replay import count_records


class Command(LogCommand, KeyedCommand):
    help = (
        "Build projections anew from the log, in one pass, all of those that are named or none. The site goes on: "
        "pages show the old rows until the new ones are complete, and commands wait for a moment only, when the tables "
        "change places. If it is killed, start it again: it goes on where it was, with any number of workers. The "
        "tables that were replaced are kept until the next rebuild or --drop-old; --take-back makes them live again, "
        "with what has happened since. Exits with 1 if a projector raises: then the live tables are as they were."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="projections to build anew; all by default")
        parser.add_argument("--stale", action="store_true", help="of these only those that are stale or to be built")
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that share the work; 1")
        parser.add_argument("--json", action="store_true", help="print the result as JSON, without a progress bar")
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument(
            "--dry-run", action="store_true", help="print how long it takes and which rows would differ"
        )
        instead.add_argument("--take-back", action="store_true", help="make the tables that were replaced live again")
        instead.add_argument("--drop-old", action="store_true", help="drop the tables that were replaced")
        instead.add_argument("--discard", action="store_true", help="drop what a killed rebuild has left")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["workers"] < 1:
            raise CommandError("--workers needs a number of processes, at least 1.")
        chosen = select(options["names"])
        if options["stale"]:
            chosen = only_stale(chosen)
        if options["take_back"]:
            self._take_back(chosen)
        elif options["drop_old"]:
            self._print_names("Dropped the old table of", discard(chosen, Shadow.Role.OLD))
        elif options["discard"]:
            self._print_names("Discarded the unfinished table of", discard(chosen))
        elif options["dry_run"]:
            self._preview(chosen, options)
        else:
            self._rebuild(chosen, options)

    def _take_back(self, chosen: list[Projection]) -> None:
        kept = primary_rows(Shadow).filter(role=Shadow.Role.OLD).values_list("projection_id", flat=True)
        if missing := [projection.name for projection in chosen if projection.name not in kept]:
            raise CommandError(f"No old table is kept of {', '.join(missing)}. Nothing was changed.")
        try:
            for projection in chosen:
                must_be_reusable(projection)
            for projection in chosen:
                take_back(projection)
        except EventStoreError as error:
            raise CommandError(f"{error}") from error
        self._print_names("Took back", [projection.name for projection in chosen])

    def _print_names(self, what: str, names: list[str]) -> None:
        self.stdout.write(f"{what} {', '.join(names) or 'nothing'}.")

    def _preview(self, chosen: list[Projection], options: dict[str, Any]) -> None:
        try:
            with progress_bar(count_records(chosen), "records", options) as done:
                found = preview(chosen, done)
        except EventStoreError as error:
            raise CommandError(f"{error}") from error
        self.stdout.write(_as_json(found) if options["json"] else _as_text(found))

    def _rebuild(self, chosen: list[Projection], options: dict[str, Any]) -> None:
        begun, names = time.monotonic(), [projection.name for projection in chosen]
        done = self._build(chosen, options) if chosen else 0
        seconds = time.monotonic() - begun
        if options["json"]:
            self.stdout.write(json.dumps({"projections": names, "records": done, "seconds": round(seconds, 3)}))
        elif chosen:
            rate = f"{done / seconds:,.0f} a second"
            self.stdout.write(f"Built {', '.join(names)} from {done:,} records in {seconds:.1f} s ({rate}).")
        else:
            self.stdout.write("Nothing to do: no projection is stale or to be built.")

    def _build(self, chosen: list[Projection], options: dict[str, Any]) -> int:
        workers = options["workers"]
        try:
            with progress_bar(workload(chosen, workers), "records", options) as done:
                return rebuild(chosen, done, workers=workers)
        except EventStoreError as error:
            raise CommandError(f"{error}\nThe live tables are as they were.") from error
        except Exception as error:
            raise CommandError(f"A projector failed: {error!r}. The live tables are as they were.") from error


def _as_text(found: Preview) -> str:
    would = [
        line for drift in found.drifts for line in as_lines(drift, f"rows, of which {drift.differing:,} would change")
    ]
    rate = f"{found.rate:,.0f} a second"
    return "\n".join([*would, f"Reading {found.records:,} records takes about {found.seconds:.1f} s ({rate})."])


def _as_json(found: Preview) -> str:
    drifts = [as_json(drift) for drift in found.drifts]
    return json.dumps({"records": found.records, "seconds": round(found.seconds, 3), "projections": drifts}, indent=2)
