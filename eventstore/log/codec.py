"""Decodes stored rows into records: brought to the present shape, with personal fields in clear."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from eventstore import messages, personal
from eventstore.backends.rows import StoredCommand, StoredEvent, StoredPayload
from eventstore.log.records import CommandRecord, Recorded
from eventstore.messages import MessageType, upcasters

_positions = msgspec.json.Decoder(tuple[int, ...])


def recorded(rows: Sequence[StoredEvent]) -> list[Recorded[Any]]:
    """The events in stored rows, as the domain's classes; raises UnknownMessage for a stored name without a class."""
    pairs = zip(rows, _decoded(messages.events, rows, 5), strict=True)
    return [  # named one by one, which is quicker than slices of a row
        Recorded(position, event_id, category, stream_id, version, name, schema, event, metadata, at)
        for (position, event_id, category, stream_id, version, name, schema, _, metadata, at), event in pairs
    ]


def facts(rows: Sequence[StoredPayload]) -> list[Any]:
    """The events in stored payloads, without positions and times."""
    return _decoded(messages.events, rows, 1)


def command_records(rows: Sequence[StoredCommand]) -> list[CommandRecord]:
    """The commands in stored rows, as the domain's classes; raises UnknownMessage for a stored name without a class."""
    decoded = _decoded(messages.commands, rows, 4)
    return [
        CommandRecord(*row[:6], command, *row[7:10], _positions.decode(row[10]), row[11])
        for row, command in zip(rows, decoded, strict=True)
    ]


def _decoded(registry: Mapping[str, MessageType], rows: Sequence[tuple[Any, ...]], name: int) -> list[Any]:
    """Messages from their stored name, in the column of that number, and the schema version and data beside it.

    A page holds few types, and each is looked up once.
    """
    decoders, version, data = _Decoders(registry), name + 1, name + 2
    decoded = [decoders[row[name], row[version]](row[data]) for row in rows]
    if decoders.personal:
        concealed = [place for place, row in enumerate(rows) if row[name] in decoders.personal]
        for place, message in zip(concealed, personal.reveal(decoded[place] for place in concealed), strict=True):
            decoded[place] = message
    return decoded


class _Decoders(dict[tuple[str, int], Callable[[str], Any]]):
    """Decoders by stored name and schema version; `personal` holds the names of types with personal fields."""

    def __init__(self, registry: Mapping[str, MessageType]) -> None:
        self.registry = registry
        self.personal = set[str]()

    def __missing__(self, stored: tuple[str, int]) -> Callable[[str], Any]:
        name, version = stored
        kind = messages.find(self.registry, name)
        if kind.personal:
            self.personal.add(name)
        self[stored] = kind.decoder.decode if version == kind.version else partial(upcasters.decode, kind, version)
        return self[stored]
