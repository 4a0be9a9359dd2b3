"""Customers who pay in, one deposit after the other, while something happens to the cluster."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from deploy.ha.cluster import Cluster
from tests.cluster.customer import Customer

WRITERS: Final = 4


@dataclass
class Writer:
    """A customer in a thread."""

    customer: Customer
    stop: threading.Event
    acknowledged: dict[str, int] = field(default_factory=dict)  # positions by key
    failure: BaseException | None = None

    def run(self) -> None:
        """Pay in until told to stop."""
        try:
            for number in count():
                if self.stop.is_set():
                    return
                key = f"deposit-{number}"
                self.acknowledged[key] = self.customer.deposit(key)["position"]
        except BaseException as error:  # it is raised again in the test
            self.failure = error


@contextmanager
def writing(cluster: Cluster) -> Iterator[list[Writer]]:
    """Writers at work, who stop at the end; each of their commands has its answer by then."""
    stop = threading.Event()
    writers = [Writer(Customer(cluster.plan.site).register(), stop) for _ in range(WRITERS)]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield writers
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for writer in writers:
        if writer.failure:
            raise writer.failure


def nothing_is_lost_or_double(cluster: Cluster, writers: list[Writer]) -> None:
    """Assert that what was acknowledged is in the log, once, where it was said to be, and that nothing else is."""
    with cluster.session() as session:
        for writer in writers:
            rows = session.execute(
                "SELECT position FROM eventstore_event WHERE stream_id = %s AND type = 'account.money_deposited'",
                [writer.customer.account],
            ).fetchall()
            assert sorted(int(str(position)) for (position,) in rows) == sorted(writer.acknowledged.values())
            assert writer.customer.balance() == f"{len(writer.acknowledged)}.00"


def report(what: str, writers: list[Writer]) -> None:
    """Print what the writers have met, in a line."""
    acknowledged = sum(len(writer.acknowledged) for writer in writers)
    retried = sum(len(writer.customer.statuses) for writer in writers)
    longest = max(writer.customer.longest_wait_seconds for writer in writers)
    print(  # noqa: T201 - figures are what it is run for
        f"\n{what}: {acknowledged} deposits acknowledged by {len(writers)} writers, 0 lost, 0 double; "
        f"{retried} attempts answered with try again; the longest wait was {longest:.1f} s."
    )
