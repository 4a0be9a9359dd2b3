"""The server that leads is lost, under writers: what was acknowledged is there, once, and the epoch goes on."""

from deploy.ha.cluster import Cluster
from deploy.ha.cluster.ask import leader, standbys, wait_for
from deploy.ha.cluster.plan import NODES
from tests.cluster.customer import Customer
from tests.cluster.writers import nothing_is_lost_or_double, report, writing

ENOUGH = 40  # deposits, before and after


def epoch(cluster: Cluster) -> int:
    with cluster.session() as session:
        row = session.execute("SELECT max(epoch) FROM eventstore_epoch").fetchone()
    assert row
    assert isinstance(row[0], int)
    return row[0]


def is_whole(cluster: Cluster) -> bool:
    return len(standbys(cluster.plan)) == 2


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


def test_a_promotion_that_may_have_lost_something_begins_an_epoch(cluster: Cluster) -> None:
    """Synchronous replication is off, so nobody can tell what the leader has acknowledged."""
    wait_for(lambda: is_whole(cluster), "both standbys")
    before, old = epoch(cluster), leader(cluster.plan)
    assert old
    customer = Customer(cluster.plan.site).register()
    cursor = customer.deposit()["cursor"]
    cluster.configure_database(synchronous_mode="off")
    wait_for(lambda: not standbys(cluster.plan), "asynchronous standbys")
    customer.deposit()
    cluster.fail_over(next(node for node in NODES if node != old))
    wait_for(lambda: leader(cluster.plan) not in (None, old), "another leader")
    customer.deposit()  # answered only once the server takes writes, so after the epoch has begun
    assert epoch(cluster) == before + 1
    status, answer = customer.send("GET", f"accounts/{customer.account}?min_position={cursor}")
    assert status == 409, answer
    cluster.configure_database(synchronous_mode="quorum")
    cluster.manage("begin_epoch", "--confirm")
