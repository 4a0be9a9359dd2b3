"""The bank test: eight threads move money, and every read sums to the same, of heads, read models and the feed alike.

The test is Kyle Kingsbury's (Jepsen). Two plants show that it sees what it should: reads in several statements at READ
COMMITTED, and a rule that decides by what it read without a lock.
"""

import random
import threading
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from eventstore import feed, log
from eventstore.archive import cut
from eventstore.execute import execute
from projections.ledger.check import check
from projections.models import Account
from tests.eventstore.sample import Count, Counted
from tests.factories import AccountFactory, TransferFactory
from tests.torture import size
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, TRANSFERS, ROUNDS = 8, 6, 2
EACH = 100_000

Looks = Sequence[Callable[[], int]]


@pytest.fixture
def accounts() -> list[Account]:
    """An account for each thread, each with an owner of its own."""
    return [AccountFactory.create(balance=EACH) for _ in range(THREADS)]


class Bank:
    """The product: transfers by commands, and what its stores and read models say."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.accounts = accounts
        self.fed: dict[UUID, int] = {}
        self.position = 0

    def transfer(self, chance: random.Random) -> None:
        """Move money from one account to another."""
        source, target = chance.sample(self.accounts, 2)
        TransferFactory.create(source=source, target=target, amount=chance.randint(1, 50))

    def heads(self) -> int:
        """The states that the next decision would see, in one snapshot."""
        with log.snapshot():
            return sum(log.current("account", each.account_id).balance for each in self.accounts)

    def read_model(self) -> int:
        """The balances that are shown, in one statement."""
        return int(Account.objects.aggregate(sum=Sum("balance"))["sum"])

    def feed(self) -> int:
        """The last balance of each account in the feed, up to where the mark parts no command from its events."""
        mark = cut.consistent(feed.advance(timeout=0)).position
        for record in feed.read(self.position, to=mark, limit=100_000):
            if hasattr(record.event, "balance"):
                self.fed[record.stream_id] = record.event.balance
            self.position = record.position
        return sum(self.fed.values())

    def ledger(self) -> int:
        """The total, if the delayed journal agrees with the log at its stated position; its legs sum to zero."""
        found = check(patience=0)
        return EACH * THREADS if not found.differences else -found.differences


def looks_while(work: Sequence[Callable[[], None]], looks: Looks) -> set[int]:
    """All sums that readers saw, again and again, while others worked; each reader looks once more when all is done."""
    working = threading.Event()
    seen: set[int] = set()

    def look(one: Callable[[], int]) -> None:
        while not working.is_set():
            seen.add(one())
        seen.add(one())

    def all_work() -> None:
        try:
            at_once(work)
        finally:
            working.set()

    tasks: list[Callable[[], None]] = [all_work, *(partial(look, one) for one in looks)]
    at_once(tasks)
    return seen


def test_every_read_sums_to_the_same(accounts: list[Account]) -> None:
    bank, transfers = Bank(accounts), 0
    looks = [bank.heads, bank.read_model, bank.feed, bank.ledger]

    def move(number: int, thread: int) -> None:
        chance = random.Random(f"{number} {thread}")
        for _ in range(TRANSFERS):
            bank.transfer(chance)

    for number in size.rounds(ROUNDS, share=0.1):
        assert looks_while([partial(move, number, thread) for thread in range(THREADS)], looks) == {EACH * THREADS}
        transfers += THREADS * TRANSFERS
    size.report("bank", database=connection.vendor, transfers=transfers, other_sums=0)


def test_reads_in_several_statements_are_found_out(accounts: list[Account]) -> None:
    """Between two statements at READ COMMITTED a transfer is committed: the first sees it not, the second does."""
    bank, ids = Bank(accounts), [each.account_id for each in accounts]

    def balance(account_id: UUID) -> int:
        return Account.objects.get(account_id=account_id).balance

    def in_several_statements() -> int:
        first = balance(ids[0])
        TransferFactory.create(source=accounts[0], target=accounts[1], amount=7)
        return first + sum(map(balance, ids[1:]))

    assert in_several_statements() == EACH * THREADS + 7
    assert bank.read_model() == EACH * THREADS


A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


def test_a_rule_that_reads_without_a_lock_is_found_out() -> None:
    """Two who read the same balance of A, and write what they make of it, make money of nothing."""
    for tally_id in (A, B, C):
        execute(Count(tally_id, 50), str(tally_id), actor="first")
    both_have_read = threading.Barrier(2)

    def move(target: UUID, amount: int) -> None:
        source, goal = (log.current("tally", each).total for each in (A, target))
        both_have_read.wait()
        with transaction.atomic():
            log.append("tally", A, [Counted(A, -amount, source - amount)], actor="careless")
            log.append("tally", target, [Counted(target, amount, goal + amount)], actor="careless")

    def heads() -> int:
        with log.snapshot():
            return sum(log.current("tally", each).total for each in (A, B, C))

    assert looks_while([partial(move, B, 10), partial(move, C, 5)], [heads]) - {150}
