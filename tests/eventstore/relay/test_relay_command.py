"""`manage.py relay`: what it prints, and how it ends."""

import json
import logging
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from eventstore import feed, service
from eventstore.checks.watch.problem import Limits
from eventstore.checks.watch.runners import absence
from eventstore.execute import execute
from eventstore.models import Parked, Runner
from eventstore.projecting.runner.runner import Runner as RelayRunner
from eventstore.relay import declare, targets
from tests.eventstore.relay.fakes import ADDRESS, Fake, relay_to
from tests.eventstore.sample import Count

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("sample"),
    pytest.mark.once("what is printed comes from what other tests look at"),
]


def count(amount: int = 1) -> int:
    return execute(Count(UUID(int=1), amount), uuid4(), actor="ann").position


def relay(*arguments: str) -> str:
    out = StringIO()
    call_command("relay", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_once_delivers_and_ends_with_0() -> None:
    relay_to(fake := Fake())
    count()
    assert relay("--once") == ""
    assert len(fake.kept) == fake.closed == 1
    assert "nats://127.0.0.1:1/NOWHERE" in relay("--status")


def test_once_ends_with_3_if_something_is_parked_and_says_what() -> None:
    relay_to(Fake(refuses=lambda _: True))
    count()
    with pytest.raises(SystemExit) as ended:
        relay("--once")
    assert ended.value.code == 3
    Parked.objects.update(retry_at=None)
    with pytest.raises(SystemExit) as ended:
        relay("--status")
    assert ended.value.code == 3


def test_once_ends_with_1_if_a_target_is_away() -> None:
    relay_to(Fake(away_after=0))
    count()
    with pytest.raises(CommandError, match="Not all is delivered to bus"):
        relay("--once")


def test_status_as_json_tells_no_secrets() -> None:
    end = count()
    relay_to(Fake(), url="nats://user:password@127.0.0.1:1/NOWHERE?x=token", secret="hidden")
    (found,) = json.loads(relay("--status", "--json"))["targets"]
    assert (found["target"], found["address"], found["personal"]) == ("bus", ADDRESS, False)
    assert (found["position"], found["lag"], found["parked"], found["state"]) == (0, 1, 0, "live")
    assert end
    assert not {"password", "token", "hidden"} & set(json.dumps(found).replace('"', " ").split())


def test_from_sends_again() -> None:
    relay_to(fake := Fake())
    count()
    relay("--once")
    assert "again" in relay("--target", "bus", "--from", "0")
    relay("--once")
    assert len(fake.kept) == 2
    with pytest.raises(CommandError, match="--target NAME"):
        relay("--from", "0")
    with pytest.raises(CommandError, match="would be left out"):
        relay("--target", "bus", "--from", "1000000")


def test_an_unknown_target_is_named_beside_those_that_there_are() -> None:
    with pytest.raises(CommandError, match="RELAY_TARGETS names none"):
        relay("--target", "bus")
    relay_to(Fake())
    with pytest.raises(CommandError, match="There are: bus"):
        relay("--target", "buss")


def test_what_can_not_work_here_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    relay_to(Fake(), types=["tally.counted", "tally.forgotten"])
    with pytest.raises(CommandError, match="which there is not"):
        relay("--once")
    relay_to(Fake())
    monkeypatch.setattr(targets, "find_spec", lambda _: None)
    with pytest.raises(CommandError, match="needs the package nats-py"):
        relay("--once")


def test_without_targets_it_waits_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.Stop, "wait", lambda *_: True)
    assert "RELAY_TARGETS names no target" in relay()
    assert relay("--once") == ""


def test_the_watcher_tells_that_no_relay_runs() -> None:
    relay_to(Fake())
    told = {problem.subject: problem for problem in absence(Limits())}
    assert told["relay"].advice == "Start a runner: manage.py relay"
    assert told["relay"].details == {"projections": ["relay-bus"]}
    now = timezone.now()
    Runner.objects.create(runner_id=uuid4(), name="a:1", projections=["relay-bus"], started_at=now, seen_at=now)
    assert "relay" not in {problem.subject for problem in absence(Limits())}


def test_a_target_that_is_away_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    served = relay_to(Fake(away_after=0))
    count()
    runner = RelayRunner([served.name])
    with caplog.at_level(logging.WARNING, "eventstore.projecting.runner.runner"):
        assert not runner._read_batches(feed.advance(), 1)
    (record,) = caplog.records
    assert record.getMessage() == "relay-bus waits, as its target is away: away"
    assert record.exc_info is None
    declare({})
