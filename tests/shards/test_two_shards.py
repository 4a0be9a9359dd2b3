"""Two shards: money that goes from one to the other is never made nor lost, and a reader of both has right books."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.db.models import Sum
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.domain.commands import (
    CloseAccount,
    Deposit,
    OpenAccount,
    RegisterCustomer,
    SetOverdraftLimit,
)
from eventstore import feed
from eventstore.execute import BatchRefused, execute
from eventstore.log import Recorded
from eventstore.models import Event
from eventstore.projecting import projections
from eventstore.testing.flush import allow_flush
from projections.models import Account, JournalLeg
from tests.shards import transfers
from tests.shards.transfers import Order, Router, Shard

ALIASES = ("shard0", "shard1")
STRIDE = 64
MONEY = 1_000
LIMIT = 10_000  # what a shard may owe to the others

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True, databases=["default", *ALIASES])]


class Killed(BaseException):
    """The process has ended."""


@pytest.fixture(scope="module", autouse=True)
def databases(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database for each shard, copied from the empty one of the tests."""
    name = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()  # nobody may be connected to what is copied
        with connection._nodb_cursor() as cursor:
            for alias in ALIASES:
                cursor.execute(f'CREATE DATABASE "{name}_{alias}" TEMPLATE "{name}"')
        for alias in ALIASES:
            connections.settings[alias] = {**connection.settings_dict, "NAME": f"{name}_{alias}"}
        allow_flush(*ALIASES)
    yield
    with django_db_blocker.unblock():
        for alias in ALIASES:
            connections[alias].close()
            del connections[alias], connections.settings[alias]
        with connection._nodb_cursor() as cursor:
            for alias in ALIASES:
                cursor.execute(f'DROP DATABASE "{name}_{alias}"')


@pytest.fixture
def shards() -> Iterator[dict[str, Shard]]:
    """The shards, each with its house; positions and numbers of each are strided, from another start."""
    with override_settings(DATABASE_ROUTERS=[Router()]):
        for number, alias in enumerate(ALIASES):
            with connections[alias].cursor() as cursor:
                for sequence in ("eventstore_event_position_seq", "eventstore_command_number_seq"):
                    cursor.execute(f"ALTER SEQUENCE {sequence} INCREMENT BY {STRIDE} RESTART WITH {STRIDE + number}")
        made = {alias: Shard(alias, uuid4(), uuid4()) for alias in ALIASES}
        for shard in made.values():
            with shard.open():
                register(shard.house, shard.transit)
                do(SetOverdraftLimit(shard.transit, LIMIT))
        yield made


@pytest.fixture
def sender(shards: dict[str, Shard]) -> tuple[UUID, UUID]:
    """A customer of the first shard, and their account."""
    return customer(shards["shard0"], MONEY)


@pytest.fixture
def recipient(shards: dict[str, Shard]) -> tuple[UUID, UUID]:
    """A customer of the second shard, and their account."""
    return customer(shards["shard1"], 0)


def customer(shard: Shard, money: int) -> tuple[UUID, UUID]:
    owner, account = uuid4(), uuid4()
    with shard.open():
        register(owner, account)
        if money:
            do(Deposit(account, owner, uuid4(), money, timezone.now()))
    return owner, account


def register(owner: UUID, account: UUID) -> None:
    do(RegisterCustomer(owner, "Ada", f"{owner}@example.org", "en", "UTC"))
    do(OpenAccount(account, owner, "EUR", timezone.now()))


def do(command: Any) -> None:
    receipt = execute(command, uuid4(), actor="ann")
    assert receipt.accepted, receipt.refusal


def order(sender: tuple[UUID, UUID], recipient: tuple[UUID, UUID], amount: int = 300) -> Order:
    return Order(uuid4(), amount, "shard1", sender[1], recipient[1])


def balance(shard: Shard, account: UUID) -> int:
    return Account.objects.using(shard.alias).get(account_id=account).balance


def sums(shards: dict[str, Shard]) -> tuple[int, int]:
    """What all accounts of all shards hold, and what customers can spend of it."""
    total = spendable = 0
    for shard in shards.values():
        own = Account.objects.using(shard.alias)
        total += own.aggregate(sum=Sum("balance"))["sum"]
        for account in own.exclude(account_id=shard.transit):
            spendable += account.balance - account.held
    return total, spendable


def must_be_done(
    shards: dict[str, Shard], sender: tuple[UUID, UUID], recipient: tuple[UUID, UUID], amount: int
) -> None:
    assert sums(shards) == (MONEY, MONEY)
    assert [balance(shard, shard.transit) for shard in shards.values()] == [0, 0]
    assert balance(shards["shard0"], sender[1]) == MONEY - amount
    assert balance(shards["shard1"], recipient[1]) == amount


