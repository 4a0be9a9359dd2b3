"""Real-time projections, the runner, and rebuilds: the same pure functions each time."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import OperationalError, models
from django.test.utils import isolate_apps

from eventstore import feed, log
from eventstore.errors import AppendOnly, EventStoreError, MessageError
from eventstore.execute import execute
from eventstore.log.slots import slot_of
from eventstore.models import Checkpoint, Parked, Projection
from eventstore.projecting import ReadModel, realtime, wait_for
from eventstore.projecting.declaration.decorators import rows
from eventstore.projecting.declaration.projection import Fold, Rows
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect.statuses import status
from eventstore.projecting.installation import install
from eventstore.projecting.rebuild import rebuild
from eventstore.projecting.runner import batches
from eventstore.projecting.runner.runner import Runner, position_of
from eventstore.service import Stop
from eventstore.signals import events_appended
from tests.eventstore import sample_projections
from tests.eventstore.sample import Clear, Count, Counted
from tests.eventstore.sample_projections import UNLUCKY, Asked, Grand, Line, Standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLY, OTHER = UUID(int=1), UUID(int=2)


def count(amount: int, tally_id: UUID = TALLY) -> int:
    """Execute a command; the position of its event."""
    key = str(Asked.objects.count())
    return execute(Count(tally_id, amount), key, actor="ann").position


def fail(*_: object) -> None:
    raise OperationalError("the disk is full")


def everything() -> dict[str, list[dict[str, Any]]]:
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in (Standing, Line, Asked, Grand)}


def test_a_real_time_fold_stands_where_the_log_does() -> None:
    count(3)
    position = count(4)
    count(1, OTHER)
    assert list(Standing.objects.filter(pk=TALLY).values_list("total", "position")) == [(7, position)]
    assert Standing.objects.count() == 2


def test_a_row_sees_its_records_in_order_whether_they_have_one_key_or_several() -> None:
    """UUIDs that come alone and UUIDs that come in a tuple lead to the same row, and so do keys of other kinds."""

    def key(event: Counted) -> Any:
        return {1: event.tally_id, 2: (OTHER, event.tally_id, 7), 3: event.tally_id, 4: 7, 5: None}[event.amount]

    for amount in range(1, 6):
        count(amount)
    grand = projections["grand"]
    assert isinstance(grand, Fold)
    touched = replace(grand, key=key)._by_key(list(log.read_stream(TALLY)))
    assert {key: [record.event.amount for record in own] for key, own in touched.items()} == {
        TALLY: [1, 2, 3],
        OTHER: [2],
        7: [2, 4],
    }


def test_a_function_of_several_keys_is_told_which_one_it_folds_for() -> None:
    def spread(row: Grand | None, event: Counted, record: Any, key: int) -> Grand | None:
        return Grand(id=key, total=(row.total if row else 0) + event.amount * key)

    for amount in (1, 2):
        count(amount)
    grand = projections["grand"]
    assert isinstance(grand, Fold)
    spreading = replace(grand, name="spread", function=spread, key=lambda event: (1, 10))
    spreading.advance(list(log.read_stream(TALLY)))
    assert dict(Grand.objects.values_list("pk", "total")) == {1: 3, 10: 30}


def test_a_fold_that_gives_no_row_deletes_it() -> None:
    count(3)
    execute(Clear(TALLY), "clear", actor="ann")
    assert not Standing.objects.exists()


def test_projections_see_an_event_before_receivers_that_execute_commands() -> None:
    """Otherwise the later event would be folded first, though that receiver connected before the projections did."""

    def add_thirty(records: Sequence[Any], **_: Any) -> None:
        if records[-1].event.amount != 30:
            execute(Count(TALLY, 30), f"after {records[-1].position}", actor="ann")

    events_appended.connect(add_thirty)
    try:
        sample_projections.declare()
        count(1)
        position = list(log.read_stream(TALLY))[-1].position
        assert list(Standing.objects.values_list("total", "position")) == [(31, position)]
    finally:
        events_appended.disconnect(add_thirty)


def test_a_projection_of_commands_sees_refusals() -> None:
    count(3)
    count(-99)
    assert list(Asked.objects.order_by("pk").values_list("accepted", flat=True)) == [True, False]


def test_a_delayed_projection_waits_for_its_runner() -> None:
    position = count(3)
    assert not Line.objects.exists()
    assert not wait_for(position, "lines", timeout=0)
    Runner().catch_up()
    assert Line.objects.get().amount == 3
    assert wait_for(position, "lines", timeout=0)
    assert wait_for(position, "standings", timeout=0)


def test_the_runner_reads_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_EVENTS", 2)
    positions = [count(1) for _ in range(5)]
    Runner().catch_up()
    assert list(Line.objects.order_by("pk").values_list("pk", flat=True)) == positions
    assert Grand.objects.get().order == "1 1 1 1 1 "


def test_the_checkpoint_moves_with_the_rows_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    position = count(1)
    Runner(["lines"]).catch_up()
    count(2)
    monkeypatch.setattr(batches, "save_checkpoints", fail)
    with pytest.raises(OperationalError):
        Runner(["lines"]).catch_up()
    assert position_of(projections["lines"]) == position
    assert list(Line.objects.values_list("amount", flat=True)) == [1]


def test_a_projection_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here it is not the events' fault, so nothing is parked, and the projection as a whole is tried again later."""
    count(3)
    stop = Stop()
    eager = Runner(stop=stop)
    monkeypatch.setattr(Rows, "advance", fail)
    monkeypatch.setattr(stop, "wait", lambda _: stop.set())
    eager.run()
    assert set(eager.failures) == {"lines"}
    assert not Parked.objects.exists()
    assert Grand.objects.get().total == 3


