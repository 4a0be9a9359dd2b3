"""The overview: problems, the tidemark, the projections and their runners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import Error

from eventstore import feed, models
from eventstore.backends import store
from eventstore.checks.watch import Limits, Problem, problems
from eventstore.checks.watch.runners import Seen, runners
from eventstore.checks.watch.timeouts import statement_timeout
from eventstore.checks.watch.verification import Verified, verified
from eventstore.projecting.inspect.statuses import Status, status


@dataclass(frozen=True)
class Figures:
    """The tidemark, the last position and number drawn, the projections and their runners, the last verification."""

    last_position: int
    last_number: int
    mark: feed.Mark
    last_recorded_at: datetime | None
    projections: Sequence[Status]
    runners: Sequence[Seen]
    verified: Verified


@dataclass(frozen=True)
class Overview:
    """The content of the overview; no figures if the database does not answer in time."""

    problems: Sequence[Problem]
    figures: Figures | None


def overview() -> Overview:
    """The state of the system now. Reads only and waits for no lock, as it has to work while something hangs."""
    found = problems()
    try:
        with statement_timeout():
            return Overview(found, _figures())
    except Error:
        return Overview(found, None)


def statuses() -> list[Status]:
    """The status of each projection against the last position drawn: events beyond the tidemark count as unread."""
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
        verified=verified(),
    )


def _last_recorded_at() -> datetime | None:
    last = models.Event.objects.order_by("-position").values_list("recorded_at", flat=True)
    return last.first()
