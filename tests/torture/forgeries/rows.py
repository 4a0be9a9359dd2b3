"""Forgeries of whole rows: deleted, invented, inserted, swapped, cut off."""

from pathlib import Path
from random import Random
from uuid import UUID

from django.db.models import Model

from eventstore.integrity.digests import command_digest, event_digest
from eventstore.models import Command, Event, Stream, Tidemark, Tile
from tests.torture.forgeries.registry import forgery
from tests.torture.forgeries.tables import command_row, erase_rows, event_row, last, put_heads_back, shift


@forgery
def an_event_deleted(rng: Random, _file: Path) -> str:
    return delete(rng.choice(list(Event.objects.all())))


@forgery
def a_command_deleted(rng: Random, _file: Path) -> str:
    return delete(rng.choice(list(Command.objects.all())))


@forgery
def a_stream_head_deleted(rng: Random, _file: Path) -> str:
    head = rng.choice(list(Stream.objects.all()))
    Stream.objects.filter(pk=head.pk).delete()
    return f"head {head} deleted"


@forgery
def a_tile_deleted(rng: Random, _file: Path) -> str:
    tile = rng.choice(list(Tile.objects.all()))
    Tile.objects.filter(tree=tile.tree, level=tile.level, place=tile.place).delete()
    return f"tile {tile} deleted"


@forgery
def a_stream_head_invented(rng: Random, _file: Path) -> str:
    head = rng.choice(list(Stream.objects.all()))
    head.stream_id = UUID(int=rng.getrandbits(128))
    Stream.objects.bulk_create([head])
    return f"head {head} invented"


@forgery
def an_event_inserted(rng: Random, _file: Path) -> str:
    """As the next event of its stream, with the right digest, at a position between others."""
    event = rng.choice(list(Event.objects.all()))
    shift(Event, event.pk)
    end = Event.objects.filter(stream_id=event.stream_id).order_by("-version")[0]
    event.pk, event.version, event.event_id = event.pk + 0, end.version + 1, UUID(int=rng.getrandbits(128))
    event.recorded_at = end.recorded_at
    event.digest = bytes.fromhex(event_digest(bytes(end.digest).hex(), event_row(event)))
    Event.objects.bulk_create([event])
    Stream.objects.filter(pk=event.stream_id).update(version=event.version, position=event.pk, digest=event.digest)
    return f"an event inserted at {event.pk}"


@forgery
def a_command_inserted(rng: Random, _file: Path) -> str:
    """With a right digest, at a number between others."""
    command = rng.choice(list(Command.objects.filter(positions=[])))
    number = rng.randrange(1, last(Command))
    shift(Command, number)
    command.pk, command.key = number, f"forged {rng.random()}"
    command.command_id = UUID(int=rng.getrandbits(128))
    command.digest = bytes.fromhex(command_digest(command_row(command)))
    Command.objects.bulk_create([command])
    return f"a command inserted at {number}"


@forgery
def two_events_swapped(rng: Random, _file: Path) -> str:
    one, two = rng.sample(list(Event.objects.all()), 2)
    beyond = last(Event) + 1
    for old, new in ((one.pk, beyond), (two.pk, one.pk), (beyond, two.pk)):
        Event.objects.filter(pk=old).update(position=new)
    return f"events {one.pk} and {two.pk} swapped"


@forgery
def two_commands_swapped(rng: Random, _file: Path) -> str:
    one, two = rng.sample(list(Command.objects.all()), 2)
    beyond = last(Command) + 1
    for old, new in ((one.pk, beyond), (two.pk, one.pk), (beyond, two.pk)):
        Command.objects.filter(pk=old).update(number=new)
    return f"commands {one.pk} and {two.pk} swapped"


@forgery
def the_tail_cut_off(rng: Random, _file: Path) -> str:
    """The last commands with all their events, as if they had never been; heads are put back."""
    number = last(Command) - rng.randrange(1, 20)
    gone = [
        at
        for positions in Command.objects.filter(pk__gt=number).values_list("positions", flat=True)
        for at in positions
    ]
    first = min(gone, default=last(Event))
    erase_rows(Command, number__gt=number)
    erase_rows(Event, position__gte=first)
    put_heads_back()
    Tidemark.objects.update(position=first - 1, number=number)
    return f"all after command {number} cut off"


def delete(row: Model) -> str:
    erase_rows(type(row), pk=row.pk)
    return f"{type(row).__name__} {row.pk} deleted"
