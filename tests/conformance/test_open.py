"""`open`: the clock, the twins of commands, and the heads of streams, locked."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection

from eventstore.backends.rows import Head
from tests.conformance.examples import NOW, ONE, THREE, TWO, backend, command, event, head, opened, write
from tests.conformance.sessions import other_session, run_and_commit, several_writers, without_waiting
from tests.torture.test_commands_in_parallel import wait_until_a_session_is_blocked
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db
concurrent = pytest.mark.django_db(transaction=True)


def test_the_clock_is_aware_and_right() -> None:
    """`now` is the database's time, with a zone."""
    assert abs(opened().now - datetime.now(UTC)) < timedelta(minutes=1)


@concurrent
def test_the_clock_goes_on_within_a_transaction() -> None:
    """A command that waited for a lock is recorded when it was decided, not when it began to wait."""

    def twice() -> tuple[datetime, datetime]:
        first = opened().now
        while opened().now == first:
            pass  # a clock stands still for a microsecond, not for a transaction
        return first, opened().now

    first, second = run_and_commit(twice)
    assert second > first


def test_where_nothing_is_there_nothing_is_found() -> None:
    """Neither ids nor streams that are not stored are made up."""
    opening = opened(ONE, commands=(uuid4(),))
    assert (opening.stored, opening.heads) == ({}, {})


def test_a_head_comes_back_as_it_was_moved() -> None:
    """State, digest, version, category, fingerprint and time, to the microsecond and to the letter."""
    row = event(version=3)
    state = '{"b": 1,"a":"é \\u0001 👩"}'
    backend.write([row], [head(row, state=state, fingerprint="7:f")], [])
    found = opened(ONE).heads[ONE]
    assert (found.stream_id, found.category, found.version) == (ONE, "tally", 3)
    assert (found.digest, found.recorded_at, found.state, found.fingerprint) == (row.digest, NOW, state, "7:f")


def test_a_head_without_state_has_none() -> None:
    """A stream without a decider has no state, which is not an empty one."""
    row = event()
    backend.write([row], [head(row, state=None, fingerprint="")], [])
    assert opened(ONE).heads[ONE].state is None


def test_only_the_named_streams_are_found() -> None:
    """The heads of others are neither read nor locked."""
    write(event(ONE), event(TWO), event(THREE))
    assert set(opened(ONE, THREE).heads) == {ONE, THREE}


def test_heads_of_many_streams_are_found_at_once() -> None:
    """A batch of 1,000 commands opens its streams and looks for its twins in one go."""
    streams = [UUID(int=number) for number in range(1, 2_001)]
    write(*(event(stream_id) for stream_id in streams))
    commands = [command(str(number)) for number in range(1_000)]
    write(*commands)
    opening = opened(*streams, commands=tuple(row.command_id for row in commands))
    assert set(opening.heads) == set(streams)
    assert set(opening.stored) == {row.command_id for row in commands}


RESPONSES = [
    {},
    {"total": 2**63 - 1, "less": -(2**63)},
    {"zz": [1, {"y": None, "x": True}], "": 'é 👩 \\ " \x01', "a": {"b": {"c": []}}},
]


@pytest.mark.parametrize("response", RESPONSES)
@pytest.mark.parametrize("accepted", [True, False])
def test_a_twin_comes_back_with_its_answer(accepted: bool, response: dict[str, object]) -> None:
    """The stored response, the fingerprint, whether it was accepted, its time and its positions."""
    row = command(accepted=accepted, response=response)
    own = [event(version=1, command_id=str(row.command_id)), event(version=2, command_id=str(row.command_id))]
    positions = write(row, *own).positions
    twin = opened(commands=(row.command_id,)).stored[row.command_id]
    assert (twin.command_id, twin.fingerprint, twin.accepted) == (row.command_id, row.fingerprint, accepted)
    assert (twin.response, twin.recorded_at, tuple(twin.positions)) == (response, NOW, positions)