@pytest.mark.parametrize("last", ["hold", "credit", "capture", "settle"])
def test_killed_after_any_step_it_goes_on_and_no_money_is_made_in_between(
    shards: dict[str, Shard], sender: tuple[UUID, UUID], recipient: tuple[UUID, UUID], last: str
) -> None:
    def reached(step: str) -> None:
        total, spendable = sums(shards)
        assert total <= MONEY
        assert spendable <= MONEY
        if step == last:
            raise Killed

    ordered, source = order(sender, recipient), shards["shard0"]
    transfers.hold(source, ordered, sender[0])
    assert sums(shards) == (MONEY, MONEY - ordered.amount)
    if last != "hold":
        with pytest.raises(Killed):
            transfers.go_on(source, shards, reached)
    for _ in range(2):
        transfers.hold(source, ordered, sender[0])  # whoever did not get the answer asks again
        transfers.go_on(source, shards, lambda step: None)
        must_be_done(shards, sender, recipient, ordered.amount)


def test_any_number_may_go_on_at_once(
    shards: dict[str, Shard], sender: tuple[UUID, UUID], recipient: tuple[UUID, UUID]
) -> None:
    for _ in range(5):
        transfers.hold(shards["shard0"], order(sender, recipient, 10), sender[0])

    def work(_: int) -> None:
        try:
            transfers.go_on(shards["shard0"], shards)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    must_be_done(shards, sender, recipient, 50)


def test_what_the_target_refuses_goes_back(
    shards: dict[str, Shard], sender: tuple[UUID, UUID], recipient: tuple[UUID, UUID]
) -> None:
    with shards["shard1"].open():
        do(CloseAccount(recipient[1], recipient[0], uuid4(), uuid4(), uuid4(), timezone.now()))
    transfers.hold(shards["shard0"], order(sender, recipient), sender[0])
    for _ in range(2):
        transfers.go_on(shards["shard0"], shards)
        must_be_done(shards, sender, recipient, 0)


def test_what_the_sender_does_not_have_is_refused_at_once(
    shards: dict[str, Shard], sender: tuple[UUID, UUID], recipient: tuple[UUID, UUID]
) -> None:
    with pytest.raises(BatchRefused) as refused:
        transfers.hold(shards["shard0"], order(sender, recipient, MONEY + 1), sender[0])
    assert refused.value.refusal.code == "INSUFFICIENT_FUNDS"
    assert sums(shards) == (MONEY, MONEY)


def test_a_shard_owes_no_more_than_its_limit(shards: dict[str, Shard], recipient: tuple[UUID, UUID]) -> None:
    rich = customer(shards["shard0"], 2 * LIMIT)
    transfers.hold(shards["shard0"], order(rich, recipient, LIMIT + 1), rich[0])
    transfers.go_on(shards["shard0"], shards)
    assert balance(shards["shard0"], rich[1]) == 2 * LIMIT
    assert balance(shards["shard1"], recipient[1]) == 0


def test_one_set_of_read_models_over_both_logs_has_the_right_books(
    shards: dict[str, Shard], sender: tuple[UUID, UUID], recipient: tuple[UUID, UUID]
) -> None:
    mark = dict.fromkeys(ALIASES, 0)  # how far each log was read: a vector
    source, ordered = shards["shard0"], order(sender, recipient)
    transfers.hold(source, ordered, sender[0])
    read(shards, mark)
    transfers.go_on(source, shards)
    read(shards, mark)
    events = [event for alias in ALIASES for event in Event.objects.using(alias).values_list("position", flat=True)]
    assert len(set(events)) == len(events), "no position is in two logs"
    assert {position % STRIDE for position in events} == {0, 1}
    for shard in shards.values():
        for account in Account.objects.using(shard.alias):
            assert Account.objects.using("default").get(pk=account.pk).balance == account.balance
    legs = JournalLeg.objects.using("default")
    assert legs.aggregate(sum=Sum("amount"))["sum"] == 0
    outside = legs.filter(account="cash:EUR").aggregate(sum=Sum("amount"))["sum"]
    assert outside == -MONEY, "what left one shard has arrived in the other"


def read(shards: dict[str, Shard], mark: dict[str, int]) -> None:
    """Bring the read models in the database `default` up to the marks of all logs; each stream is in one of them."""
    news = list[Recorded[Any]]()
    for shard in shards.values():
        with shard.open():
            to = feed.advance(timeout=60).position
            news += feed.between(mark[shard.alias], to)
            mark[shard.alias] = to
    news.sort(key=lambda each: each.position)
    assert all(one.position < other.position for one, other in pairwise(news))
    for name in ("accounts", "journal_legs"):
        projection = projections[name]
        projection.advance([each for each in news if projection.types is None or each.type in projection.types])
