"""Lists by time: found by bisection of positions, exact at the edges, without an index on the time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from accounts.domain.commands import RegisterCustomer
from eventstore.admin.filters import first_since
from eventstore.execute import execute
from eventstore.models import Command, Event
from tests.admin.pages import keys_on, read, statements

EVENTS = "eventstore/event/"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
COUNT = 20


@pytest.fixture
def hourly(db: None) -> list[int]:
    """The positions of events that were recorded hour by hour, from noon on."""
    return [imported(number) for number in range(COUNT)]


def imported(number: int, step: timedelta = timedelta(hours=1)) -> int:
    details = f"Person {number}", f"p{number}@example.org", "en", "UTC"
    command = RegisterCustomer(UUID(int=number + 1), *details)
    receipt = execute(command, str(number), actor="system", recorded_at=NOON + number * step)
    return receipt.position


def since(moment: datetime) -> list[int]:
    """The positions from the first that was recorded at a moment or later."""
    found = Event.objects.filter(position__gte=first_since(Event.objects.all(), moment))
    return list(found.order_by("position").values_list("position", flat=True))


def test_finds_the_first_since_a_moment(hourly: list[int]) -> None:
    for number in range(COUNT):
        moment = NOON + timedelta(hours=number)
        assert since(moment) == hourly[number:]
        assert since(moment + timedelta(microseconds=1)) == hourly[number + 1 :]


def test_all_of_it_may_be_later_or_earlier(hourly: list[int]) -> None:
    assert since(NOON - timedelta(days=1)) == hourly
    assert since(NOON + timedelta(days=9)) == []


def test_an_empty_log_has_nothing_since(db: None) -> None:
    assert first_since(Event.objects.all(), NOON) == 1


def test_looks_at_few_rows(hourly: list[int]) -> None:
    with statements() as found:
        first_since(Event.objects.all(), NOON + timedelta(hours=7))
    assert len(found) <= 2 + hourly[-1].bit_length()


@pytest.mark.parametrize("path", [EVENTS, "eventstore/command/", "projections/auditline/"])
def test_from_a_moment_on_and_before_another(staff: Client, hourly: list[int], path: str) -> None:
    found = keys_on(staff, path, since="2026-01-01T15:00", until="2026-01-01T18:00:00")
    recorded = Command.objects if path != EVENTS else Event.objects
    times = [row.recorded_at.hour for row in recorded.filter(pk__in=found).order_by("-pk")]
    assert times == [17, 16, 15]


def test_is_exact_to_the_second(staff: Client, db: None) -> None:
    positions = [imported(number, timedelta(seconds=1)) for number in range(5)]
    found = keys_on(staff, EVENTS, since="2026-01-01T12:00:01", until="2026-01-01T12:00:03")
    assert found == [positions[2], positions[1]]


def test_goes_with_other_filters_and_says_what_it_shows(staff: Client, hourly: list[int]) -> None:
    assert keys_on(staff, EVENTS, category="account", since="2026-01-01") == []
    assert len(keys_on(staff, EVENTS, category="customer", since="2026-01-02")) == COUNT - 12
    assert "Show all again" in read(staff, EVENTS, since="2026-01-02")


def test_takes_another_time_zone_by_its_offset(staff: Client, hourly: list[int]) -> None:
    assert keys_on(staff, EVENTS, since="2026-01-02T08:00:00+01:00") == hourly[:-2:-1]


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "9" * 30, "0001-01-01", "9999-12-31T23:59"])
def test_what_is_no_time_leads_to_the_whole_list(staff: Client, hourly: list[int], text: str) -> None:
    assert staff.get(f"/admin/{EVENTS}", {"since": text}).headers["Location"].endswith("?e=1")
