"""A transaction that holds one account's head, and does not end, stops nobody but who asks for that account."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.users.models import User
from eventstore.backends import patience
from eventstore.checks.watch import Code, Limits, problems
from eventstore.models import Command
from projections.models import Account
from tests.factories import AccountFactory, CustomerFactory
from tests.pages.browser import command_id_of, errors_of
from tests.torture.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

CROWD = 13
PATIENCE_SECONDS = 0.4


@pytest.fixture(autouse=True)
def little_patience(settings: Settings) -> None:
    settings.EVENTSTORE_LOCK_TIMEOUT = PATIENCE_SECONDS


@pytest.fixture
def ada() -> User:
    return CustomerFactory.create()


@pytest.fixture
def account(ada: User) -> Account:
    return AccountFactory.create(owner=ada, balance=10_000)


@pytest.fixture
def bob() -> User:
    return CustomerFactory.create()


@pytest.fixture
def other(bob: User) -> Account:
    """Of another customer: whoever waits for an account has its owner's head locked already."""
    return AccountFactory.create(owner=bob, balance=10_000)


@pytest.fixture
def holder(account: Account, other: Account) -> Iterator[psycopg.Connection]:
    """A program that has locked the account's head, and forgets to end its transaction."""
    given = connection.get_connection_params()
    wanted: dict[str, Any] = {name: given[name] for name in ("host", "port", "user", "dbname") if name in given}
    with psycopg.connect(**wanted, application_name="forgetful") as holder:
        holder.execute("SELECT FROM eventstore_stream WHERE stream_id = %s FOR UPDATE", [account.account_id])
        yield holder
        holder.rollback()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def deposit(user: User, account: Account, key: str) -> Any:
    return signed_in(user).post(
        f"/api/v1/accounts/{account.account_id}/deposits",
        json.dumps({"amount": "1.00"}),
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


def test_the_caller_is_told_to_come_again_and_the_key_is_not_spent(
    ada: User, account: Account, holder: psycopg.Connection
) -> None:
    before = Command.objects.count()
    answer = deposit(ada, account, "one")
    assert (answer.status_code, answer.json()["code"]) == (503, "RETRY_LATER")
    assert answer["Retry-After"] == "1"
    assert Command.objects.count() == before
    holder.rollback()
    assert deposit(ada, account, "one").status_code == 201


def test_so_is_the_visitor_whose_form_comes_back_with_its_input_and_its_id(
    ada: User, account: Account, holder: psycopg.Connection
) -> None:
    client, page = signed_in(ada), f"/accounts/{account.account_id}/deposit"
    fields = {"command_id": command_id_of(client.get(page)), "amount": "5", "reference": "for the rent"}
    answer = client.post(page, fields)
    assert list(errors_of(answer, status=503)) == ["__all__"]
    assert answer["Retry-After"] == "1"
    assert command_id_of(answer) == fields["command_id"]
    assert answer.context["form"]["reference"].value() == "for the rent"
    holder.rollback()
    assert client.post(page, fields).status_code == 302


def test_a_crowd_before_the_locked_account_does_not_keep_others_waiting(
    ada: User, account: Account, other: Account, holder: psycopg.Connection, settings: Settings
) -> None:
    settings.EVENTSTORE_LOCK_TIMEOUT = patience.REQUEST_SECONDS
    bob = User.objects.get(customer_id=other.customer_id)
    crowd = [partial(deposit, ada, account, str(number)) for number in range(CROWD)]
    *crowded, passing = at_once([*crowd, partial(deposit, bob, other, "passing")])
    assert {answer.status_code for answer in crowded} == {503}
    assert passing.status_code == 201


def test_who_had_a_share_of_the_time_does_not_queue_again(
    ada: User, account: Account, holder: psycopg.Connection, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EVENTSTORE_LOCK_TIMEOUT = 14  # shared with so many that it would last for several attempts
    caplog.set_level("INFO", "eventstore.backends.retries")
    before = [patience.queueing([account.account_id]) for _ in range(CROWD)]
    with ExitStack() as stack:
        for other in before:
            stack.enter_context(other)
        assert deposit(ada, account, "late").status_code == 503
    assert "Transaction refused" not in caplog.text


def test_who_comes_late_to_a_queue_waits_for_less() -> None:
    stream = uuid4()
    with (
        patience.queueing([stream]) as first,
        patience.queueing([stream]) as second,
        patience.queueing([stream, uuid4()]) as third,
        patience.queueing([uuid4()]) as elsewhere,
    ):
        assert (first, second, third, elsewhere) == (30, 15, 10, 30)
    assert not patience._waiting


def test_waiting_is_not_repeated_with_each_attempt(
    ada: User, account: Account, holder: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.backends.retries.random.uniform", lambda *_: pytest.fail("It was tried again."))
    assert deposit(ada, account, "one").status_code == 503


def test_who_reads_does_not_wait_for_a_mark_that_somebody_holds(ada: User, account: Account, other: Account) -> None:
    given = connection.get_connection_params()
    with psycopg.connect(host=given["host"], user=given["user"], dbname=given["dbname"]) as holder:
        holder.execute("SELECT FROM eventstore_tidemark FOR UPDATE")
        assert signed_in(ada).get("/api/v1/accounts").status_code == 200
        holder.execute("LOCK TABLE eventstore_tidemark")
        answer = signed_in(ada).get("/api/v1/accounts")
        assert (answer.status_code, answer.json()["code"]) == (503, "RETRY_LATER")
        holder.rollback()


def test_the_watcher_names_who_blocks_and_which_stream(
    ada: User, account: Account, holder: psycopg.Connection, settings: Settings
) -> None:
    def found(limits: Limits) -> list[Any]:
        return [each for each in problems(limits) if each.code == Code.STREAM_BLOCKED]

    assert found(Limits()) == [], "every transaction takes its time"
    (alone,) = found(Limits(held=0))
    assert f"Process {holder.info.backend_pid} (tidemark, forgetful, idle in transaction, open for" in alone.sentence
    assert f"pg_terminate_backend({holder.info.backend_pid})" in alone.advice
    settings.EVENTSTORE_LOCK_TIMEOUT = 0  # they wait until they are seen

    def look() -> list[Any]:
        while not (seen := found(Limits(held=0))) or seen[0].details["waiting"] < 2:
            pass
        holder.rollback()
        return seen

    tasks: list[Callable[[], Any]] = [*(partial(deposit, ada, account, key) for key in "ab"), look]
    *answers, seen = at_once(tasks)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert seen[0].subject == str(holder.info.backend_pid)
    assert f"2 commands wait for account {account.account_id}" in seen[0].sentence
    assert found(Limits(held=0)) == []
