"""A forger who owns the database: makes one change of a kind, chosen by a seeded generator, past all guards.

Each forgery is a function that changes something and says what. It does what such a person would do to hide it, as far
as that needs no key: digests, heads and tiles can be computed anew by anybody.
"""

import string
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db.models import F, Model

from eventstore.backends.rows import CommandRow, EventRow
from eventstore.integrity import trees
from eventstore.integrity.digests import NO_DIGEST, command_digest, event_digest
from eventstore.integrity.trees import Tree
from eventstore.messages import canonical
from eventstore.models import Command, Epoch, Event, Stream, Tidemark, Tile, TreeHead
from eventstore.verifier.merkle import range_root
from eventstore.verifier.notes import Head, read_head
from tests.eventstore.tampering import lift_guards

Forgery = Callable[[Random, Path], str]

forgeries: list[Forgery] = []

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


def forgery(function: Forgery) -> Forgery:
    """Make a function known as a way to forge."""
    forgeries.append(function)
    return function


def lift_all_guards() -> None:
    """Lift the guards of all append-only tables, as their owner can, in the test's transaction."""
    for model in (Event, Command, Epoch, TreeHead):
        lift_guards(model._meta.db_table)


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


@forgery
def a_stream_rewritten(rng: Random, _file: Path) -> str:
    event = rewrite_stream(rng)
    return f"the stream of event {event.pk} rewritten with right digests"


@forgery
def a_command_rewritten(rng: Random, _file: Path) -> str:
    command = rewrite_command(rng)
    return f"command {command.pk} rewritten with a right digest"


@forgery
def everything_rewritten(rng: Random, _file: Path) -> str:
    """A stream and a command, with right digests, tiles and roots; only signatures can't be made."""
    event, command = rewrite_stream(rng), rewrite_command(rng)
    for tree in Tree:
        trees.clear(tree)
        trees.extend(tree, last(Event if tree == Tree.EVENTS else Command))
        for head in TreeHead.objects.filter(tree=tree):
            root = range_root(trees.node(tree), 0, head.size)
            text = Head(read_head(head.note).origin, head.size, root).text
            _old, _empty, signatures = head.note.partition("\n\n")
            note = f"{text}\n{signatures}" if rng.random() < 0.5 else head.note
            TreeHead.objects.filter(pk=head.pk).update(root=root, note=note)
    return f"event {event.pk} and command {command.pk} rewritten, with all that depends on them"


@forgery
def everything_rewritten_and_unsealed(rng: Random, _file: Path) -> str:
    """A stream with right digests, and no sign that anything was ever sealed, but for the heads outside."""
    event = rewrite_stream(rng)
    Tile.objects.all().delete()
    erase_rows(TreeHead)
    return f"event {event.pk} rewritten, and all heads and tiles deleted"


@forgery
def an_epoch(rng: Random, _file: Path) -> str:
    column = rng.choice(("log_id", "epoch", "cause"))
    value = {"log_id": UUID(int=rng.getrandbits(128)), "epoch": 2, "cause": Epoch.Cause.NOTICED}[column]
    Epoch.objects.update(**{column: value})
    return f"{column} of the epoch"


@forgery
def the_file_of_heads(rng: Random, file: Path) -> str:
    text = file.read_text()
    match rng.choice(("flip", "cut out", "add")):
        case "flip":
            places = [at for at, letter in enumerate(text) if letter in string.ascii_letters + string.digits]
            # The last letter of a signature has bits that mean nothing.
            at = rng.choice([at for at in places if text[at + 1] != "="])
            file.write_text(text[:at] + flipped(rng, text[at]) + text[at + 1 :])
            return f"character {at} of the file of heads"
        case "cut out":
            blocks = _blocks(text)
            at = rng.randrange(2, len(blocks))
            file.write_text("".join(blocks[:at] + blocks[at + 1 :]))
            return f"head {at} cut out of the file of heads, of {len(blocks)}"
        case _:
            file.write_text(f"{text}localhost/forged\n\n")
            return "a line added to the file of heads"


def change_column(rng: Random, row: Model, column: str) -> str:
    type(row)._default_manager.filter(pk=row.pk).update(**{column: other(rng, getattr(row, column))})
    return f"{column} of {type(row).__name__} {row.pk}"


def delete(row: Model) -> str:
    erase_rows(type(row), pk=row.pk)
    return f"{type(row).__name__} {row.pk} deleted"


def erase_rows(model: type[Model], **found_by: Any) -> None:
    """Delete past the model, which refuses."""
    model._default_manager.filter(**found_by)._raw_delete("default")


def shift(model: type[Model], begin: int) -> None:
    """Make room at a place: all rows from it on move up by one, in two steps, as places are unique."""
    key, far = model._meta.pk.name, 1_000_000
    rows = model._default_manager
    rows.filter(pk__gte=begin).update(**{key: F(key) + far})
    rows.filter(pk__gte=far).update(**{key: F(key) - far + 1})


