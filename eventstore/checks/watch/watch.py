"""The watcher: looks at all parts, and compares with its last look."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import Error
from django.utils.translation import gettext as _

from eventstore.backends import store
from eventstore.backends.faults import is_lacking
from eventstore.checks.watch import disk, epochs, mark, projections, runners, streams, verification
from eventstore.checks.watch.problem import Code, Limits, Problem
from eventstore.checks.watch.timeouts import statement_timeout

Part = Callable[[Limits], Iterable[Problem]]

PARTS: Final[Sequence[Part]] = (
    disk.disk,
    streams.streams,
    mark.locks,
    mark.mark,
    runners.absence,
    projections.projections,
    verification.verification,
    epochs.epochs,
)


def problems(limits: Limits | None = None) -> list[Problem]:
    """All problems at this moment, worst first; a part that can't be read is a problem, and hides no other.

    Reads only, raises nothing, and lets no statement wait longer than two seconds.
    """
    return _look(_answer, Limits()) or [problem for part in PARTS for problem in _look(part, limits or Limits())]


@dataclass
class Vigil:
    """Remembers the problems of the last look."""

    known: dict[tuple[Code, str], Problem] = field(default_factory=dict)

    def look(self, limits: Limits) -> tuple[list[Problem], list[Problem]]:
        """Look again; the problems that are new, and those that are over."""
        found = {problem.key: problem for problem in problems(limits)}
        begun = [problem for key, problem in found.items() if key not in self.known]
        over = [problem for key, problem in self.known.items() if key not in found]
        self.known = found
        return begun, over


def _answer(_limits: Limits) -> Iterable[Problem]:
    """Fail if the database does not answer, so that this is one problem, and not one for each part."""
    with store().connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ()


def _look(part: Part, limits: Limits) -> list[Problem]:
    try:
        with statement_timeout():
            return list(part(limits))
    except Error as error:
        return [_unreadable(part.__name__.strip("_"), error)]


def _unreadable(subject: str, error: Error) -> Problem:
    first = str(error).strip().partition("\n")[0]
    advice = _("Look whether it runs, and what it waits for: SELECT * FROM pg_stat_activity;")
    return Problem(
        code=Code.UNREADABLE,
        subject=subject,
        sentence=_("The database does not answer in time: %(error)s") % {"error": first},
        advice=_("Run: manage.py migrate") if is_lacking(error) else advice,
        details={"error": str(error)},
    )
