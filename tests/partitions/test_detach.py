"""Cold partitions leave the database when a head and an archive vouch for them, and come back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from eventstore import feed, log
from eventstore.archive import format as layout
from eventstore.archive.write import archive
from eventstore.checks import database
from eventstore.errors import RangeDetached
from eventstore.execute import execute
from eventstore.integrity import trees
from eventstore.integrity.sealer import seal
from eventstore.integrity.verify import Scope, verify
from eventstore.models import Command, Event, Tidemark
from eventstore.partitions import CannotPartition, make_ahead, partitions
from eventstore.partitions.attach import attach
from eventstore.partitions.detach import detach
from eventstore.partitions.stores import COMMANDS, EVENTS, STORES, Store
from eventstore.proofs import event_proof
from tests.eventstore.archive.history import rows
from tests.eventstore.sample import Clear, Count
from tests.partitions.conftest import SIZE, first_end, put_back
from tests.partitions.test_adopt_live import killed_after

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("partitioned", "sample"),
]
OLD, NEW = UUID(int=1), UUID(int=2)


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An archive of a log over several partitions, whose head is kept in a file."""
    monkeypatch.setattr(layout, "SEGMENT_HEIGHT", 3)
    monkeypatch.setattr(trees, "HEIGHT", 2)
    monkeypatch.setattr(trees, "WIDTH", 4)
    with override_settings(SEAL_FILE=str(tmp_path / "heads.txt")):
        count(OLD, 3)
        while Event.objects.filter(position__gt=first_end() + 20).count() < 20:
            count(NEW, 10)
            execute(Clear(NEW), f"{uuid4()}", actor="ann")
        feed.advance()
        make_ahead(connection, ahead=2, size=SIZE)
        seal()
        archive(str(tmp_path / "archive"), without_keys=True)
        yield tmp_path / "archive"
    put_back()


def count(stream: UUID, times: int) -> None:
    for _ in range(times):
        execute(Count(stream, 1), f"{uuid4()}", actor="ann")


@pytest.mark.parametrize("drop", [False, True], ids=["kept beside", "dropped"])
@pytest.mark.parametrize("store", STORES, ids=lambda store: store.name)
def test_what_was_detached_comes_back_as_it_was(
    sealed: Path, store: Store, drop: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Event if store == EVENTS else Command
    before, end = rows(model), first_end(store)
    gone = detach(connection, store, end, str(sealed), size=SIZE, drop=drop)
    assert rows(model) == [row for row in before if row[store.column] >= end]
    assert list(database.guards(connection)) == []
    assert partitions(connection, store)[-1].is_default
    count(UUID(int=9), 1)
    assert attach(connection, store, 0) == gone[::-1]
    assert rows(model)[: len(before)] == before
    assert list(database.guards(connection)) == []
    monkeypatch.undo()  # `verify` knows tiles of one width alone
    for tree in trees.Tree:
        trees.clear(tree)
        trees.extend(tree, feed.mark().position if tree == trees.Tree.EVENTS else feed.mark().number)
    assert verify(Scope()).faults.named == []


def test_whoever_needs_it_hears_where_it_is(sealed: Path) -> None:
    """Never that there is nothing."""
    first, end = Event.objects.order_by("position").values_list("position", flat=True)[0], first_end()
    detach(connection, EVENTS, end, str(sealed), size=SIZE)
    reads: list[Callable[[], Any]] = [
        lambda: feed.read(0),
        lambda: feed.read(0, types=["tally.reset"], limit=1),
        lambda: list(log.read_stream(OLD)),
        lambda: log.load("tally", OLD),
        lambda: log.read_streams([OLD, NEW]),
        lambda: event_proof(first),
        lambda: verify(Scope()),
        lambda: archive(str(sealed.parent / "another"), without_keys=True),
    ]
    for read in reads:
        with pytest.raises(RangeDetached, match=str(sealed)):
            read()
    assert feed.read(end - 1)  # what is still here is read as ever
    with pytest.raises(CommandError, match=str(sealed)):
        call_command("verify")


def test_a_command_that_was_detached_is_not_executed_again(sealed: Path) -> None:
    """Its answer lies in the archive, and its id is used for ever."""
    stored = Command.objects.order_by("number")[0]
    detach(connection, COMMANDS, first_end(COMMANDS), str(sealed), size=SIZE, drop=True)
    events = Event.objects.count()
    with pytest.raises(RangeDetached, match=str(sealed)):
        execute(Count(OLD, 1), stored.key, actor=stored.actor)
    assert Event.objects.count() == events


def test_a_log_without_its_beginning_goes_on_being_sealed_and_archived(sealed: Path) -> None:
    detach(connection, EVENTS, first_end(), str(sealed), size=SIZE, drop=True)
    count(UUID(int=9), 20)
    feed.advance()
    seal()
    assert archive(str(sealed), without_keys=True).new_events >= 20


@pytest.mark.parametrize("lack", ["no head outside", "an old archive", "a damaged one", "another row", "none ahead"])
def test_nothing_goes_for_which_nobody_vouches(sealed: Path, lack: str) -> None:
    end = first_end()
    if lack == "a damaged one":
        file = next((sealed / "events").glob("*.parquet"))
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    if lack == "an old archive":
        end = partitions(connection, EVENTS)[-2].end or 0
    if lack == "another row":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE eventstore_event DISABLE TRIGGER append_only")
            cursor.execute("DELETE FROM eventstore_event WHERE position = (SELECT min(position) FROM eventstore_event)")
            cursor.execute("ALTER TABLE eventstore_event ENABLE ALWAYS TRIGGER append_only")
    if lack == "none ahead":
        end = 10**9
    before = [each.name for each in partitions(connection, EVENTS)]
    with override_settings(**({"SEAL_FILE": ""} if lack == "no head outside" else {})), pytest.raises(CannotPartition):
        detach(connection, EVENTS, end, str(sealed), size=SIZE)
    assert [each.name for each in partitions(connection, EVENTS)] == before
    assert Tidemark.objects.get().first_position == 0


def test_killed_after_any_statement_it_goes_on(sealed: Path) -> None:
    """Beside it the site goes on: a write always finds a partition."""
    before, end, kills = rows(Event), first_end(), 0
    while any(each.end == end for each in partitions(connection, EVENTS)):
        with killed_after(kills):
            detach(connection, EVENTS, end, str(sealed), size=SIZE)
        count(UUID(int=9), 1)
        kills += 3
    call_command("partitions", "--ahead", "1", "--size", str(SIZE))
    assert partitions(connection, EVENTS)[-1].is_default
    attach(connection, EVENTS, 0)
    assert rows(Event)[: len(before)] == before
