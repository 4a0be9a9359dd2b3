"""What one machine of the site acknowledges, the other one shows at once, also where a standby answers.

The long form, on what `make cluster` has started:
    CLUSTER_RUNS=1 CLUSTER_DEPOSITS=10000 make test-cluster ARGS='-k reads'
"""

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import psycopg

from deploy.ha.cluster import Cluster, Plan
from deploy.ha.cluster.ask import standbys, wait_for
from tests.cluster.browser import Browser
from tests.cluster.customer import PASSWORD, Customer

DEPOSITS = int(os.environ.get("CLUSTER_DEPOSITS", "80"))
HELD_SECONDS = 1.0  # for which a standby replays nothing, by turns with as long in which it does
EACH_PAGE = 5  # of the deposits, one is looked at on a page, too
READERS = 4  # customers, each in a thread
READS = "SELECT coalesce(sum(seq_scan + idx_scan), 0)::int FROM pg_stat_user_tables WHERE relname ~ '^projections_'"


@dataclass
class Owner:
    """A customer who pays in through one machine, and looks through the other: at the API, and at a page."""

    plan: Plan
    customer: Customer
    browser: Browser = field(default_factory=Browser)
    stale: list[str] = field(default_factory=list)
    failure: BaseException | None = None

    def run(self, deposits: int) -> None:
        """Pay in as often as told."""
        try:
            self.browser.sign_in(self.plan.web(1), self.customer.email, PASSWORD)
            for number in range(1, deposits + 1):
                self.pay_in_and_look(number)
        except BaseException as error:  # it is raised again in the test
            self.failure = error

    def pay_in_and_look(self, number: int) -> None:
        """Neither look names a position: what is seen goes by who asks."""
        ports = [self.plan.web(machine) for machine in (1, 2)]
        self.customer.port, there = ports if number % 2 else reversed(ports)
        self.customer.deposit()
        if (balance := self.customer.balance(there)) != f"{number}.00":
            self.stale.append(f"API: {balance} instead of {number}.00")
        if number % EACH_PAGE == 0:
            page = self.browser.page(there, f"/accounts/{self.customer.account}")
            if f"Balance {number:,}.00 EUR" not in page:
                self.stale.append(f"page: {page} has no {number:,}.00")


def test_each_deposit_is_read_through_the_other_machine(cluster: Cluster) -> None:
    wait_for(lambda: len(standbys(cluster.plan)) == 2, "the standbys")
    before = reads_of_standbys(cluster)
    owners = [Owner(cluster.plan, Customer(cluster.plan.site).register()) for _ in range(READERS)]
    threads = [threading.Thread(target=owner.run, args=[DEPOSITS // READERS]) for owner in owners]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        with held(cluster):
            threads[0].join(HELD_SECONDS)
        threads[0].join(HELD_SECONDS)
    for owner in owners:
        if owner.failure:
            raise owner.failure
    assert [stale for owner in owners for stale in owner.stale] == []
    wait_for(lambda: reads_of_standbys(cluster) > before, "a read of a standby in its statistics")
    print(  # noqa: T201 - a figure that it is run for
        f"\n{DEPOSITS} deposits, each looked at through the other machine, each fifth on a page, too: 0 stale; "
        f"{reads_of_standbys(cluster) - before} scans of read models by standbys."
    )


@contextmanager
def held(cluster: Cluster) -> Iterator[None]:
    """A standby replays nothing within the block; the pooler leads to either of the two, whichever was asked before."""
    with ExitStack() as after:
        for node in standbys(cluster.plan)[:1]:
            with suppress(psycopg.OperationalError):  # somebody kills it: then it goes on when it is back
                session = after.enter_context(cluster.session(node))
                session.execute("SELECT pg_wal_replay_pause()")
                after.callback(_release, session)
        yield


def _release(session: "psycopg.Connection[tuple[object, ...]]") -> None:
    with suppress(psycopg.OperationalError):
        session.execute("SELECT pg_wal_replay_resume()")


def reads_of_standbys(cluster: Cluster) -> int:
    """How often standbys have looked into read models, as their own statistics have it."""
    found = 0
    for node in standbys(cluster.plan):
        with cluster.session(node) as session:
            row = session.execute(READS).fetchone()
            found += int(str(row[0])) if row else 0
    return found
