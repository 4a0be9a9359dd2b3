"""Deliveries: what is acknowledged is checkpointed, and nothing else; a stream that fails is parked."""

from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

from eventstore import feed
from eventstore.errors import ArgumentRefused, TargetUnavailable
from eventstore.execute import execute
from eventstore.log.identity import begin_epoch, identity
from eventstore.log.slots import slot_of
from eventstore.models import Checkpoint, Epoch, Event, Parked
from eventstore.projecting import wait_for
from eventstore.projecting.inspect.statuses import status
from eventstore.projecting.parking import parking
from eventstore.projecting.runner import batches, deliver
from eventstore.projecting.runner.deliver import deliver_batch, deliver_due
from eventstore.projecting.runner.runner import Runner
from eventstore.relay.envelope import Message
from eventstore.relay.rewind import rewind
from eventstore.relay.targets import Relay
from eventstore.testing import catch_up
from tests.eventstore.relay.fakes import Fake, relay_to
from tests.eventstore.sample import Count
from tests.torture.threads import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLY, OTHER = UUID(int=1), UUID(int=2)


def count(tally_id: UUID = TALLY, amount: int = 1) -> int:
    return execute(Count(tally_id, amount), uuid4(), actor="ann").position


def relayed(relay: Relay) -> None:
    Runner([relay.name]).catch_up()


def lowest() -> int:
    return min(Checkpoint.objects.filter(projection="relay-bus").values_list("position", flat=True))


def test_every_event_arrives_in_the_order_of_its_stream() -> None:
    relay = relay_to(fake := Fake())
    for number in range(12):
        count(UUID(int=1 + number % 3))
    relayed(relay)
    assert sorted(fake.positions) == list(Event.objects.order_by("position").values_list("position", flat=True))
    for number in range(3):
        assert fake.first_versions(UUID(int=1 + number)) == [1, 2, 3, 4]
    relayed(relay)
    assert len(fake.kept) == 12


def test_a_checkpoint_moves_only_behind_what_was_acknowledged() -> None:
    relay = relay_to(fake := Fake(away_after=5))
    end = [count(UUID(int=1 + number % 3)) for number in range(12)][-1]
    feed.advance()
    with pytest.raises(TargetUnavailable):
        relayed(relay)
    first_missing = min(set(Event.objects.values_list("position", flat=True)) - set(fake.positions))
    assert lowest() == first_missing - 1
    assert not Parked.objects.exists()
    assert not wait_for(end, "relay-bus", timeout=0)
    fake.away_after = None
    relayed(relay)
    assert set(fake.positions) == set(Event.objects.values_list("position", flat=True))
    assert fake.first_versions(TALLY) == [1, 2, 3, 4]
    assert wait_for(end, "relay-bus", timeout=0)


def test_what_was_acknowledged_before_a_crash_is_sent_again_and_nothing_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay = relay_to(fake := Fake())
    count(), count(), count(OTHER)
    with monkeypatch.context() as patched:
        patched.setattr(batches, "save_checkpoints", _crash)
        with pytest.raises(KeyboardInterrupt):
            relayed(relay)
    assert (len(fake.kept), lowest()) == (3, 0)
    relayed(relay)
    assert len(fake.kept) == 6
    assert fake.first_versions(TALLY) == [1, 2]


