"""What an owner of tables can do to rows, past the models, which refuse it."""

from typing import Any

import msgspec
from django.db.models import F, Model

from eventstore.backends.rows import CommandRow, EventRow
from eventstore.messages import canonical
from eventstore.models import Command, Event, Stream


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
