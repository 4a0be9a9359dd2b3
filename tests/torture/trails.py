"""A read model that shows in which order each stream was read: an event read twice or too early leaves a trace."""

from typing import Any, ClassVar

from django.db import models

from eventstore.log import Recorded
from eventstore.projecting import ReadModel, fold
from tests.eventstore.sample import Counted


class Trail(ReadModel):
    objects: ClassVar[models.Manager["Trail"]] = models.Manager()  # mypy knows no app of this name

    tally_id = models.UUIDField(primary_key=True)
    versions = models.TextField(default="")

    class Meta:
        app_label = "sample"


def declare() -> None:
    """Declare the projection `trails`; the next runner finds it."""

    @fold(Trail, key=lambda event: event.tally_id, delayed=True)
    def trails(row: Trail | None, event: Counted, record: Recorded[Any]) -> Trail:
        row = row or Trail(tally_id=event.tally_id)
        row.versions += f"{record.version} "
        return row
