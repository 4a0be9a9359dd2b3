"""Runners say that they are alive; the oldest watches closely, and the others know with how many they share."""

from datetime import timedelta

import pytest
from django.utils import timezone

from eventstore.models import Runner
from eventstore.projecting.runner import heartbeat
from eventstore.projecting.runner.heartbeat import Heartbeat

pytestmark = pytest.mark.django_db


def silent_for(seconds: float, name: str) -> None:
    moment = timezone.now() - timedelta(seconds=seconds)
    Runner.objects.filter(name=name).update(seen_at=moment)


@pytest.fixture
def elder() -> Heartbeat:
    return started("elder")


def started(name: str) -> Heartbeat:
    beating = Heartbeat(["lines"])
    beating._name = name
    assert beating.beat()
    return beating


def test_a_runner_that_begins_is_known_with_what_it_serves() -> None:
    Heartbeat(["lines", "grand"]).beat()
    row = Runner.objects.get()
    assert row.projections == ["lines", "grand"]
    assert abs(timezone.now() - row.started_at) < timedelta(minutes=1)


def test_it_says_so_again_when_it_is_time(elder: Heartbeat) -> None:
    silent_for(60, "elder")
    assert not elder.beat()
    elder._due = 0
    assert elder.beat()
    assert timezone.now() - Runner.objects.get().seen_at < timedelta(seconds=30)


def test_the_oldest_that_lives_is_the_one_that_watches(elder: Heartbeat) -> None:
    younger = started("younger")
    assert (elder.is_oldest, younger.is_oldest) == (True, False)
    assert younger.alive == 2
    silent_for(60, "elder")
    younger._due = 0
    younger.beat()
    assert younger.is_oldest
    assert younger.alive == 1


def test_who_ends_leaves_no_row(elder: Heartbeat) -> None:
    elder.end()
    assert not Runner.objects.exists()


def test_who_was_swept_away_by_mistake_is_there_again(elder: Heartbeat) -> None:
    Runner.objects.all().delete()
    elder._due = 0
    elder.beat()
    assert Runner.objects.get().name == "elder"


def test_rows_of_the_day_before_yesterday_are_swept(elder: Heartbeat) -> None:
    silent_for(heartbeat.REMOVED_AFTER.total_seconds() + 60, "elder")
    started("younger")
    assert Runner.objects.get().name == "younger"
