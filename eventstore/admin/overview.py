"""How the system is: the tidemark, the projections, and who holds them up."""

from dataclasses import dataclass
from datetime import datetime

from eventstore import feed, models
from eventstore.backends import backend_of, writing
from eventstore.backends.rows import Writer
from eventstore.projecting.status import Status, status


@dataclass(frozen=True)
class Overview:
    """What the front page of the admin tells. Positions and numbers are the last ones drawn: nothing is counted."""

    last_position: int
    last_number: int
    mark: feed.Mark
    last_recorded_at: datetime | None
    writers: list[Writer]
    projections: list[Status]

    @property
    def is_behind(self) -> bool:
        """Whether events were drawn that can't be read yet."""
        return self.mark.position < self.last_position


def overview() -> Overview:
    """The state of the system now; raises the tidemark on the way, as far as it goes without waiting."""
    projections = status()
    mark = feed.mark()
    position, number = backend_of(writing()).last_drawn(writing())
    return Overview(
        last_position=position,
        last_number=number,
        mark=mark,
        last_recorded_at=_last_recorded_at(),
        writers=feed.blocking() if mark.position < position else [],
        projections=projections,
    )


def _last_recorded_at() -> datetime | None:
    last = models.Event.objects.order_by("-position").values_list("recorded_at", flat=True)
    return last.first()
