"""`manage.py watch_projections`: reports problems of projections and the tidemark as they begin and end."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from eventstore import service
from eventstore.backends import store
from eventstore.checks.watch import Limits, Problem, problems
from eventstore.checks.watch.watch import Vigil
from eventstore.management.log_command import LogCommand

LIMITS = {
    "lag": "a projection may be behind by this",
    "events": "and by so many events, counted up to 100,000",
    "held": "a transaction may hold the tidemark, or the head of a stream, for this",
    "silent": "a runner may be unseen for this",
}


class Command(LogCommand):
    help = (
        "Watch over the tidemark, the streams, the runners and the projections until stopped (Ctrl-C or SIGTERM), and "
        "print a line when a problem appears and another when it is over: a transaction that holds the mark, or keeps "
        "commands waiting, with the process id to look for; a full disk; a mark that nobody raises; a runner that has "
        "gone without a word; projections that nobody serves, that lag, that are stale or were never built; streams "
        "that are parked until a person handles them. It reads only, waits for nobody, and goes on when the database "
        "is away. With --once it looks once, and exits with 3 if something is wrong."
    )
    requires_system_checks: list[str] = []  # it has to work while something is wrong

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once, and exit with 3 if something is wrong")
        parser.add_argument("--json", action="store_true", help="print JSON; without --once a line a change")
        parser.add_argument("--every", type=_pause, default=10, metavar="SECONDS", help="between looks [%(default)g]")
        for name, text in LIMITS.items():
            default = getattr(Limits(), name)
            parser.add_argument(
                f"--max-{name}",
                type=type(default),
                default=default,
                metavar="N" if name == "events" else "SECONDS",
                help=f"{text} [%(default)g]",
            )

        parser.add_argument(
            "--min-free",
            type=int,
            default=Limits().free,
            metavar="MIB",
            help="this must be free where SQLite's file lies [%(default)g]",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        limits = Limits(free=options["min_free"], **{name: options[f"max_{name}"] for name in LIMITS})
        if options["once"]:
            self._once(limits, as_json=options["json"])
        else:
            self._watch(limits, options["every"], as_json=options["json"])

    def _once(self, limits: Limits, *, as_json: bool) -> None:
        found = problems(limits)
        if as_json:
            self.stdout.write(_json({"problems": [asdict(problem) for problem in found]}, indent=2))
        else:
            for problem in found:
                self.stdout.write(_line(problem))
            self.stdout.write("There is something to do." if found else "All moves.")
        if found:
            sys.exit(3)

    def _watch(self, limits: Limits, every: float, *, as_json: bool) -> None:
        vigil = Vigil()
        with service.running() as stop:
            if not as_json:
                self._print("Watching. Stop with Ctrl-C.")
            while not stop.is_set():
                begun, over = vigil.look(limits)
                for change, changed in (("begun", begun), ("over", over)):
                    for problem in changed:
                        self._print(_change_as_json(change, problem) if as_json else _change(change, problem))
                _recover()
                stop.wait(every)
        if not as_json:
            self._print("Stopped.")

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()  # a log collector reads it at once


def _pause(text: str) -> float:
    """Parse the seconds between two looks, 0.1 at least to spare the database."""
    return max(0.1, float(text))


def _line(problem: Problem) -> str:
    return f"{problem.code}: {problem.sentence}\n  → {problem.advice}"


def _change(change: str, problem: Problem) -> str:
    """A change as one line, as log collectors cut at line ends."""
    if change == "over":
        return f"over     {problem.code}: {problem.sentence}"
    return f"problem  {problem.code}: {problem.sentence} → {problem.advice}"


def _change_as_json(change: str, problem: Problem) -> str:
    return _json({"at": datetime.now(UTC), "change": change, **asdict(problem)})


def _json(value: Any, **options: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, **options)


def _recover() -> None:
    """Close a broken connection, so that the next look opens another; not within a caller's transaction."""
    if not store().connection.in_atomic_block:
        store().connection.close_if_unusable_or_obsolete()
