"""Forgeries of one value: a column of an event, a command, a head, a tile, an epoch."""

from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

import msgspec
from django.db.models import Model

from eventstore.messages import canonical
from eventstore.models import Command, Epoch, Event, Stream, Tile, TreeHead
from tests.torture.forgeries.other_values import other
from tests.torture.forgeries.registry import forgery
from tests.torture.forgeries.tables import last

# The columns that something depends on. `fingerprint` and `closed_until` of a stream's head are its own: by the first
# a state is only used or folded anew. `signed_at` of a head is what its writer says; a time stamp proves it.
EVENT: Final = (
    "event_id",
    "category",
    "stream_id",
    "version",
    "type",
    "schema_version",
    "data",
    "metadata",
    "recorded_at",
    "slot",
    "digest",
)
COMMAND: Final = (
    "command_id",
    "actor",
    "key",
    "fingerprint",
    "type",
    "schema_version",
    "data",
    "metadata",
    "accepted",
    "response",
    "positions",
    "recorded_at",
    "digest",
)
STREAM: Final = ("category", "version", "position", "digest", "recorded_at", "state")
TREE_HEAD: Final = ("tree", "epoch", "size", "position", "root", "note")
TILE: Final = ("hashes", "first", "level", "place")


@forgery
def an_events_column(rng: Random, _file: Path) -> str:
    return change_column(rng, rng.choice(list(Event.objects.all())), rng.choice(EVENT))


@forgery
def a_commands_column(rng: Random, _file: Path) -> str:
    return change_column(rng, rng.choice(list(Command.objects.all())), rng.choice(COMMAND))


@forgery
def a_stream_heads_column(rng: Random, _file: Path) -> str:
    head = rng.choice(list(Stream.objects.exclude(state=None)))
    column = rng.choice(STREAM)
    if column != "state":
        return change_column(rng, head, column)
    state = msgspec.json.decode(str(head.state))
    Stream.objects.filter(pk=head.pk).update(state=canonical(other(rng, state)).decode())
    return f"the state of {head}"


@forgery
def a_tree_heads_column(rng: Random, _file: Path) -> str:
    return change_column(rng, rng.choice(list(TreeHead.objects.all())), rng.choice(TREE_HEAD))


@forgery
def a_tiles_column(rng: Random, _file: Path) -> str:
    tile, column = rng.choice(list(Tile.objects.filter(level=0))), rng.choice(TILE)
    value = rng.randrange(5, 99) if column in ("level", "place") else other(rng, getattr(tile, column))
    Tile.objects.filter(tree=tile.tree, level=tile.level, place=tile.place).update(**{column: value})
    return f"{column} of tile {tile}"


@forgery
def an_events_position(rng: Random, _file: Path) -> str:
    event = rng.choice(list(Event.objects.all()))
    Event.objects.filter(pk=event.pk).update(position=last(Event) + rng.randrange(1, 9))
    return f"the position of event {event.pk}"


@forgery
def a_commands_number(rng: Random, _file: Path) -> str:
    command = rng.choice(list(Command.objects.all()))
    Command.objects.filter(pk=command.pk).update(number=last(Command) + rng.randrange(1, 9))
    return f"the number of command {command.pk}"


@forgery
def an_epoch(rng: Random, _file: Path) -> str:
    column = rng.choice(("log_id", "epoch", "cause"))
    value = {"log_id": UUID(int=rng.getrandbits(128)), "epoch": 2, "cause": Epoch.Cause.NOTICED}[column]
    Epoch.objects.update(**{column: value})
    return f"{column} of the epoch"


def change_column(rng: Random, row: Model, column: str) -> str:
    type(row)._default_manager.filter(pk=row.pk).update(**{column: other(rng, getattr(row, column))})
    return f"{column} of {type(row).__name__} {row.pk}"
