"""Read models as they were: replayed up to a position or a time, whole or one row of them."""

import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.utils import timezone

from eventstore import feed, log
from eventstore.execute import CommandRequest, execute, execute_many
from eventstore.execution.session import Session
from eventstore.models import Event
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect import as_of
from tests.eventstore.sample import Clear, Count
from tests.eventstore.sample_projections import Line, Standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

ONE, TWO = UUID(int=1), UUID(int=2)
EPOCH = datetime(2020, 1, 1, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def history(sample: None) -> None:
    """1 and 2 are counted in turns, an hour apart; then 1 is cleared."""
    orders = [Count(ONE, 1), Count(TWO, 2), Count(ONE, 3), Count(TWO, 4), Clear(ONE)]
    execute_many(
        [
            CommandRequest(command=order, key=str(hour), actor="ann", recorded_at=EPOCH + timedelta(hours=hour))
            for hour, order in enumerate(orders)
        ]
    )


def position(number: int) -> int:
    """Of the event with this number, from 0: they are not the same in each test."""
    return list(Event.objects.order_by("position").values_list("position", flat=True))[number]


def standings(**when: Any) -> dict[UUID, int]:
    with as_of.table(projections["standings"], **when) as rows:
        return dict(rows.values_list("tally_id", "total"))


@pytest.mark.parametrize(
    ("last", "totals"),
    [(0, {ONE: 1}), (1, {ONE: 1, TWO: 2}), (2, {ONE: 4, TWO: 2}), (3, {ONE: 4, TWO: 6}), (4, {TWO: 6})],
)
def test_a_table_is_as_it_was_at_each_position_and_each_time(last: int, totals: dict[UUID, int]) -> None:
    assert standings(position=position(last)) == totals
    assert standings(at=EPOCH + timedelta(hours=last)) == totals


def test_before_the_first_event_there_is_nothing() -> None:
    assert standings(position=0) == standings(at=EPOCH - timedelta(seconds=1)) == {}


def test_the_table_of_the_past_can_be_queried_like_the_present_one() -> None:
    with as_of.table(projections["lines"], position=position(2)) as rows:
        assert rows.filter(tally_id=ONE).order_by("-amount").values_list("amount", flat=True)[0] == 3
        assert rows.exclude(tally_id=ONE).count() == 1
        assert rows.aggregate(sum=Sum("amount")) == {"sum": 6}
        assert rows.get(pk=position(1)).amount == 2
        assert not rows.filter(pk=position(3)).exists()


def test_the_live_table_is_left_alone_and_seen_as_ever() -> None:
    with as_of.table(projections["standings"], position=position(0)):
        assert set(Standing.objects.values_list("total", flat=True)) == {6}
    assert standings(position=position(3)) == {ONE: 4, TWO: 6}  # and the name is free again


@pytest.mark.parametrize("name", ["standings", "lines", "asked", "grand"])
def test_every_kind_of_projection_has_a_past(name: str) -> None:
    projection = projections[name]
    with as_of.table(projection, position=projection.end_of(feed.advance())) as rows:
        assert rows.count() > 0


def test_one_row_is_found_without_reading_other_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(feed, "between")
    row = as_of.row(projections["standings"], str(ONE), stream_id=ONE, position=position(3))
    assert (row.total, row.position) == (4, position(2))
    assert as_of.row(projections["standings"], ONE, stream_id=ONE, at=EPOCH).total == 1
    assert as_of.row(projections["standings"], ONE, stream_id=ONE, position=position(4)) is None
    assert as_of.row(projections["lines"], position(2), stream_id=ONE, position=position(2)).amount == 3


def test_rows_that_are_not_made_from_one_stream_are_not_looked_for_in_one() -> None:
    for name in ("grand", "asked"):
        with pytest.raises(ValueError, match="not made from one stream"):
            as_of.row(projections[name], 1, stream_id=ONE, position=1)


def test_what_is_not_known_yet_is_refused() -> None:
    with pytest.raises(as_of.NotYet, match="beyond the tidemark"):
        standings(position=position(4) + 1)
    with pytest.raises(as_of.NotYet):
        as_of.row(projections["standings"], ONE, stream_id=ONE, position=position(4) + 1)
    for when in ({}, {"position": 1, "at": EPOCH}):
        with pytest.raises(ValueError, match="give one of them"):
            standings(**when)


def test_as_of_a_time_read_models_agree_with_streams_where_times_run_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that read the clock early and committed late: the higher position has the earlier time."""
    late, early = EPOCH + timedelta(days=2), EPOCH + timedelta(days=1)
    for stream_id, moment in ((ONE, late), (TWO, early)):
        monkeypatch.setattr(Session, "_moment", lambda session, request, moment=moment: moment)
        execute(Count(stream_id, 1), str(moment), actor="ann")
    between = early + timedelta(hours=1)
    assert standings(at=between) == {TWO: 7}
    assert [log.load("tally", tally_id, at=between)[0].total for tally_id in (ONE, TWO)] == [0, 7]
    assert standings(position=as_of.position_at(between)) == {TWO: 6}  # nothing up to it is later
    assert as_of.position_at(late) == feed.tidemark()


def test_the_position_of_a_time_is_the_last_before_anything_later() -> None:
    assert as_of.position_at(EPOCH + timedelta(hours=2, minutes=30)) == position(2)
    assert as_of.position_at(EPOCH - timedelta(hours=1)) == position(0) - 1


def show(*arguments: str) -> str:
    out = StringIO()
    call_command("show_projection", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_shows_a_table_of_the_past() -> None:
    shown = show("lines", "--at-position", str(position(1)))
    assert [line.split() for line in shown.splitlines()] == [
        ["position", "tally_id", "amount"],
        [str(position(0)), str(ONE), "1"],
        [str(position(1)), str(TWO), "2"],
    ]
    assert len(show("lines", "--limit", "1").splitlines()) == 2
    assert Line.objects.count() == 0  # no runner has read anything yet


def test_the_command_shows_a_row_as_json_by_its_stream_or_without() -> None:
    arguments = ["standings", "--key", str(TWO), "--at-time", (EPOCH + timedelta(hours=2)).isoformat(), "--json"]
    row = {"tally_id": str(TWO), "total": 2, "position": position(1)}
    assert json.loads(show(*arguments)) == json.loads(show(*arguments, "--stream", str(TWO))) == [row]


def test_the_command_says_what_there_is_not() -> None:
    with pytest.raises(SystemExit) as end:
        show("standings", "--key", str(UUID(int=9)))
    assert end.value.code == 3
    for arguments in (["standings", "--at-position", "999999"], ["standings", "--stream", str(ONE)], ["nonsense"]):
        with pytest.raises(CommandError):
            show(*arguments)
    with pytest.raises(CommandError, match="--at-time"):
        show("standings", "--at-time", "2020-01-01")
