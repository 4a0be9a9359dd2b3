"""Finds the page of a command, event or stream by an id, a position, a number or a key."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from eventstore import log
from eventstore.admin import show
from eventstore.admin.readonly import as_uuid
from eventstore.errors import RangeDetached
from eventstore.execute import command_id_of
from eventstore.models import Command, Event, Stream


def by_id(term: str) -> str | None:
    """The page of the command, the event or the stream that has an id."""
    if (found := as_uuid(term)) is None:
        return None
    looks: list[Callable[[UUID], str | None]] = [_command, _stream, _event]
    return next(filter(None, (look(found) for look in looks)), None)


def by_key(term: str) -> str | None:
    """The page of the command that an actor sent with a key: "reader:… key"."""
    actor, _, key = term.partition(" ")
    return _command(command_id_of(actor, key.strip())) if key else None


def event_at(position: int) -> str | None:
    """The page of the event at a position."""
    return _page(Event.objects.filter(position=position), "event", position, log.must_hold_event)


def command_at(number: int) -> str | None:
    """The page of the command with a number."""
    return _page(Command.objects.filter(number=number), "command", number, log.must_hold_command)


def _command(command_id: UUID) -> str | None:
    return _page(Command.objects.filter(command_id=command_id), "command", command_id, log.must_hold_command)


def _event(event_id: UUID) -> str | None:
    return _page(Event.objects.filter(event_id=event_id), "event", event_id, log.must_hold_event)


def _stream(stream_id: UUID) -> str | None:
    return _page(Stream.objects.filter(stream_id=stream_id), "stream", stream_id)


def _page(rows: Any, model: str, key: Any, must_hold: Callable[[Any], None] = lambda _: None) -> str | None:
    """The page of a row; of one that may lie in an archive alone too, which then says so."""
    try:
        if not rows.exists():
            must_hold(key)
            return None
    except RangeDetached:
        pass
    return show.link_to(model, key)
