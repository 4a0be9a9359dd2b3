"""Kafka: keyed by the stream, and in order. There is no Kafka here, but the mock that librdkafka brings along."""

import json
from collections import defaultdict
from typing import Any
from uuid import UUID, uuid4

import pytest
from confluent_kafka import Consumer, Message

from eventstore.errors import TargetUnavailable
from eventstore.execute import execute
from eventstore.models import Event, Parked
from eventstore.projecting import installation
from eventstore.projecting.runner.runner import Runner
from eventstore.relay import declare, kafka, relays
from eventstore.relay.envelope import CONTENT_TYPE
from tests.eventstore.sample import Count, NotePerson

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("sample"),
    pytest.mark.once("brokers do not know where an event was read"),
]

MOCK = "kafka://unused:9092/events?test.mock.num.brokers=3&linger.ms=0"


def relayed() -> None:
    Runner(["relay-lake"]).catch_up()


def test_events_arrive_keyed_by_their_stream_and_in_its_order() -> None:
    declare({"lake": {"url": MOCK}})
    installation.install(using="default")
    for number in range(20):
        execute(Count(UUID(int=1 + number % 4), 1), uuid4(), actor="ann")
    relayed()
    found = consumed(20)
    ids = sorted(json.loads(each.value() or b"")["id"] for each in found)
    assert ids == sorted(str(event_id) for event_id in Event.objects.values_list("event_id", flat=True))
    partitions, versions = defaultdict[str, set[Any]](set), defaultdict[str, list[int]](list)
    for each in found:
        key, envelope = (each.key() or b"").decode(), json.loads(each.value() or b"")
        assert key == envelope["partitionkey"]
        assert ("content-type", CONTENT_TYPE.encode()) in (each.headers() or [])
        partitions[key].add(each.partition())
        versions[key].append(int(envelope["sequence"]))
    assert all(len(there) == 1 for there in partitions.values())
    assert list(versions.values()) == [[1, 2, 3, 4, 5]] * 4


def test_brokers_that_are_away_park_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "TIMEOUT_SECONDS", 1.0)
    declare({"lake": {"url": "kafka://127.0.0.1:1/events"}})
    installation.install(using="default")
    execute(Count(UUID(int=1), 1), uuid4(), actor="ann")
    with pytest.raises(TargetUnavailable):
        relayed()
    assert not Parked.objects.exists()


def test_a_message_that_is_too_large_parks_its_stream_and_no_other() -> None:
    declare({"lake": {"url": f"{MOCK}&message.max.bytes=1000", "personal": True}})
    installation.install(using="default")
    execute(NotePerson(UUID(int=7), "A" * 2_000), uuid4(), actor="ann")
    execute(Count(UUID(int=1), 1), uuid4(), actor="ann")
    relayed()
    assert "MSG_SIZE_TOO_LARGE" in Parked.objects.get().error
    assert [(each.key() or b"").decode() for each in consumed(1)] == [str(UUID(int=1))]


def consumed(number: int) -> list[Message]:
    """The messages in the mock of the relay's own producer."""
    producer = relays()["lake"].wire._producer  # type: ignore[attr-defined]
    servers = ",".join(f"{each.host}:{each.port}" for each in producer.list_topics(timeout=60).brokers.values())
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "t", "auto.offset.reset": "earliest"})
    consumer.subscribe(["events"])
    found: list[Message] = []
    while len(found) < number:
        message = consumer.poll(60)
        assert message is not None, "no message came within a minute"
        if not message.error():
            found.append(message)
    consumer.close()
    return found
