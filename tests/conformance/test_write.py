"""`write`: events, heads and commands in one go; positions and numbers are drawn by the database."""

from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from eventstore.models import Command, Event, Stream
from tests.conformance.examples import ONE, THREE, TWO, backend, command, event, event_ids, opened, write
from tests.conformance.sessions import other_session, run_and_commit, run_and_roll_back

pytestmark = pytest.mark.django_db
concurrent = pytest.mark.django_db(transaction=True)


def test_positions_rise_in_the_order_of_the_rows() -> None:
    """Whatever their streams: the first row given gets the lowest position, and so on."""
    rows = [event(stream, version) for version in range(1, 101) for stream in (THREE, ONE, TWO)]
    written = write(*rows)
    assert list(written.positions) == sorted(set(written.positions))
    assert event_ids() == [row.event_id for row in rows]
    assert list(Event.objects.order_by("position").values_list("position", flat=True)) == list(written.positions)


def test_numbers_rise_in_the_order_of_the_commands() -> None:
    """The command store has an order of its own."""
    rows = [command(str(number)) for number in range(100)]
    written = write(*rows)
    assert list(written.numbers) == sorted(set(written.numbers))
    stored = Command.objects.order_by("number").values_list("number", "command_id")
    assert list(stored) == list(zip(written.numbers, [row.command_id for row in rows], strict=True))


def test_later_writes_get_higher_positions() -> None:
    """Positions and numbers only ever rise."""
    first, second = write(event(ONE), command("one")), write(event(TWO), command("two"))
    assert first.positions < second.positions
    assert first.numbers < second.numbers


@concurrent
def test_writes_after_a_rollback_get_higher_positions_than_all_rows() -> None:
    """A position given up may stay a gap, but nothing is ever put before what is there."""
    first = run_and_commit(partial(write, event(ONE), command("one")))
    run_and_roll_back(partial(write, event(TWO), command("two")))
    last = run_and_commit(partial(write, event(THREE), command("three")))
    assert (first.positions, first.numbers) < (last.positions, last.numbers)
    assert Event.objects.count() == Command.objects.count() == 2


def test_nothing_to_write_is_nothing_written() -> None:
    """A batch of twins writes nothing."""
    written = write()
    assert (written.positions, written.numbers) == ((), ())


def test_events_need_no_command_and_commands_no_events() -> None:
    """Events that are appended without a command, and refused commands."""
    only_events, only_commands = write(event()), write(command())
    assert (len(only_events.positions), only_events.numbers) == (1, ())
    assert (only_commands.positions, len(only_commands.numbers)) == ((), 1)


def test_each_command_keeps_the_positions_of_its_own_events() -> None:
    """Found by the command's id, in the order of the positions, whatever lies between them."""
    one, two, none = command("one"), command("two"), command("none")
    owners = [one, two, one, two, one]
    rows = [event(ONE, number, command_id=str(owner.command_id)) for number, owner in enumerate(owners, 1)]
    positions = write(one, two, none, *rows).positions
    stored = dict(Command.objects.values_list("key", "positions"))
    assert stored == {"one": list(positions[::2]), "two": list(positions[1::2]), "none": []}


def test_a_head_points_at_the_last_event_of_its_own_stream() -> None:
    """Also where the events of several streams are written in turns."""
    positions = write(*(event(stream, version) for version in (1, 2) for stream in (TWO, ONE))).positions
    heads = dict(Stream.objects.values_list("stream_id", "position"))
    assert heads == {TWO: positions[2], ONE: positions[3]}


def test_a_head_that_is_there_is_moved_and_the_others_stay() -> None:
    """One row for each stream."""
    write(event(ONE, 1), event(TWO, 1))
    write(event(ONE, 2))
    assert {stream: found.version for stream, found in opened(ONE, TWO).heads.items()} == {ONE: 2, TWO: 1}
    assert Stream.objects.count() == 2


def refused(*rows: object) -> DatabaseError:
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        write(*rows)  # type: ignore[arg-type]
    return error.value


def test_a_version_of_a_stream_is_there_once() -> None:
    """The last guard against two writers who both believe that it is their turn."""
    write(event(ONE, 1))
    refused(event(ONE, 1))
    assert Event.objects.count() == 1


def test_an_event_id_is_there_once() -> None:
    """Event ids are unique in the whole log."""
    write(event(ONE, event_id=ONE))
    refused(event(TWO, event_id=ONE))


def test_a_command_id_is_there_once() -> None:
    """The last guard of exactly once."""
    write(command("one", command_id=ONE))
    refused(command("two", command_id=ONE), event())
    assert not Event.objects.exists()


def test_all_is_written_or_nothing() -> None:
    """A row that is refused takes the others with it, as the transaction ends."""
    write(command("one", command_id=ONE))
    refused(event(ONE, 1), event(TWO, 1), command("two"), command("three", command_id=ONE))
    assert (Event.objects.count(), Stream.objects.count(), Command.objects.count()) == (0, 0, 1)


@pytest.mark.parametrize("distance", [-1, 0, 1, 1_000])
def test_a_position_is_never_chosen(distance: int) -> None:
    """The database refuses a given position: before the end of the log, at it, and beyond."""
    (last,) = write(event(ONE)).positions
    chosen = Event(
        position=last + distance,
        event_id=uuid4(),
        category="tally",
        stream_id=TWO,
        version=1,
        type="tally.counted",
        schema_version=1,
        data={},
        metadata={},
        recorded_at=event().recorded_at,
        slot=0,
        digest=b"",
    )
    if distance == 1 and connection.vendor == "sqlite":
        return  # it is the one that would be drawn, as one writer at a time leaves no gaps
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.bulk_create([chosen])


def test_what_is_recorded_is_never_changed() -> None:
    """Recorded rows can be neither updated nor deleted."""
    write(event(), command())
    for queryset in (Event.objects.all(), Command.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            queryset.update(type="forged")
        with pytest.raises(DatabaseError), transaction.atomic():
            queryset._raw_delete("default")


@concurrent
def test_others_see_nothing_before_the_commit_and_all_after_it() -> None:
    """Events, heads and commands become visible together."""

    def counts() -> tuple[int, int, int]:
        return Event.objects.count(), Stream.objects.count(), Command.objects.count()

    with other_session() as other:
        with transaction.atomic():
            write(event(ONE), event(TWO), command())
            assert other(counts) == (0, 0, 0)
        assert other(counts) == (2, 2, 1)


def test_a_thousand_of_each_go_in_at_once() -> None:
    """As large a batch as the engine makes, with several events for a command."""
    commands = [command(str(number)) for number in range(1_000)]
    events = [event(UUID(int=n // 2 + 1), n % 2 + 1, command_id=str(commands[n // 2].command_id)) for n in range(2_000)]
    written = write(*events, *commands)
    assert event_ids() == [row.event_id for row in events]
    assert (len(written.positions), len(written.numbers)) == (2_000, 1_000)
    assert backend.last_drawn() == (written.positions[-1], written.numbers[-1])
