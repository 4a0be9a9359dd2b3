"""The server that leads is lost, under writers: what was acknowledged is there, once, and the epoch goes on."""

from deploy.ha.cluster import Cluster
from deploy.ha.cluster.ask import leader, wait_for
from tests.cluster.customer import Customer
from tests.cluster.writers import nothing_is_lost_or_double, report, writing

ENOUGH = 40  # deposits, before and after


def epoch(cluster: Cluster) -> int:
    with cluster.session() as session:
        row = session.execute("SELECT max(epoch) FROM eventstore_epoch").fetchone()
    assert row
    assert isinstance(row[0], int)
    return row[0]


def test_a_leader_that_is_killed_takes_nothing_along(cluster: Cluster, customers: list[Customer]) -> None:
    before, old = epoch(cluster), leader(cluster.plan)
    assert old
    with writing(customers) as writers:
        writers.go_on(ENOUGH)
        cluster.kill_server(old)
        wait_for(lambda: leader(cluster.plan) not in (None, old), "another leader")
        writers.go_on(ENOUGH)
    nothing_is_lost_or_double(cluster, writers)
    report(f"The leader {old} was killed", writers)
    cluster.resume(f"patroni-{old}")  # it comes back while the tests go on
    cluster.manage("begin_epoch", "--if-changed")
    assert epoch(cluster) == before
