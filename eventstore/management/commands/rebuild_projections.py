"""`manage.py rebuild_projections`: read models built anew from the log, beside the live site."""

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from eventstore.models import Shadow
from eventstore.projecting.choosing import choose
from eventstore.projecting.declaration import Projection
from eventstore.projecting.rebuild import discard, rebuild, take_back, workload


class Command(BaseCommand):
    help = (
        "Build projections anew from the log, in one pass, all of those that are named or none. The site goes on: "
        "pages show the old rows until the new ones are complete, and commands wait for a moment only, when the tables "
        "change places. If it is killed, start it again: it goes on where it was. The tables that were replaced are "
        "kept until the next rebuild or --drop-old; --take-back makes them live again, with what has happened since."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="projections to build anew; all by default")
        parser.add_argument("--json", action="store_true", help="tell the result as JSON, without a progress bar")
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument("--take-back", action="store_true", help="make the tables that were replaced live again")
        instead.add_argument("--drop-old", action="store_true", help="drop the tables that were replaced")
        instead.add_argument("--discard", action="store_true", help="drop what a killed rebuild has left")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = choose(options["names"])
        if options["take_back"]:
            self._take_back(chosen)
        elif options["drop_old"]:
            self._told("Dropped the old table of", discard(chosen, Shadow.Role.OLD))
        elif options["discard"]:
            self._told("Discarded the unfinished table of", discard(chosen))
        else:
            self._rebuild(chosen, as_json=options["json"], verbose=options["verbosity"] > 1)

    def _take_back(self, chosen: list[Projection]) -> None:
        kept = Shadow.objects.filter(role=Shadow.Role.OLD).values_list("projection_id", flat=True)
        if missing := [projection.name for projection in chosen if projection.name not in kept]:
            raise CommandError(f"No old table is kept of {', '.join(missing)}. Nothing was changed.")
        for projection in chosen:
            take_back(projection)
        self._told("Took back", [projection.name for projection in chosen])

    def _told(self, what: str, names: list[str]) -> None:
        self.stdout.write(f"{what} {', '.join(names) or 'nothing'}.")

    def _rebuild(self, chosen: list[Projection], *, as_json: bool, verbose: bool) -> None:
        begun = time.monotonic()
        quiet = as_json or not (sys.stderr.isatty() or verbose)
        with tqdm(total=workload(chosen), unit=" records", unit_scale=True, disable=quiet) as bar:
            done = rebuild(chosen, bar.update)
        seconds = time.monotonic() - begun
        names = [projection.name for projection in chosen]
        if as_json:
            self.stdout.write(json.dumps({"projections": names, "records": done, "seconds": round(seconds, 3)}))
        else:
            rate = f"{done / seconds:,.0f} a second"
            self.stdout.write(f"Built {', '.join(names)} from {done:,} records in {seconds:.1f} s ({rate}).")
