"""`manage.py check_projections`: the proof that live rows are what the log says."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from eventstore.projecting.choosing import choose
from eventstore.projecting.declaration import Projection
from eventstore.projecting.drift import Difference, Drift, check, check_heads, check_sample
from eventstore.projecting.rebuild import workload


class Command(BaseCommand):
    help = (
        "Compare the live rows of projections, and the state in stream heads, with a fresh replay of the log. Names "
        "the rows that differ, with each column as it is and as it should be. Exits with 3 if anything differs: mend "
        "it with rebuild_projections. Nothing is changed; on PostgreSQL nobody waits, on SQLite commands do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="projections to check; all by default")
        parser.add_argument("--sample", type=int, metavar="N", help="only what comes from N streams, chosen at random")
        parser.add_argument("--no-heads", action="store_true", help="leave the stream heads out")
        parser.add_argument("--json", action="store_true", help="tell it as JSON, without a progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        size = options["sample"]
        if size is not None and size < 1:
            raise CommandError("--sample needs a number of streams, at least 1.")
        quiet = options["json"] or not (sys.stderr.isatty() or options["verbosity"] > 1)
        found = [self._check(projection, size, quiet=quiet) for projection in _checkable(options["names"], size)]
        if not options["no_heads"]:
            found.append(check_heads(size))
        self._tell(found, as_json=options["json"])
        if any(drift.found for drift in found):
            raise SystemExit(3)

    def _check(self, projection: Projection, size: int | None, *, quiet: bool) -> Drift:
        if size:
            return check_sample(projection, size)
        total = workload([projection])
        with tqdm(total=total, desc=projection.name, unit=" records", unit_scale=True, disable=quiet) as bar:
            return check(projection, bar.update)

    def _tell(self, found: list[Drift], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([_as_json(drift) for drift in found], indent=2))
            return
        for drift in found:
            verdict = "DRIFTED" if drift.found else "as the log says"
            self.stdout.write(f"{drift.name:<24} {drift.checked:>12,} checked  {verdict}")
            for difference in drift.differences:
                self.stdout.write(f"  {_sentence(difference)}")
            if drift.more:
                self.stdout.write("  … and more")


def _checkable(names: list[str], size: int | None) -> list[Projection]:
    """What was asked for; a sample of all leaves out those that can only be checked whole."""
    chosen = choose(names)
    whole = [p.name for p in chosen if size and (p.across or p.reads_commands)]
    if names and whole:
        raise CommandError(f"{', '.join(whole)} can only be checked whole: leave --sample out.")
    return [projection for projection in chosen if projection.name not in whole]


def _sentence(difference: Difference) -> str:
    columns = (f"{name} is {is_!r}, should be {ought!r}" for name, (is_, ought) in difference.columns.items())
    return f"{difference.key} {difference.problem}" + "".join(f"; {column}" for column in columns)


def _as_json(drift: Drift) -> dict[str, Any]:
    return {
        "name": drift.name,
        "checked": drift.checked,
        "more": drift.more,
        "differences": [
            {
                "key": difference.key,
                "problem": difference.problem,
                "columns": {name: [str(value) for value in pair] for name, pair in difference.columns.items()},
            }
            for difference in drift.differences
        ],
    }
