"""`manage.py rebuild_projections`: read models built anew from the log."""

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from eventstore.projecting.choosing import choose
from eventstore.projecting.rebuild import rebuild, workload


class Command(BaseCommand):
    help = (
        "Build projections anew from the log, in one pass and one transaction: all of those that are named, or none. "
        "Pages show the old rows until the new ones are there. Commands wait meanwhile if a real-time projection is "
        "among them, so choose a quiet hour for those; delayed ones hold up nobody but their own runner."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="projections to build anew; all by default")
        parser.add_argument("--json", action="store_true", help="tell the result as JSON, without a progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = choose(options["names"])
        quiet = options["json"] or (not sys.stderr.isatty() and options["verbosity"] < 2)
        if not all(projection.delayed for projection in chosen) and not options["json"]:
            self.stderr.write("Commands wait until this is done: a real-time projection is among them.")
        begun = time.monotonic()
        with tqdm(total=workload(chosen), unit=" records", unit_scale=True, disable=quiet) as bar:
            done = rebuild(chosen, bar.update)
        self._tell([projection.name for projection in chosen], done, time.monotonic() - begun, options["json"])

    def _tell(self, names: list[str], done: int, seconds: float, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"projections": names, "records": done, "seconds": round(seconds, 3)}))
            return
        rate = f"{done / seconds:,.0f} a second" if seconds else "at once"
        self.stdout.write(f"Built {', '.join(names)} from {done:,} records in {seconds:.1f} s ({rate}).")
