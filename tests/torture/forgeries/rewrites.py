"""Forgeries with right digests: a stream, a command, or everything written anew, as far as that needs no key."""

from pathlib import Path
from random import Random

from eventstore.integrity import trees
from eventstore.integrity.digests import NO_DIGEST, command_digest, event_digest
from eventstore.integrity.trees import Tree
from eventstore.models import Command, Event, Tile, TreeHead
from eventstore.verifier.merkle import range_root
from eventstore.verifier.notes import Head, read_head
from tests.torture.forgeries.other_values import other
from tests.torture.forgeries.registry import forgery
from tests.torture.forgeries.tables import command_row, erase_rows, event_row, last, put_heads_back


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
