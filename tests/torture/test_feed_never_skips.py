"""The feed under writers that commit out of order. The naive reader, beside it on the same log, loses events."""

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from eventstore import feed, log
from eventstore.models import Event
from tests.eventstore.sample import Counted

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

WRITERS = 4
TRANSACTIONS = 150


@dataclass
class Reader:
    """A reader of the log, which remembers the last position that it saw."""

    last: int = 0
    seen: list[int] = field(default_factory=list)
    amounts: dict[object, list[int]] = field(default_factory=lambda: defaultdict(list))

    def read_to_the_tidemark(self) -> None:
        feed.advance(timeout=0.01)
        for record in feed.read(self.last):
            self.seen.append(record.position)
            self.amounts[record.stream_id].append(record.event.amount)
            self.last = record.position

    def read_whatever_is_there(self) -> None:
        """The obvious way, which is wrong: a position below `last` may be committed later."""
        for position in (
            Event.objects.filter(position__gt=self.last).order_by("position").values_list("position", flat=True)
        ):
            self.seen.append(position)
            self.last = position


@contextmanager
def another_transaction() -> Iterator[psycopg.Connection]:
    """A transaction of another session, which stays open until the block ends, and is committed then."""
    settings = connection.get_connection_params()
    own = {name: settings[name] for name in ("host", "port", "user", "password", "dbname") if name in settings}
    with psycopg.connect(**own) as other:
        yield other


def append_raw(other: psycopg.Connection, amount: int) -> None:
    """Append an event in another transaction, past the engine but through the database's own guards."""
    stream_id = uuid4()
    other.execute(
        """
        INSERT INTO eventstore_event (event_id, category, stream_id, version, type, schema_version, data, metadata,
            recorded_at, slot, digest)
        VALUES (%s, 'tally', %s, 1, 'tally.counted', 1, %s::jsonb, '{}', now(), 0, '')
        """,
        [uuid4(), stream_id, f'{{"tally_id": "{stream_id}", "amount": {amount}, "total": 0}}'],
    )


def start_writers(environment: dict[str, str]) -> list["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "tests.torture.writer"]
    return [subprocess.Popen([*command, str(number), str(TRANSACTIONS)], env=environment) for number in range(WRITERS)]


def test_nothing_is_skipped_or_read_twice_and_each_stream_keeps_its_order(program_environment: dict[str, str]) -> None:
    careful, naive = Reader(), Reader()
    with another_transaction() as bystander, another_transaction() as slow:
        bystander.execute("INSERT INTO auth_group (id, name) VALUES (1000, 'still being written')")
        append_raw(slow, amount=1)
        writers = start_writers(program_environment)
        while any(writer.poll() is None for writer in writers):
            naive.read_whatever_is_there()
            careful.read_to_the_tidemark()
            if naive.last > 50:
                slow.commit()
        slow.commit()
        assert all(writer.returncode == 0 for writer in writers)
        naive.read_whatever_is_there()
        careful.read_to_the_tidemark()  # the bystander is still open, and holds no reader up
        bystander.rollback()
    there = set(Event.objects.values_list("position", flat=True))
    assert set(careful.seen) == there
    assert max(Counter(careful.seen).values()) == 1
    assert all(amounts == sorted(amounts) for amounts in careful.amounts.values())
    assert there - set(naive.seen), "the naive reader lost nothing: this test tortures no reader"


def test_a_writer_that_lingers_holds_the_mark_and_is_named() -> None:
    before = feed.advance().position
    with another_transaction() as slow:
        append_raw(slow, amount=1)
        append(amount=2)
        assert feed.advance(timeout=0.02).position == before
        assert [writer.pid for writer in feed.blocking()] == [slow.info.backend_pid]
        slow.commit()
        assert amounts_after(before) == [1, 2]


def test_a_position_given_up_leaves_a_gap_that_no_reader_waits_for() -> None:
    before = feed.advance().position
    with another_transaction() as fickle:
        append_raw(fickle, amount=1)
        append(amount=2)
        fickle.rollback()
    assert amounts_after(before) == [2]
    assert feed.tidemark() == before + 2


def test_a_writer_that_began_early_but_draws_late_is_not_lost_and_holds_no_reader_up() -> None:
    """A reader that waits for the oldest open transaction (`xmin`) would stand still here."""
    before = feed.advance().position
    with another_transaction() as sleeper:
        sleeper.execute("SELECT txid_current()")
        append(amount=1)
        assert amounts_after(before) == [1]
        append_raw(sleeper, amount=2)
    assert amounts_after(before) == [1, 2]


def test_a_prepared_transaction_holds_the_mark_though_no_process_runs_it() -> None:
    before = feed.advance().position
    with another_transaction() as other:
        append_raw(other, amount=1)
        other.execute("PREPARE TRANSACTION 'tide'")
    append(amount=2)
    assert feed.advance(timeout=0.02).position == before
    assert [writer.pid for writer in feed.blocking()] == [None]
    with connection.cursor() as cursor:
        cursor.execute("COMMIT PREPARED 'tide'")
    assert amounts_after(before) == [1, 2]


def test_the_mark_never_goes_back() -> None:
    append(amount=1)
    mark = feed.advance()
    late = feed.MarkRaiser(target=feed.Mark(0, 0))  # of a runner that looked long ago
    assert late.advance()
    assert feed.mark() == mark


def test_appends_do_not_wait_for_each_other() -> None:
    """With an exclusive lock, or one on the table, the second writer would wait until the first commits."""
    with another_transaction() as first, another_transaction() as second:
        append_raw(first, amount=1)
        second.execute("SET LOCAL lock_timeout = '1s'")
        append_raw(second, amount=2)


def append(*, amount: int) -> None:
    tally_id = uuid4()
    log.append("tally", tally_id, [Counted(tally_id, amount, amount)], actor="test")


def amounts_after(position: int) -> list[int]:
    feed.advance()
    return [record.event.amount for record in feed.read(position)]
