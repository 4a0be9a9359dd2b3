"""A rebuild by several processes: the same rows, whatever happens to one of them."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from eventstore.execute import CommandRequest, execute_many
from eventstore.models import ShadowPart
from eventstore.projecting import rebuild as module
from eventstore.projecting import replay
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect.drift import check
from eventstore.projecting.rebuild import CannotShare, WorkerDied, WorkerFailed, rebuild, workload
from eventstore.projecting.rebuild.passes import Pass
from eventstore.projecting.runner.runner import Runner
from tests.eventstore.sample import Clear, Count
from tests.eventstore.sample_projections import MODELS, UNLUCKY, Line, Standing

TALLIES = [UUID(int=number) for number in range(1, 13)]
ROUNDS = 5

sharing = pytest.mark.postgresql
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sample")]

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture(autouse=True)
def history(sample: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of a few pages."""
    orders = [Count(tally_id, 1 + number) for number in range(ROUNDS) for tally_id in TALLIES]
    record(*orders, *(Clear(tally_id) for tally_id in TALLIES[::3]), *(Count(tally_id, 7) for tally_id in TALLIES[:4]))
    monkeypatch.setattr(replay, "PAGE", 10)
    monkeypatch.setattr(module, "MAX_RECORDS_LEFT", 0)
    Runner().catch_up()


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


def record(*orders: Count | Clear) -> None:
    execute_many(
        [CommandRequest(command=order, key=f"{id(orders)} {n}", actor="ann") for n, order in enumerate(orders)]
    )


def rows() -> Rows:
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in MODELS}


def wear_out(steps: int, harm: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a worker come to harm after so many pages, with the last one read but not committed."""
    step, parent, count = Pass._step, os.getpid(), 0

    def harmed(one: Pass, end: int) -> int | None:
        nonlocal count
        count, read = count + 1, step(one, end)
        if os.getpid() != parent and count > steps:
            harm()
        return read

    monkeypatch.setattr(Pass, "_step", harmed)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@sharing
@pytest.mark.parametrize("workers", [2, 3, 100])
def test_several_processes_build_the_same_rows(workers: int) -> None:
    before, counts = rows(), list[int]()
    total = workload(list(projections.values()), workers)
    assert rebuild(list(projections.values()), counts.append, workers=workers) == sum(counts) == total
    assert rows() == before


@sharing
def test_what_is_recorded_meanwhile_is_there_too() -> None:
    late = iter([Count(TALLIES[11], 1), Count(TALLIES[10], 2)])

    def go_on(_: int) -> None:
        record(*filter(None, [next(late, None)]))

    rebuild(list(projections.values()), go_on, workers=2)
    assert Standing.objects.get(pk=TALLIES[11]).total == 16
    assert not any(drift.found for drift in check(list(projections.values())))


@sharing
@pytest.mark.parametrize(("first", "second", "then"), [(2, 3, 1), (1, 2, 2), (3, 1, 2)])
def test_who_goes_on_may_have_another_number_of_workers(
    first: int, second: int, then: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows()
    for workers, pages in ((first, 2), (second, 1)):
        with monkeypatch.context() as patch:
            stop_half_way(workers, pages, patch)
    places = set(ShadowPart.objects.values_list("position", flat=True))
    assert len(places) > 1
    assert workload(list(projections.values()), then) <= workload(list(projections.values()), 2)
    rebuild(list(projections.values()), workers=then)
    assert rows() == before
    assert not ShadowPart.objects.filter(role="new").exists()


def stop_half_way(workers: int, pages: int, patch: pytest.MonkeyPatch) -> None:
    if workers > 1:
        wear_out(pages, kill, patch)
        with pytest.raises(WorkerDied):
            rebuild(list(projections.values()), workers=workers)
        return

    left = iter(range(pages))

    def interrupt(_: int) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(list(projections.values()), interrupt)


@sharing
def test_a_worker_that_is_killed_ends_the_rebuild_and_the_live_rows_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    Standing.objects.update(total=99)
    before = rows()
    wear_out(1, kill, monkeypatch)
    with pytest.raises(WorkerDied, match=r"ended by signal 9.*start again"):
        rebuild(list(projections.values()), workers=2)
    assert rows() == before
    assert ShadowPart.objects.filter(role="new", position__gt=0).exists()


@sharing
def test_what_a_projector_raises_in_a_worker_ends_the_rebuild_and_leaves_nothing_behind() -> None:
    record(Clear(TALLIES[1]), Count(TALLIES[1], UNLUCKY))
    before = rows()
    with pytest.raises(WorkerFailed, match="ArithmeticError: unlucky"):
        rebuild(list(projections.values()), workers=2)
    assert rows() == before
    assert not ShadowPart.objects.exists()


@sharing
def test_the_command_shares_the_work_and_says_what_has_happened() -> None:
    out = StringIO()
    call_command("rebuild_projections", "--workers", "2", stdout=out)
    assert "Built asked, grand, lines, standings" in out.getvalue()
    record(Clear(TALLIES[1]), Count(TALLIES[1], UNLUCKY))
    with pytest.raises(CommandError, match=r"unlucky[\s\S]*The live tables are as they were"):
        call_command("rebuild_projections", "--workers", "2")


@pytest.mark.sqlite
def test_on_sqlite_the_work_is_not_shared() -> None:
    with pytest.raises(CannotShare):
        rebuild(list(projections.values()), workers=2)
    with pytest.raises(CommandError, match="need PostgreSQL"):
        call_command("rebuild_projections", "--workers", "2")
    with pytest.raises(CommandError, match="at least 1"):
        call_command("rebuild_projections", "--workers", "0")
    assert Line.objects.exists()
