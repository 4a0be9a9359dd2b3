"""Whether runners serve the delayed projections: those alive, those that went silent, and what is not served."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eventstore import models
from eventstore.checks.watch.problem import Code, Limits, Problem
from eventstore.log.database import primary_rows
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.declaration.subscribers import Subscriber


@dataclass(frozen=True)
class Seen:
    """A runner, with the seconds since its last heartbeat by the database's clock."""

    name: str
    projections: Sequence[str]
    started_at: datetime
    seen_at: datetime
    silent_for: float
    is_alive: bool


def runners(limits: Limits) -> list[Seen]:
    """The runners that are alive, and those that left their row behind; the oldest first."""
    silence = ExpressionWrapper(Now() - F("seen_at"), DurationField())
    rows = primary_rows(models.Runner).annotate(silence=silence).order_by("started_at", "pk")
    return [
        Seen(
            row.name,
            row.projections,
            row.started_at,
            row.seen_at,
            row.silence.total_seconds(),
            row.silence.total_seconds() <= limits.silent,
        )
        for row in rows
    ]


def served(found: Sequence[Seen]) -> frozenset[str]:
    """The names of projections and reactions that living runners serve."""
    return frozenset(name for runner in found if runner.is_alive for name in runner.projections)


def absence(limits: Limits) -> Iterator[Problem]:
    """Report runners that were killed and not started again, and projections that no runner serves."""
    found = runners(limits)
    for runner in found:
        if not (runner.is_alive or _is_replaced(runner, found)):
            yield _silent(runner)
    alive = served(found)
    left = [each for each in subscribers().values() if each.delayed and each.name not in alive]
    for program in sorted({each.program for each in left}):
        yield _not_served(program, sorted(each.name for each in left if each.program == program))


def _is_replaced(silent: Seen, found: Sequence[Seen]) -> bool:
    """Whether another runner was started since for the same work."""
    return any(
        runner.is_alive and runner.started_at >= silent.seen_at and set(silent.projections) <= set(runner.projections)
        for runner in found
    )


def _program(names: Sequence[str]) -> str:
    """The command that serves these subscribers; a runner serves those of one alone."""
    known = [declared for name, declared in subscribers().items() if name in names]
    return known[0].program if known else Subscriber.program


def _silent(runner: Seen) -> Problem:
    return Problem(
        code=Code.RUNNER_SILENT,
        subject=runner.name,
        sentence=_("The runner %(name)s was last seen %(seconds)d s ago, and has not said that it ends.")
        % {"name": runner.name, "seconds": runner.silent_for},
        advice=_("Look on that machine whether it hangs or was killed, and start it again: manage.py %(program)s")
        % {"program": _program(runner.projections)},
        details={"seen_at": runner.seen_at, "projections": list(runner.projections)},
    )


def _not_served(program: str, names: Sequence[str]) -> Problem:
    sentence = ngettext(
        "No runner that is alive serves %(names)s, so it stands still.",
        "No runner that is alive serves %(names)s, so they stand still.",
        len(names),
    )
    return Problem(
        code=Code.NOT_SERVED,
        subject="" if program == Subscriber.program else program,
        sentence=sentence % {"names": ", ".join(names)},
        advice=_("Start a runner: manage.py %(program)s") % {"program": program},
        details={"projections": list(names)},
    )
