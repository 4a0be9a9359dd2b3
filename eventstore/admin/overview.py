"""How the system is: what is wrong, the tidemark, the projections, and who serves them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import Error

from eventstore import feed, models
from eventstore.backends import store
from eventstore.checks.watch import Limits, Problem, problems
from eventstore.checks.watch.runners import Seen, runners
from eventstore.checks.watch.timeouts import statement_timeout
from eventstore.projecting.inspect.statuses import Status, status


@dataclass(frozen=True)
class Figures:
    """Positions and numbers are the last ones drawn: nothing is counted."""

    last_position: int
    last_number: int
    mark: feed.Mark
    last_recorded_at: datetime | None
    projections: Sequence[Status]
    runners: Sequence[Seen]


@dataclass(frozen=True)
class Overview:
    """What the front page of the admin tells; no figures where the database does not answer in time."""

    problems: Sequence[Problem]
    figures: Figures | None


def overview() -> Overview:
    """The state of the system now. Reads only, and waits for nobody: somebody looks because something hangs."""
    found = problems()
    try:
        with statement_timeout():
            return Overview(found, _figures())
    except Error:
        return Overview(found, None)


def statuses() -> list[Status]:
    """What is known of each projection; what the tidemark holds back is not read, so it counts as behind."""
    return status(store().last_drawn()[0])


def _figures() -> Figures:
    position, number = store().last_drawn()
    return Figures(
        last_position=position,
        last_number=number,
        mark=feed.mark(),
        last_recorded_at=_last_recorded_at(),
        projections=statuses(),
        runners=runners(Limits()),
    )


def _last_recorded_at() -> datetime | None:
    last = models.Event.objects.order_by("-position").values_list("recorded_at", flat=True)
    return last.first()
