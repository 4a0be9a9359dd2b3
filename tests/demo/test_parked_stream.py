"""The stream that a demo world leaves parked."""

from unittest.mock import Mock

import pytest
from django.core.management import CommandError

from demo.parked_stream import park_one_stream
from demo.world import World
from eventstore.checks.watch import Code, problems
from eventstore.models import Parked
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect.drift import check
from eventstore.projecting.parking import parking
from eventstore.projecting.runner.heartbeat import Heartbeat
from eventstore.projecting.runner.runner import Runner, delayed_subscribers
from tests.demo.worlds import make

PARK = "demo.management.commands.demo_data.park_one_stream"


@pytest.mark.django_db
def test_one_stream_is_parked_until_somebody_tries_again() -> None:
    assert "Parked, for you to try again: 1" in make()
    parked = Parked.objects.get()
    assert parked.retry_at is None
    assert "IntegrityError" in parked.error
    assert not any(drift.found for drift in check(list(projections.values())))
    assert parking.retry(parked)
    assert "Parked" not in make()
    assert not any(drift.found for drift in check(list(projections.values())))


@pytest.mark.django_db
def test_what_is_parked_is_no_standstill() -> None:
    make()
    Heartbeat([served.name for served in delayed_subscribers()]).beat()
    assert [problem.code for problem in problems()] == [Code.PARKED]
    assert not any(problem.is_standstill for problem in problems())


@pytest.mark.django_db
def test_what_others_have_read_is_not_parked(monkeypatch: pytest.MonkeyPatch) -> None:
    def beaten(world: World) -> None:
        Runner().catch_up()
        park_one_stream(world)

    monkeypatch.setattr(PARK, beaten)
    make()
    assert not Parked.objects.exists()


@pytest.mark.django_db
def test_it_is_parked_later_if_there_was_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(PARK, Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(CommandError):
            make()
    assert "Parked, for you to try again: 1" in make()
