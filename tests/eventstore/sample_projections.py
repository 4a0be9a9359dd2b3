"""Read models of the sample domain. Their tables are made by the fixture `sample_tables`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.db import models

from eventstore.log import CommandRecord, Recorded
from eventstore.projecting import ReadModel
from eventstore.projecting.declaration.decorators import fold, rows
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import projections
from tests.eventstore.sample import Counted, Reset


class Standing(ReadModel):
    objects: ClassVar[models.Manager["Standing"]] = models.Manager()  # mypy knows no app of this name

    tally_id = models.UUIDField(primary_key=True)
    total = models.BigIntegerField(default=0)
    position = models.BigIntegerField()

    class Meta:
        app_label = "sample"


class Line(ReadModel):
    objects: ClassVar[models.Manager["Line"]] = models.Manager()  # mypy knows no app of this name

    position = models.BigIntegerField(primary_key=True)
    tally_id = models.UUIDField()
    amount = models.BigIntegerField()

    class Meta:
        app_label = "sample"


class Asked(ReadModel):
    objects: ClassVar[models.Manager["Asked"]] = models.Manager()  # mypy knows no app of this name

    number = models.BigIntegerField(primary_key=True)
    accepted = models.BooleanField()

    class Meta:
        app_label = "sample"


class Grand(ReadModel):
    objects: ClassVar[models.Manager["Grand"]] = models.Manager()  # mypy knows no app of this name

    id = models.IntegerField(primary_key=True)
    total = models.BigIntegerField(default=0)
    order = models.TextField(default="")

    class Meta:
        app_label = "sample"


MODELS = [Standing, Line, Asked, Grand]
UNLUCKY = 13


def declare() -> dict[str, Projection]:
    """Declare the sample's projections in place of all others; those that were there before."""
    before = dict(projections)
    projections.clear()

    @fold(Standing, key=lambda event: event.tally_id)
    def standings(row: Standing | None, event: Counted | Reset, record: Recorded[Any]) -> Standing | None:
        if isinstance(event, Reset):
            return None  # a tally at zero has no row
        row = row or Standing(tally_id=event.tally_id)
        row.total, row.position = event.total, record.position
        return row

    @rows(Line, delayed=True)
    def lines(event: Counted, record: Recorded[Any]) -> Iterator[Line]:
        if event.amount == UNLUCKY:
            raise ArithmeticError("unlucky")
        yield Line(position=record.position, tally_id=event.tally_id, amount=event.amount)

    @rows(Asked)
    def asked(command: CommandRecord) -> Iterator[Asked]:
        yield Asked(number=command.number, accepted=command.accepted)

    @fold(Grand, key=lambda event: 1, delayed=True, global_order=True)
    def grand(row: Grand | None, event: Counted, record: Recorded[Any]) -> Grand:
        row = row or Grand(id=1)
        row.total += event.amount
        row.order += f"{event.amount} "
        return row

    return before
