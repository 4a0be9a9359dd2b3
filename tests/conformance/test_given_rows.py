"""`append_given` and `store_given`: rows that have their positions and numbers already are stored as any others are."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from eventstore.archive import guards
from eventstore.models import Command, Event
from tests.conformance.examples import ONE, THREE, TWO, backend, command, event, write

pytestmark = pytest.mark.django_db


def rows(model: type[Event] | type[Command], *without: str) -> list[dict[str, Any]]:
    """All rows as they are, but for some columns, in order."""
    return [
        {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
        for row in model._base_manager.order_by("pk").values(
            *(field.attname for field in model._meta.concrete_fields if field.attname not in without)
        )
    ]


def test_an_event_that_is_given_is_stored_as_one_that_is_appended() -> None:
    first = event(ONE, 1, data={"longer": {"b": 1, "aa": "é"}, "a": [None, True]}, metadata={"zz": "\u2028", "a": "x"})
    again = msgspec.structs.replace(first, event_id=uuid4(), stream_id=TWO)
    later = write(first).positions[0] + 100
    with guards.positions_chosen():
        backend.append_given([(later, again)])
    appended, given = rows(Event, "position", "event_id", "stream_id")
    assert given == appended
    assert list(Event.objects.order_by("pk").values_list("event_id", "stream_id"))[1] == (again.event_id, TWO)
    assert Event.objects.latest("pk").position == later


def test_a_command_that_is_given_is_stored_as_one_that_is_executed() -> None:
    first = command(data={"longer": 1, "a": "é"}, response={"zz": 1, "a": None}, accepted=False)
    again = msgspec.structs.replace(first, command_id=uuid4(), key="again")
    later = write(first).numbers[0] + 100
    with guards.positions_chosen():
        backend.store_given([(later, again, [5, 7])])
    stored, given = rows(Command, "number", "command_id", "key", "positions")
    assert given == stored
    last = Command.objects.latest("pk")
    assert (last.number, last.command_id, last.key, last.positions) == (later, again.command_id, "again", [5, 7])


def test_what_comes_next_is_the_one_after() -> None:
    before = write(event(THREE, 1), command("before"))
    position, number = before.positions[0] + 10, before.numbers[0] + 20
    with guards.positions_chosen():
        backend.append_given([(position, event(ONE, 1))])
        backend.store_given([(number, command(), [position])])
        backend.draw_after(position, number)
    written = write(event(TWO, 1), command("two"))
    assert (written.positions, written.numbers) == ((position + 1,), (number + 1,))
