"""Times that the engine takes in: with a zone, and in years that every time zone has."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from eventstore.errors import PayloadRefused
from eventstore.execute import execute
from eventstore.messages import is_moment, parse_moment
from eventstore.models import Command
from tests.eventstore.sample import Count

EAST, WEST = timezone(timedelta(hours=23, minutes=59)), timezone(-timedelta(hours=23, minutes=59))
TAKEN = [
    datetime(2, 1, 1, tzinfo=UTC),
    datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(9998, 12, 31, 23, 59, 59, tzinfo=EAST),
    datetime(9999, 1, 1, tzinfo=EAST),
    datetime(1, 12, 31, 23, 59, tzinfo=WEST),
    datetime(2026, 6, 30, 12, tzinfo=UTC),
]
REFUSED = [
    datetime.max.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=WEST),
    datetime.min.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=EAST),
    datetime(9999, 1, 1, tzinfo=UTC),
    datetime(1, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 6, 30, 12),  # noqa: DTZ001 - it has no zone
]


@pytest.mark.parametrize("moment", TAKEN)
def test_these_are_taken(moment: datetime) -> None:
    assert is_moment(moment)
    assert parse_moment(moment.isoformat()) == moment


@pytest.mark.parametrize("moment", REFUSED)
def test_these_are_not(moment: datetime) -> None:
    assert not is_moment(moment)
    assert parse_moment(moment.isoformat()) is None


@pytest.mark.parametrize(
    "text", ["", "x", "2026", "2026-06-30T23:59:60Z", "2026-06-30T12:00:00+24:00", "0000-01-01T00:00Z"]
)
def test_nor_is_what_is_no_time(text: str) -> None:
    assert parse_moment(text) is None


@pytest.mark.django_db
@pytest.mark.parametrize("moment", [moment for moment in REFUSED if moment.tzinfo])
def test_no_history_is_imported_with_them(moment: datetime) -> None:
    for option in ("recorded_at", "effective_at"):
        with pytest.raises(PayloadRefused, match="years 2 to 9998"):
            execute(Count(UUID(int=1), 1), "far", actor="ann", **{option: moment})  # type: ignore[arg-type]
    assert not Command.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("moment", REFUSED)
def test_nor_are_they_options_of_commands(moment: datetime) -> None:
    with pytest.raises(CommandError, match="no time"):
        call_command("run_due", "--now", moment.isoformat())
    with pytest.raises(CommandError, match="--at-time"):
        call_command("show_projection", "totals", "--key", "1", "--at-time", moment.isoformat())