def test_a_slot_that_is_ahead_sees_no_event_twice() -> None:
    """Another runner has held some slots and left them further on."""
    first, second = count(1), count(2, OTHER)
    feed.advance()
    Checkpoint.objects.filter(projection="lines", slot=slot_of(TALLY)).update(position=first)
    while batches.read_batch(projections["lines"]):
        pass
    assert list(Line.objects.values_list("pk", flat=True)) == [second]


def test_a_rebuild_gives_the_same_rows() -> None:
    for amount in (3, 4, -2):
        count(amount)
        count(amount, OTHER) if amount > 0 else None
    execute(Clear(OTHER), "clear", actor="ann")
    count(-99)
    Runner().catch_up()
    before = everything()
    assert rebuild(list(projections.values())) > 0
    assert everything() == before


def test_a_rebuild_mends_spoilt_rows() -> None:
    count(3)
    Runner().catch_up()
    before = everything()
    Standing.objects.update(total=99)
    Line.objects.all()._raw_delete("default")
    rebuild(list(projections.values()))
    assert everything() == before


def test_a_rebuild_of_one_projection_leaves_the_others_alone() -> None:
    count(3)
    Standing.objects.update(total=99)
    rebuild([projections["lines"]])
    assert Standing.objects.get().total == 99
    assert Line.objects.get().amount == 3


def test_a_rebuild_that_fails_leaves_the_old_rows() -> None:
    count(UNLUCKY)
    before = everything()
    with pytest.raises(ArithmeticError):
        rebuild(list(projections.values()))
    assert everything() == before


def test_a_new_projection_on_an_old_log_has_to_be_built_first(monkeypatch: pytest.MonkeyPatch) -> None:
    count(3)
    Projection.objects.filter(name="standings").delete()
    Standing.objects.all()._raw_delete("default")
    monkeypatch.setattr(realtime, "_live", set())
    install(using="default")
    count(4)
    assert not Standing.objects.exists()
    assert {item.name: item.state for item in status()}["standings"] == "to be built"
    rebuild([projections["standings"]])
    count(1)
    assert Standing.objects.get().total == 8


