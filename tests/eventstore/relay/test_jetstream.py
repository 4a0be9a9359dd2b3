"""NATS JetStream: each event is in the stream once, in order, whoever is killed meanwhile."""

import os
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from eventstore import feed
from eventstore.errors import TargetUnavailable
from eventstore.execute import execute
from eventstore.models import Event, Parked
from eventstore.projecting import installation, wait_for
from eventstore.projecting.runner.runner import Runner
from eventstore.relay import declare, relays
from eventstore.relay.rewind import rewind
from tests.eventstore.relay.brokers import Broker, nats_server
from tests.eventstore.sample import Count
from tests.torture.kills import processes, start, wait_until

PROGRAM = "tests.eventstore.relay.program"
DEADLINE_SECONDS = 120


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with nats_server(tmp_path_factory.mktemp("nats")) as running:
        yield running


@pytest.fixture
def stream() -> str:
    """A stream of the test's own."""
    return f"T{uuid4().hex}"


@pytest.fixture
def bus(sample: None, broker: Broker, stream: str) -> None:
    declare({"bus": {"url": broker.url(stream)}})
    installation.install(using="default")


def count(number: int) -> None:
    execute(Count(UUID(int=1 + number % 4), 1), uuid4(), actor="ann")


def relayed() -> None:
    Runner(["relay-bus"]).catch_up()


def each_is_there_once_and_in_order(broker: Broker, stream: str) -> None:
    there = [envelope for _, envelope in broker.messages(stream)]
    ids = [envelope["id"] for envelope in there]
    assert sorted(ids) == sorted(str(event_id) for event_id in Event.objects.values_list("event_id", flat=True))
    versions = defaultdict[str, list[int]](list)
    for envelope in there:
        versions[envelope["partitionkey"]].append(int(envelope["sequence"]))
    assert all(found == sorted(found) for found in versions.values())


@pytest.mark.django_db
@pytest.mark.usefixtures("bus")
@pytest.mark.once("the server does not know where an event was read")
def test_events_arrive_under_a_subject_of_their_type_and_the_server_drops_repeats(broker: Broker, stream: str) -> None:
    for number in range(10):
        count(number)
    relayed()
    each_is_there_once_and_in_order(broker, stream)
    assert {subject for subject, _ in broker.messages(stream)} == {f"{stream.lower()}.tally.tally.counted"}
    rewind(relays()["bus"], 0)
    relayed()
    each_is_there_once_and_in_order(broker, stream)


@pytest.mark.django_db
@pytest.mark.usefixtures("bus")
@pytest.mark.once("the server does not know where an event was read")
def test_events_wait_for_a_server_that_was_killed(broker: Broker, stream: str) -> None:
    for number in range(6):
        count(number)
    relayed()
    broker.kill()
    for number in range(6):
        count(number)
    with pytest.raises(TargetUnavailable):
        relayed()
    assert not Parked.objects.exists()
    broker.start()
    relayed()
    each_is_there_once_and_in_order(broker, stream)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("bus")
def test_a_relay_that_is_killed_half_way_leaves_nothing_out(
    broker: Broker, stream: str, program_environment: dict[str, str]
) -> None:
    for number in range(60):
        count(number)
    end = feed.advance().position
    environment = {**program_environment, "BUS": broker.url(stream), "DJANGO_SETTINGS_MODULE": _settings()}
    with processes(PROGRAM, 1, environment) as running:
        wait_until(lambda: bool(broker.messages(stream)), running)
        victim = running.pop()
        victim.kill()
        victim.wait()
        broker.kill()  # and the server besides: what it acknowledged, it has
        broker.start()
        running.append(start(PROGRAM, environment))
        assert wait_for(end, "relay-bus", timeout=DEADLINE_SECONDS)
    each_is_there_once_and_in_order(broker, stream)


def _settings() -> str:
    return os.environ["DJANGO_SETTINGS_MODULE"]
