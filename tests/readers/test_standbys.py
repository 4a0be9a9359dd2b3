"""Standbys: what only reads comes from one that has come far enough, and nobody ever sees less than they have done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from tests.readers.conftest import Node, Start, settle
from tests.readers.pair import Pair, until

pytestmark = pytest.mark.once("it starts servers of its own")

ACCOUNTS: Final = "/api/v1/accounts"
DEPOSITS: Final = 300
HELD_EACH: Final = 60  # of the deposits, one is read back while the standby replays nothing


@contextmanager
def held(servers: Pair) -> Iterator[None]:
    """The standby replays nothing within the block."""
    servers.hold()
    try:
        yield
    finally:
        servers.release()


class Owner:
    """The owner of the world's account."""

    def __init__(self, world: dict[str, Any]) -> None:
        self.email, self.account = world["people"]["owner"], world["ids"]["account_id"]

    def pays_in(self, node: Node, amount: str) -> dict[str, Any]:
        """The answer to a deposit by the API."""
        found = node.ask(self.email, f"{ACCOUNTS}/{self.account}/deposits", {"amount": amount, "reference": amount})
        assert found["status"] == 201, found
        return found

    def sees(self, node: Node, query: str = "") -> dict[str, Any]:
        """The answer to a look at the account by the API."""
        found = node.ask(self.email, f"{ACCOUNTS}/{self.account}{query}")
        assert found["status"] == 200, found
        return found


@pytest.fixture
def owner(world: dict[str, Any]) -> Owner:
    return Owner(world)


def is_from_standby(answer: dict[str, Any]) -> bool:
    """Whether all that was read came from the standby."""
    return set(answer["queries"]) == {"replica_1"}


def test_a_page_after_a_deposit_shows_it_wherever_it_comes_from(
    servers: Pair, one: Node, other: Node, owner: Owner
) -> None:
    settle(servers, one)
    assert is_from_standby(other.ask(owner.email, f"/accounts/{owner.account}"))
    with held(servers):
        form = one.ask(owner.email, f"/accounts/{owner.account}/deposit")["body"]
        command = form.split('name="command_id" value="')[1].split('"')[0]
        sent = {"command_id": command, "amount": "12.34", "reference": "Sanddorn"}
        done = one.ask(owner.email, f"/accounts/{owner.account}/deposit", sent)
        assert done["status"] == 302
        for place in (done["place"], f"/accounts/{owner.account}"):  # also without the position in the address
            page = other.ask(owner.email, place)
            assert "Sanddorn" in page["body"]
            assert not is_from_standby(page)
        one.do("advance")
    page = other.ask(owner.email, f"/accounts/{owner.account}")
    assert "Sanddorn" in page["body"]
    assert is_from_standby(page)


def test_each_of_many_deposits_is_seen_at_once_through_another_node(
    servers: Pair, one: Node, other: Node, owner: Owner
) -> None:
    stale, from_standby = 0, 0
    for number in range(DEPOSITS):
        is_held = number % HELD_EACH == 0
        if is_held:
            servers.hold()
        paid = owner.pays_in(one, "1.00")["body"]
        one.do("advance")
        seen = owner.sees(other)
        stale += seen["body"]["balance"] != paid["balance"]
        from_standby += is_from_standby(seen)
        if is_held:
            servers.release()
            seen = owner.sees(other)
            assert is_from_standby(seen)
            stale += seen["body"]["balance"] != paid["balance"]
    assert stale == 0


def test_to_ask_any_standby_would_be_to_see_less(servers: Pair, one: Node, owner: Owner, start: Start) -> None:
    naive = start()
    naive.do("ask_anyone")
    settle(servers, one)
    with held(servers):
        paid = owner.pays_in(one, "1.00")["body"]
        one.do("advance")
        assert owner.sees(naive)["body"]["balance"] != paid["balance"]


def test_a_position_that_is_asked_for_is_reached(
    servers: Pair, one: Node, other: Node, owner: Owner, world: Any
) -> None:
    auditor = world["people"]["auditor"]
    settle(servers, one)
    with held(servers):
        told = owner.pays_in(one, "1.00")["body"]
        one.do("advance")
        for asked in (told["cursor"], told["position"]):
            answer = other.ask(auditor, f"{ACCOUNTS}/{owner.account}?min_position={asked}")
            assert answer["body"]["balance"] == told["balance"]
            assert not is_from_standby(answer)
        older = other.ask(auditor, f"{ACCOUNTS}/{owner.account}")
        assert is_from_standby(older)
        assert older["body"]["position"] < told["position"]
    answer = other.ask(auditor, f"{ACCOUNTS}/{owner.account}?min_position={told['cursor']}")
    assert is_from_standby(answer)


def test_a_standby_is_asked_in_the_transaction_that_answers(servers: Pair, one: Node, owner: Owner) -> None:
    """Behind a pooler, or an address that leads to several standbys, another server may have the next transaction."""
    settle(servers, one)
    assert one.do("isolation_of_questions", owner.email, f"{ACCOUNTS}/{owner.account}") == ["repeatable read"]


def test_a_standby_that_is_left_in_an_old_epoch_is_not_read_from(
    servers: Pair, one: Node, other: Node, owner: Owner
) -> None:
    settle(servers, one)
    with held(servers):
        assert is_from_standby(owner.sees(other))
        one.do("manage", "begin_epoch", "--reason", "A test.")
        assert not is_from_standby(owner.sees(other))
        assert not is_from_standby(other.ask(owner.email, f"/accounts/{owner.account}"))
        assert "is in epoch 1, and the log in epoch 2" in other.do("examine_followers")
    settle(servers, one)
    assert is_from_standby(owner.sees(other))
    assert "It answers, in epoch 2, 0 positions behind." in other.do("examine_followers")


def test_a_standby_that_falls_silent_within_an_answer_is_not_waited_for(
    servers: Pair, one: Node, owner: Owner, start: Start
) -> None:
    settle(servers, one)
    node = start()
    assert is_from_standby(owner.sees(node))
    node.do("grow_silent", *servers.processes_of_standby())
    try:
        assert not is_from_standby(owner.sees(node))
    finally:
        servers.thaw()
    until(lambda: is_from_standby(owner.sees(node)))


def test_a_standby_that_says_nothing_is_not_waited_for(
    servers: Pair, one: Node, other: Node, owner: Owner, start: Start
) -> None:
    settle(servers, one)
    assert is_from_standby(owner.sees(other))
    with servers.frozen_standby():
        for node in (other, start()):  # with a connection, and without one
            for _ in range(3):
                assert node.do("look", owner.email, f"{ACCOUNTS}/{owner.account}") == 200
    until(lambda: is_from_standby(owner.sees(other)))


def test_without_the_standby_the_primary_answers(servers: Pair, one: Node, other: Node, owner: Owner) -> None:
    settle(servers, one)
    assert is_from_standby(owner.sees(other))
    with servers.without_standby():
        for _ in range(3):
            assert not is_from_standby(owner.sees(other))
            assert other.ask(owner.email, f"/accounts/{owner.account}")["status"] == 200
    until(lambda: is_from_standby(owner.sees(other)))