def test_a_twin_without_events_has_no_positions() -> None:
    """A refused command has no positions."""
    row = command()
    write(row, event(command_id=str(uuid4())))
    assert opened(commands=(row.command_id,)).stored[row.command_id].positions == []


@concurrent
def test_no_other_session_opens_a_locked_stream() -> None:
    """Heads stay locked to the end of the transaction. Who does not want to wait is refused with a transient error."""
    write(event(ONE))

    def try_elsewhere() -> None:
        opened(ONE)
        with other_session() as other, pytest.raises(OperationalError) as refused:
            other.in_transaction(partial(opened, ONE))
        assert backend.is_transient(refused.value)

    run_and_commit(try_elsewhere)
    with other_session() as other:
        assert other.in_transaction(partial(opened, ONE)).heads[ONE].version == 1


@concurrent
def test_who_waited_for_a_head_finds_it_as_it_is_then() -> None:
    """The head is read after it was locked, so no update is lost."""
    write(event(ONE, 1))

    def go_on() -> None:
        version = opened(ONE).heads[ONE].version + 1
        write(event(ONE, version))

    at_once([partial(run_and_commit, go_on)] * 8)
    assert opened(ONE).heads[ONE].version == 9


@several_writers
@concurrent
def test_who_waited_for_one_head_finds_another_that_was_begun_meanwhile() -> None:
    """A head that is not there can't be locked: it is looked for again, once the others are.

    Otherwise a transaction would see one stream after another transaction, and the other stream before it.
    """
    write(event(ONE, 1))
    with other_session() as holder, ThreadPoolExecutor(1) as pool:
        holder.begin()
        holder(partial(opened, ONE))
        holder(partial(write, event(ONE, 2), event(TWO, 1)))
        waiting = pool.submit(found_patiently, ONE, TWO, THREE)
        wait_until_a_session_is_blocked()
        holder.commit()
        assert {each.stream_id: each.version for each in waiting.result()} == {ONE: 2, TWO: 1}


def found_patiently(*streams: UUID) -> list[Head]:
    """The heads that are found in a session of its own, which waits for locks."""
    try:
        return list(run_and_commit(partial(opened, *streams)).heads.values())
    finally:
        connection.close()


@several_writers
@concurrent
def test_heads_are_locked_in_the_order_of_their_ids() -> None:
    """Whatever their order in the table, or in the question: who has to wait holds those before, and none after."""
    for version, stream_id in enumerate([THREE, TWO, ONE], 1):
        write(event(stream_id, version))

    def open_all() -> None:
        backend.open([], [TWO, THREE, ONE])

    with other_session() as holder, other_session() as looker, ThreadPoolExecutor(1) as pool:
        holder.begin()
        holder(partial(opened, TWO))
        waiting = pool.submit(patiently, open_all)
        wait_until_a_session_is_blocked()
        free = [stream for stream in (ONE, TWO, THREE) if without_waiting(looker, partial(opened, stream))]
        holder.commit()
        waiting.result()
    assert free == [THREE]


def patiently(work: Callable[[], None]) -> None:
    """Run in a session of its own, which waits for locks."""
    try:
        run_and_commit(work)
    finally:
        connection.close()


@concurrent
def test_those_who_want_the_same_streams_never_wait_in_a_circle() -> None:
    """Streams are locked in the order of their ids, in whatever order transactions name them."""
    streams = [UUID(int=number) for number in range(1, 7)]
    for stream_id in reversed(streams):
        write(event(stream_id))

    def move(moved: list[UUID]) -> None:
        for stream_id, found in backend.open([], moved).heads.items():
            write(event(stream_id, found.version + 1))

    there, back = streams[:4], streams[:1:-1]
    at_once([partial(run_and_commit, partial(move, moved)) for moved in [there, back] * 5])
    assert {found.version for found in opened(*streams[2:4]).heads.values()} == {11}