def test_status_gives_the_lag_in_events_and_in_seconds() -> None:
    count(3)
    count(4)
    found = {item.name: item for item in status()}
    assert (found["lines"].mode, found["lines"].lag) == ("delayed", 2)
    assert found["lines"].lag_seconds > 0
    assert (found["standings"].mode, found["standings"].lag) == ("real-time", 0)
    Runner().catch_up()
    assert {item.lag for item in status()} == {0}


def test_a_changed_projector_is_stale_until_it_is_rebuilt() -> None:
    Projection.objects.filter(name="lines").update(version=0)
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("projection_status", "--json", stdout=out)
    assert end.value.code == 3
    states = {item["name"]: item["state"] for item in json.loads(out.getvalue())["projections"]}
    assert states == {"asked": "live", "grand": "live", "lines": "stale", "standings": "live"}
    call_command("rebuild_projections", "lines", stdout=StringIO())
    call_command("projection_status", stdout=StringIO())


def test_the_commands_report_what_they_did() -> None:
    count(3)
    out = StringIO()
    call_command("rebuild_projections", "--json", stdout=out)
    assert json.loads(out.getvalue())["records"] == 2  # one event, one command
    call_command("run_projections", "--once")
    assert Line.objects.count() == 1


@pytest.mark.parametrize("command", ["rebuild_projections", "run_projections"])
def test_an_unknown_name_is_refused_with_those_that_exist(command: str) -> None:
    with pytest.raises(CommandError, match=r"There are: .*lines"):
        call_command(command, "nonsense")


def test_catch_up_reports_projections_that_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    count(3)
    monkeypatch.setattr(Rows, "advance", fail)
    with pytest.raises(CommandError, match="the disk is full"):
        call_command("run_projections", "--once")


def test_catch_up_reports_parked_streams() -> None:
    count(UNLUCKY)
    err = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("run_projections", "--once", stderr=err)
    assert end.value.code == 3
    assert f"Parked: lines: tally:{TALLY}" in err.getvalue()


def test_read_models_are_not_saved_by_hand() -> None:
    with pytest.raises(AppendOnly, match="Execute a command"):
        Line(position=1, tally_id=TALLY, amount=1).save()
    with pytest.raises(AppendOnly, match="Execute a command"):
        Line(position=1, tally_id=TALLY, amount=1).delete()


def test_a_projector_must_say_what_it_sees() -> None:
    with pytest.raises(MessageError, match="annotate"):

        @rows(Line)
        def blind(event, record):  # type: ignore[no-untyped-def]
            yield from ()


def test_two_projectors_do_not_share_a_table() -> None:
    with pytest.raises(MessageError, match="give each its own"):

        @rows(Line)
        def more_lines(event: Counted, record: Any) -> list[Line]:
            return []


@pytest.mark.parametrize("send", ["send_robust", "asend", "asend_robust"])
def test_records_are_sent_in_no_way_that_leaves_projections_out(send: str) -> None:
    """Django's other ways would go past the projections, and one of them hides what a receiver raises."""
    way = getattr(events_appended, send)
    with pytest.raises(EventStoreError, match=r"call send\(\)"):
        (async_to_sync(way) if send.startswith("a") else way)(sender=None, records=[], found={})


WRITES: list[Callable[[Any], object]] = [
    lambda manager: manager.create(),
    lambda manager: manager.update(text=""),
    lambda manager: manager.filter(text="").update(text="x"),
    lambda manager: manager.all().delete(),
    lambda manager: manager.bulk_create([]),
    lambda manager: manager.bulk_update([], ["text"]),
]


@pytest.mark.parametrize("write", WRITES)
def test_read_models_are_not_written_through_their_manager(write: Callable[[Any], object]) -> None:
    with isolate_apps("tests.eventstore"):

        class Kept(ReadModel):
            key = models.IntegerField(primary_key=True)
            text = models.TextField()

            class Meta:
                app_label = "eventstore"

    managed: Any = Kept
    with pytest.raises(AppendOnly, match="written by their projector"):
        write(managed.objects)
