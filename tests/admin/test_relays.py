"""Deliveries in the admin: how far each target is behind, and what it did not take, to be retried or skipped."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.users.roles import Role
from eventstore.models import Checkpoint, Event, Parked
from eventstore.projecting.runner.deliver import deliver_due
from eventstore.projecting.runner.runner import Runner
from eventstore.relay import declare
from eventstore.relay.targets import Relay
from tests.admin.conftest import World
from tests.admin.pages import ADMIN, read
from tests.eventstore.relay.fakes import Fake, relay_to
from tests.factories import StaffFactory


@pytest.fixture
def fake() -> Fake:
    return Fake(refuses=lambda message: message.type == "account.money_deposited")


@pytest.fixture
def relay(world: World, fake: Fake) -> Iterator[Relay]:
    yield relay_to(fake)
    declare({})


@pytest.fixture
def parked(relay: Relay) -> Parked:
    Runner([relay.name]).catch_up()
    Parked.objects.update(retry_at=None, attempts=16)
    return Parked.objects.order_by("position")[0]


@pytest.fixture
def operator(db: None, client: Client) -> Client:
    client.force_login(StaffFactory.create(role=Role.OPERATOR))
    return client


def test_the_list_of_projections_tells_how_far_each_target_is_behind(operator: Client, relay: Relay) -> None:
    page = read(operator, "eventstore/projection/")
    assert "relay-bus" in page
    assert "delivery to another system" in page
    page = read(operator, "eventstore/projection/relay-bus/change/")
    assert str(Event.objects.count()) in page


def test_nobody_changes_a_delivery_there(operator: Client, relay: Relay) -> None:
    before = list(Checkpoint.objects.order_by("pk").values_list("pk", "position"))
    assert operator.post(f"{ADMIN}eventstore/projection/relay-bus/change/", {"version": "9"}).status_code == 403
    assert list(Checkpoint.objects.order_by("pk").values_list("pk", "position")) == before


def test_a_retry_is_made_by_the_relay_and_not_by_the_page(
    operator: Client, parked: Parked, fake: Fake, relay: Relay
) -> None:
    assert "no, thank you" in read(operator, f"eventstore/parked/{parked.pk}/change/")
    before, fake.refuses = len(fake.kept), lambda _: False
    assert not deliver_due(relay), "it waits for a person"
    operator.post(f"{ADMIN}eventstore/parked/retry/", {"parked": [parked.pk]})
    assert len(fake.kept) == before
    assert deliver_due(relay)
    assert parked.position in fake.positions
    assert not Parked.objects.filter(pk=parked.pk).exists()


def test_a_skip_names_who_did_it_and_lets_the_stream_go_on(
    operator: Client, parked: Parked, fake: Fake, relay: Relay
) -> None:
    answer = operator.post(
        f"{ADMIN}eventstore/parked/{parked.pk}/skip/", {"position": parked.position, "reason": "They closed it."}
    )
    assert answer.status_code == 302
    deliver_due(relay)
    assert parked.position not in fake.positions
    assert Event.objects.filter(type="projection.event_skipped").count() == 1
