"""Customers who pay in, one deposit after the other, while something happens to the cluster."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from deploy.ha.cluster import Cluster
from deploy.ha.cluster.ask import wait_for
from tests.cluster.customer import Customer


@dataclass
class Writers:
    """Customers at work, each in a thread."""

    customers: Sequence[Customer]
    stop: threading.Event
    failure: BaseException | None = None

    @property
    def acknowledged(self) -> int:
        """How many of their deposits were acknowledged so far."""
        return sum(len(customer.acknowledged) for customer in self.customers)

    def go_on(self, deposits: int) -> None:
        """Wait until so many more were acknowledged, or one of the customers has failed."""
        enough = self.acknowledged + deposits
        wait_for(lambda: self.acknowledged >= enough or self.failure is not None, f"{deposits} deposits")

    def run(self, customer: Customer) -> None:
        """Pay in until told to stop."""
        try:
            while not self.stop.is_set():
                customer.deposit()
        except BaseException as error:  # it is raised again in the test
            self.failure = error


@contextmanager
def writing(customers: Sequence[Customer]) -> Iterator[Writers]:
    """Customers at work, who stop at the end; each of their commands has its answer by then."""
    for customer in customers:
        customer.statuses, customer.longest_wait_seconds = [], 0.0
    writers = Writers(customers, threading.Event())
    threads = [threading.Thread(target=writers.run, args=[customer]) for customer in customers]
    for thread in threads:
        thread.start()
    try:
        yield writers
    finally:
        writers.stop.set()
        for thread in threads:
            thread.join()
    if writers.failure:
        raise writers.failure


def nothing_is_lost_or_double(cluster: Cluster, writers: Writers) -> None:
    """Assert that what was acknowledged is in the log, once, where it was said to be, and that nothing else is."""
    for customer in writers.customers:
        with cluster.session() as session:
            rows = session.execute(
                "SELECT position FROM eventstore_event WHERE stream_id = %s AND type = 'account.money_deposited'",
                [customer.account],
            ).fetchall()
        assert sorted(int(str(position)) for (position,) in rows) == sorted(customer.acknowledged)
        assert customer.balance() == f"{len(customer.acknowledged)}.00"


def report(what: str, writers: Writers) -> None:
    """Print what the writers have met, in a line."""
    retried = sum(len(customer.statuses) for customer in writers.customers)
    longest = max(customer.longest_wait_seconds for customer in writers.customers)
    print(  # noqa: T201 - figures are what it is run for
        f"\n{what}: {writers.acknowledged} acknowledged to {len(writers.customers)} writers, 0 lost, 0 double; "
        f"{retried} attempts answered with try again; the longest wait was {longest:.1f} s."
    )
