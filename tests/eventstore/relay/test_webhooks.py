"""Webhooks: signed, retried, parked; a receiver that hangs, fails or redirects gets no other event wrong."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured

from eventstore.errors import TargetUnavailable
from eventstore.execute import execute
from eventstore.integrity import others
from eventstore.models import Parked
from eventstore.projecting import installation
from eventstore.projecting.parking import parking
from eventstore.projecting.runner.deliver import deliver_due
from eventstore.projecting.runner.runner import Runner
from eventstore.relay import declare, relays
from eventstore.relay.targets import Relay
from tests.eventstore.relay.receivers import SECRET, Receiver, receiving
from tests.eventstore.sample import Count

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("sample"),
    pytest.mark.once("what a receiver answers does not depend on the database"),
]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def relay(receiver: Receiver) -> Relay:
    declare({"partner": {"url": receiver.url, "secret": SECRET}})
    installation.install(using="default")
    return relays()["partner"]


def count(tally: int = 1) -> int:
    return execute(Count(UUID(int=tally), 1), uuid4(), actor="ann").position


def relayed() -> None:
    Runner(["relay-partner"]).catch_up()


def retried(relay: Relay) -> bool:
    parking.retry(Parked.objects.get())
    return deliver_due(relay)


def test_events_arrive_signed_and_in_order(receiver: Receiver, relay: Relay) -> None:
    positions = [count(), count(2), count()]
    relayed()
    assert receiver.positions == positions


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500])
def test_an_event_that_is_not_taken_is_tried_again_and_nobody_is_asked_elsewhere(
    receiver: Receiver, relay: Relay, status: int
) -> None:
    receiver.answer = lambda before: status if before < 3 else 200
    first, second = count(), count()
    relayed()
    assert Parked.objects.get().error == f"DeliveryRefused: The receiver answers {status}."
    assert [retried(relay), retried(relay), retried(relay)] == [False, False, True]
    assert receiver.positions == [first, second]
    assert not Parked.objects.exists()


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_with_too_much_to_do_parks_nothing(receiver: Receiver, relay: Relay, status: int) -> None:
    receiver.answer = lambda before: status if before == 1 else 200
    positions = [count(), count(2)]
    with pytest.raises(TargetUnavailable):
        relayed()
    assert not Parked.objects.exists()
    relayed()
    assert receiver.positions == positions


@pytest.mark.usefixtures("sample")
def test_a_receiver_that_hangs_parks_the_event_after_a_time(
    receiver: Receiver, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(others, "SOCKET_SECONDS", 0.5)
    receiver.answer = lambda before: 0 if before == 0 else 200
    count()
    other = count(2)
    relayed()
    assert "did not answer in time" in Parked.objects.get().error
    assert receiver.positions == [other]


def test_a_receiver_that_is_not_there_parks_nothing(relay: Relay) -> None:
    with receiving() as gone:
        pass
    declare({"partner": {"url": gone.url, "secret": SECRET}})
    count()
    with pytest.raises(TargetUnavailable):
        relayed()
    assert not Parked.objects.exists()


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"url": "https://partner.example/hook"}, "needs a secret"),
        ({"url": "https://partner.example/hook", "secret": "whsec_c2hvcnQ="}, "needs a secret"),
        ({"url": "http://partner.example/hook", "secret": SECRET}, "give it https://"),
        ({"url": "ftp://partner.example/hook", "secret": SECRET}, "needs an address"),
        ({"url": "nats://127.0.0.1:4222"}, "lacks the stream"),
        ({"url": "nats://127.0.0.1:4222/S", "start": "noon"}, "beginning or now"),
        ({"url": "nats://127.0.0.1:4222/S", "password": "x"}, "no option"),
    ],
)
def test_what_can_not_be_meant_is_refused_when_the_program_starts(options: dict[str, str], fault: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=fault):
        declare({"partner": options})