def _crash(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_event_that_is_not_taken_parks_its_stream_and_the_others_go_on() -> None:
    relay = relay_to(fake := Fake(refuses=lambda message: b'"amount":13' in message.body))
    bad = count(TALLY, 13)
    count(TALLY), count(OTHER)
    relayed(relay)
    assert [each["partitionkey"] for each in fake.envelopes] == [str(OTHER)]
    parked = Parked.objects.get()
    assert (parked.position, parked.error) == (bad, "DeliveryRefused: no, thank you")
    assert parked.retry_at is not None
    assert [(each.mode, each.parked, each.lag) for each in status() if each.name == "relay-bus"] == [("relay", 1, 0)]


def test_a_retry_by_a_person_is_made_by_the_relay() -> None:
    relay = relay_to(fake := Fake(refuses=lambda message: b'"amount":13' in message.body))
    count(TALLY, 13), count(TALLY)
    relayed(relay)
    Parked.objects.update(attempts=15)
    parking.retry(Parked.objects.get())
    deliver_due(relay)
    assert Parked.objects.get().retry_at is None  # the sixteenth attempt: from here on a person decides
    fake.refuses = lambda _: False
    assert parking.retry(Parked.objects.get())
    assert deliver_due(relay)
    assert not Parked.objects.exists()
    assert fake.first_versions(TALLY) == [1, 2]
    count(TALLY)
    relayed(relay)
    assert fake.first_versions(TALLY) == [1, 2, 3]


def test_a_skipped_event_is_not_sent_and_the_rest_of_its_stream_is() -> None:
    relay = relay_to(fake := Fake(refuses=lambda message: b'"amount":13' in message.body))
    bad = count(TALLY, 13)
    count(TALLY), count(TALLY)
    relayed(relay)
    parking.skip(Parked.objects.get(), actor="staff:ann", reason="The receiver can't count to thirteen.")
    assert deliver_due(relay)
    assert fake.first_versions(TALLY) == [2, 3]
    fake.refuses = lambda _: False
    rewind(relay, 0)
    relayed(relay)
    assert bad not in fake.positions
    assert not Parked.objects.exists()


def test_a_target_that_is_away_keeps_a_parked_stream_parked() -> None:
    relay = relay_to(fake := Fake(refuses=lambda message: b'"amount":13' in message.body))
    count(TALLY, 13), count(TALLY)
    relayed(relay)
    fake.refuses, fake.away_after = lambda _: False, 0
    parking.retry(Parked.objects.get())
    with pytest.raises(TargetUnavailable):
        deliver_due(relay)
    assert Parked.objects.get().attempts == 1
    fake.away_after = None
    assert deliver_due(relay)
    assert fake.first_versions(TALLY) == [1, 2]


def test_events_of_a_new_epoch_say_so() -> None:
    relay = relay_to(fake := Fake())
    count()
    relayed(relay)
    begin_epoch(Epoch.Cause.DECLARED, "a test")
    count()
    relayed(relay)
    assert [each["epoch"] for each in fake.envelopes] == [1, 2]
    assert len({each["source"] for each in fake.envelopes}) == 1


def test_a_batch_that_was_read_in_an_epoch_before_is_not_checkpointed(monkeypatch: pytest.MonkeyPatch) -> None:
    relay = relay_to(Fake())
    count()
    before = identity()
    monkeypatch.setattr(deliver, "identity", iter([before, before._replace(epoch=2)]).__next__)
    assert deliver_batch(relay, feed.advance().position, 64)
    assert lowest() == 0


def test_a_target_may_be_given_some_types_and_begin_at_the_present() -> None:
    count()
    relay = relay_to(fake := Fake(), types=["tally.reset"], start="now")
    count()
    relayed(relay)
    assert fake.kept == []
    assert lowest() == feed.tidemark()


def test_events_are_sent_again_on_request_and_never_left_out() -> None:
    relay = relay_to(fake := Fake())
    first, second = count(), count()
    relayed(relay)
    rewind(relay, first)
    relayed(relay)
    assert fake.positions == [first, second, second]
    with pytest.raises(ArgumentRefused, match="would be left out"):
        rewind(relay, second + 1_000)


def test_runners_of_projections_deliver_nothing() -> None:
    relay_to(fake := Fake())
    count()
    catch_up()
    call_command("run_projections", "--once", stdout=StringIO())
    assert fake.kept == []
    with pytest.raises(CommandError, match="relay-bus"):
        call_command("run_projections", "relay-bus", "--once")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_what_was_on_its_way_when_the_database_died_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    relay = relay_to(fake := Fake())
    for _ in range(6):
        count()
    mark = feed.advance().position
    with monkeypatch.context() as patched:
        patched.setattr(fake, "_take", _ending_the_session(fake))
        with pytest.raises(Error):
            deliver_batch(relay, mark, 64)
    connection.close()
    assert (len(fake.kept), lowest()) == (6, 0)
    relayed(relay)
    assert fake.first_versions(TALLY) == [1, 2, 3, 4, 5, 6]
    assert lowest() == mark


def _ending_the_session(fake: Fake) -> Callable[[Message], None]:
    """Take messages, and end the relay's session with the database with the first, as the death of its server does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()

    def take(message: Message) -> None:
        fake.kept.append(message)
        with psycopg.connect(**_parameters()) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])

    return take


def _parameters() -> dict[str, Any]:
    known = connection.get_connection_params()
    return {name: known[name] for name in ("dbname", "user", "password", "host", "port") if name in known}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_relays_share_the_streams_and_send_nothing_twice() -> None:
    relay = relay_to(fake := Fake(at_once=64))
    for number in range(40):
        count(UUID(int=1 + number % 20))
    mark = feed.advance().position
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            "SELECT 1 FROM eventstore_checkpoint WHERE projection_id = %s AND slot < 32 FOR UPDATE", [relay.name]
        )
        at_once([lambda: _until_there_is_nothing(relay, mark)])
        here = {slot_of(message.stream_id) for message in fake.kept}
        assert here
        assert min(here) >= 32
    relayed(relay)
    assert sorted(fake.positions) == list(Event.objects.order_by("position").values_list("position", flat=True))


def _until_there_is_nothing(relay: Relay, mark: int) -> None:
    while deliver_batch(relay, mark, 64):
        pass
