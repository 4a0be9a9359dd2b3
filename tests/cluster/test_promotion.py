"""A server is promoted, and nobody can tell whether it lacks something: the log begins an epoch."""

from deploy.ha.cluster import Cluster
from deploy.ha.cluster.ask import leader, standbys, wait_for
from deploy.ha.cluster.plan import NODES
from tests.cluster.customer import Customer
from tests.cluster.test_leader import epoch


def test_a_promotion_that_may_have_lost_something_begins_an_epoch(cluster: Cluster) -> None:
    """Synchronous replication is off, so nobody can tell what the leader has acknowledged."""
    wait_for(lambda: len(standbys(cluster.plan)) == 2, "both standbys")
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
    status, answer = customer.look(f"accounts/{customer.account}?min_position={cursor}")
    assert status == 409, answer
    cluster.configure_database(synchronous_mode="quorum")
    cluster.manage("begin_epoch", "--confirm")
