"""Any one part of the site is lost, under writers: the page comes back, and nothing is lost."""

import pytest

from deploy.ha.cluster import Cluster
from deploy.ha.cluster.ask import leader, standbys, status_of, wait_for
from deploy.ha.cluster.plan import NODES
from tests.cluster.customer import Customer
from tests.cluster.writers import nothing_is_lost_or_double, report, writing

ENOUGH = 20  # deposits, before and after


@pytest.mark.parametrize("name", ["web-1", "runner-1", "pgbouncer-2", "haproxy", "etcd-1"])
def test_a_part_that_is_killed_is_missed_by_nobody_for_long(
    cluster: Cluster, customers: list[Customer], name: str
) -> None:
    part = cluster.parts[name]
    starts = part.starts
    with writing(customers) as writers:
        writers.go_on(ENOUGH)
        cluster.kill(name)
        wait_for(lambda: status_of(cluster.plan.site, "/sign-in") == 200, "the page")
        writers.go_on(ENOUGH)
        wait_for(lambda: part.starts > starts and part.is_running, name)
    nothing_is_lost_or_double(cluster, writers)
    report(f"{name} was killed", writers)


def test_a_standby_that_is_killed_is_missed_by_nobody(cluster: Cluster, customers: list[Customer]) -> None:
    wait_for(lambda: len(standbys(cluster.plan)) == 2, "both standbys")
    follower = next(node for node in NODES if node != leader(cluster.plan))
    with writing(customers) as writers:
        cluster.kill_server(follower)
        writers.go_on(ENOUGH)
    cluster.resume(f"patroni-{follower}")
    nothing_is_lost_or_double(cluster, writers)
    report(f"The standby {follower} was killed", writers)


def test_delayed_read_models_come_after_a_lost_runner(cluster: Cluster) -> None:
    cluster.manage("check_projections")