def last(model: type[Model]) -> int:
    return int(model._default_manager.order_by("-pk").values_list("pk", flat=True)[0])


def rewrite_stream(rng: Random) -> Event:
    """Change the data of an event, and compute all digests of its stream, and its head, anew."""
    return rewrite(rng.choice(list(Event.objects.filter(type="tally.counted"))))


def rewrite(event: Event) -> Event:
    """Change the data of this event, and compute all digests of its stream, and its head, anew."""
    event.data = {**event.data, "amount": event.data["amount"] + 1}
    Event.objects.filter(pk=event.pk).update(data=event.data)
    previous = NO_DIGEST
    for each in Event.objects.filter(stream_id=event.stream_id).order_by("version"):
        previous = event_digest(previous, event_row(each))
        Event.objects.filter(pk=each.pk).update(digest=bytes.fromhex(previous))
    put_heads_back()
    return event


def rewrite_command(rng: Random) -> Command:
    command = rng.choice(list(Command.objects.exclude(response={})))
    command.response = other(rng, command.response)
    digest = bytes.fromhex(command_digest(command_row(command)))
    Command.objects.filter(pk=command.pk).update(response=command.response, digest=digest)
    return command


def put_heads_back() -> None:
    """Let each head say what its stream's last event says; its state is dropped, and folded anew when it is needed."""
    for head in Stream.objects.all():
        end = Event.objects.filter(stream_id=head.pk).order_by("-version").first()
        if end is None:
            Stream.objects.filter(pk=head.pk).delete()
            continue
        Stream.objects.filter(pk=head.pk).update(
            version=end.version,
            position=end.pk,
            digest=end.digest,
            recorded_at=end.recorded_at,
            state=None,
        )


def event_row(event: Event) -> EventRow:
    return EventRow(
        event_id=event.event_id,
        category=event.category,
        stream_id=event.stream_id,
        version=event.version,
        type=event.type,
        schema_version=event.schema_version,
        data=msgspec.Raw(canonical(event.data)),
        metadata=msgspec.Raw(canonical(event.metadata)),
        recorded_at=event.recorded_at,
        slot=event.slot,
        command_id=None,
    )


def command_row(command: Command) -> CommandRow:
    return CommandRow(
        command_id=command.command_id,
        actor=command.actor,
        key=command.key,
        fingerprint=bytes(command.fingerprint).hex(),
        type=command.type,
        schema_version=command.schema_version,
        data=msgspec.Raw(canonical(command.data)),
        metadata=msgspec.Raw(canonical(command.metadata)),
        accepted=command.accepted,
        response=msgspec.Raw(canonical(command.response)),
        recorded_at=command.recorded_at,
    )


def other(rng: Random, value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case int():
            return value + rng.choice((-1, 1))
        case str():
            return flipped_in(rng, value) if value else "x"
        case UUID():
            return UUID(int=value.int ^ (1 << rng.randrange(128)))
        case datetime():
            return value + timedelta(microseconds=rng.choice((-1, 1)) * 10 ** rng.randrange(9))
        case bytes() | memoryview():
            return flipped_bit(rng, bytes(value))
        case dict():
            return other_object(rng, value)
        case list():
            return other_list(rng, value)
        case _:
            return 1


def other_object(rng: Random, value: dict[str, Any]) -> dict[str, Any]:
    if not value or rng.random() < 0.2:
        return {**value, "forged": True}
    name = rng.choice(sorted(value))
    if rng.random() < 0.2:
        return {each: value[each] for each in value if each != name}
    return {**value, name: other(rng, value[name])}


def other_list(rng: Random, value: Sequence[Any]) -> list[Any]:
    if not value or rng.random() < 0.3:
        return [*value, 1 + max(value, default=0)]
    at = rng.randrange(len(value))
    return [*value[:at], *([] if rng.random() < 0.5 else [value[at] + 1]), *value[at + 1 :]]


def flipped_in(rng: Random, text: str) -> str:
    """Text with another letter in one place; not at the end, where base64 has bits that mean nothing."""
    places = [at for at, letter in enumerate(text[: max(1, len(text) - 4)]) if letter.isalnum()] or [0]
    at = rng.choice(places)
    return text[:at] + flipped(rng, text[at]) + text[at + 1 :]


def flipped(rng: Random, letter: str) -> str:
    return rng.choice([each for each in string.ascii_lowercase + string.digits if each != letter])


def flipped_bit(rng: Random, value: bytes) -> bytes:
    at = rng.randrange(len(value))
    return value[:at] + bytes([value[at] ^ 1 << rng.randrange(8)]) + value[at + 1 :]


def _blocks(text: str) -> list[str]:
    """The notes in a file of heads, each with the empty line that ends it."""
    lines, blocks, block = text.splitlines(keepends=True), list[str](), ""
    is_signed = False
    for line in lines:
        block += line
        is_signed = is_signed or line.startswith("—")
        if is_signed and line == "\n":
            blocks.append(block)
            block, is_signed = "", False
    return blocks
