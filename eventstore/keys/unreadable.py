"""Finds what can't be decrypted: events and commands with personal fields whose key or text is damaged or lost."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from eventstore import feed, messages
from eventstore.keys.fields import UnreadableField, unreadable_fields


class Finding(NamedTuple):
    """A personal field of a stored message that can't be decrypted."""

    place: str  # "event 17" or "command 4"
    type: str
    field: UnreadableField

    def __str__(self) -> str:
        return f"{self.place}, {self.type}: {self.field.name} of {self.field.subject} can't be decrypted"


def in_events(after: int, to: int, progress: Callable[[int], object] = lambda _: None) -> Iterator[Finding]:
    """The fields of events after a position up to another that can't be decrypted."""
    types = [kind.name for kind in messages.events.values() if kind.personal]
    while types and (page := feed.between(after, to, types=types)):
        yield from _found("event", ((record.position, record.type, record.event) for record in page))
        progress(len(page))
        after = page[-1].position


def in_commands(after: int, to: int) -> Iterator[Finding]:
    """The fields of commands after a number up to another that can't be decrypted."""
    while page := feed.read_commands(after, to):
        concealed = [record for record in page if messages.type_of(record.command).personal]
        yield from _found("command", ((record.number, record.type, record.command) for record in concealed))
        after = page[-1].number


def _found(noun: str, shown: Iterable[tuple[int, str, Any]]) -> Iterator[Finding]:
    for place, name, message in shown:
        yield from (Finding(f"{noun} {place}", name, field) for field in unreadable_fields(message))
