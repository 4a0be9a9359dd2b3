"""Many requests at the same time, on real threads and real transactions."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from eventstore.models import Command, Event
from eventstore.projecting.runner.runner import Runner
from projections import queries
from projections.models import Account, Entry
from tests.api.caller import Answer, Caller
from tests.api.test_transfer import sending
from tests.factories import AccountFactory, owner_of

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*requests: Callable[[], Answer], threads: int) -> list[Answer]:
    """Send requests from many threads, which begin together; each has a connection of its own."""
    start = Barrier(threads)

    def send(number: int) -> list[Answer]:
        try:
            start.wait()
            return [request() for request in requests[number::threads]]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return [answer for answers in pool.map(send, range(threads)) for answer in answers]


def request(caller: Caller, path: str, body: Any, key: str) -> Callable[[], Answer]:
    return lambda: Caller(caller.token).post(path, body, key=key)  # clients are not made to be shared by threads


def test_one_key_has_one_effect_and_one_answer(ada: Caller, adas: Account) -> None:
    deposit = request(ada, f"accounts/{adas.account_id}/deposits", {"amount": "10.00"}, "1")
    answers = at_once(*[deposit] * 20, threads=20)
    assert {answer.status for answer in answers} == {201}
    assert len({answer.raw for answer in answers}) == 1
    assert Command.objects.filter(key="1").count() == 1
    assert ada.get(f"accounts/{adas.account_id}").body["balance"] == "110.00"


def test_one_registration_makes_one_customer(stranger: Caller) -> None:
    eve = {"name": "Eve", "email": "eve@example.org", "password": "correct horse battery"}
    answers = at_once(*[request(stranger, "customers", eve, "1")] * 20, threads=20)
    assert {answer.status for answer in answers} == {201}
    assert len({answer.raw for answer in answers}) == 1
    assert Event.objects.filter(type="customer.registered").count() == 1


def test_one_email_goes_to_one_of_many(stranger: Caller) -> None:
    eve = {"name": "Eve", "email": "eve@example.org", "password": "correct horse battery"}
    answers = at_once(*[request(stranger, "customers", eve, str(number)) for number in range(10)], threads=10)
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 9}
    assert {answer.code for answer in answers if answer.status == 409} == {"EMAIL_TAKEN"}


def test_fifty_withdrawals_take_no_more_than_there_is(ada: Caller, adas: Account) -> None:
    path = f"accounts/{adas.account_id}/withdrawals"
    answers = at_once(*[request(ada, path, {"amount": "10.00"}, str(n)) for n in range(50)], threads=50)
    assert Counter(answer.status for answer in answers) == {201: 10, 422: 40}
    assert {answer.code for answer in answers if answer.status == 422} == {"INSUFFICIENT_FUNDS"}
    assert ada.get(f"accounts/{adas.account_id}").body["balance"] == "0.00"


def test_transfers_to_and_fro_lose_nothing(ada: Caller, bob: Caller, adas: Account, bobs: Account) -> None:
    bob.post(f"accounts/{bobs.account_id}/deposits", {"amount": "100.00"})
    there = [request(ada, "transfers", sending(adas, bobs, "1.00"), f"there {n}") for n in range(100)]
    back = [request(bob, "transfers", sending(bobs, adas, "1.00"), f"back {n}") for n in range(100)]
    answers = at_once(*(r for pair in zip(there, back, strict=True) for r in pair), threads=20)
    assert Counter(answer.status for answer in answers) == {201: 200}
    assert ada.get(f"accounts/{adas.account_id}").body["balance"] == "100.00"
    assert bob.get(f"accounts/{bobs.account_id}").body["balance"] == "100.00"
    Runner().catch_up()
    assert {row.account: row.amount for row in queries.trial_balance()}["cash:EUR"] == -20_000


def test_whoever_writes_can_read_it_at_once(ada: Caller, adas: Account) -> None:
    """Others write all the time; the position of one's own write is reached all the same."""

    def write_and_read() -> Answer:
        caller = Caller(ada.token)
        account = AccountFactory.create(owner=owner_of(adas.account_id))
        done = caller.post(f"accounts/{account.account_id}/deposits", {"amount": "1.00"}).body
        answer = caller.get(f"accounts/{account.account_id}/entries", min_position=done["position"])
        assert answer.body["position"] >= done["position"]
        return answer

    answers = at_once(*[write_and_read] * 40, threads=8)
    assert {(answer.status, len(answer.body["results"])) for answer in answers} == {(200, 1)}
    assert Entry.objects.count() == 41
