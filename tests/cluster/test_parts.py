"""Any one part of the site is lost, under writers: the page comes back, and nothing is lost."""

import pytest

from deploy.ha.cluster import Cluster
from deploy.ha.cluster.ask import status_of, wait_for
from deploy.ha.cluster.plan import NODES
from tests.cluster.writers import nothing_is_lost_or_double, report, writing

ENOUGH = 20


@pytest.mark.parametrize("name", ["web-1", "runner-1", "pgbouncer-2", "haproxy", "etcd-1"])
def test_a_part_that_is_killed_is_missed_by_nobody_for_long(cluster: Cluster, name: str) -> None:
    starts = cluster.parts[name].starts
    with writing(cluster) as writers:

        def acknowledged() -> int:
            return sum(len(writer.acknowledged) for writer in writers)

        wait_for(lambda: acknowledged() >= ENOUGH or any(writer.failure for writer in writers), "the first deposits")
        cluster.kill(name)
        wait_for(lambda: status_of(cluster.plan.site, "/sign-in") == 200, "the page")
        enough = acknowledged() + ENOUGH
        wait_for(lambda: acknowledged() >= enough or any(writer.failure for writer in writers), "deposits after it")
        wait_for(lambda: cluster.parts[name].starts > starts and cluster.parts[name].is_running, name)
    nothing_is_lost_or_double(cluster, writers)
    report(f"{name} was killed", writers)


def test_a_standby_that_is_killed_is_missed_by_nobody(cluster: Cluster) -> None:
    from deploy.ha.cluster.ask import leader, standbys

    wait_for(lambda: leader(cluster.plan) is not None, "a leader")
    follower = next(node for node in NODES if node != leader(cluster.plan))
    with writing(cluster) as writers:
        cluster.kill_server(follower)
        wait_for(lambda: all(len(writer.acknowledged) >= 5 or writer.failure for writer in writers), "deposits")
    cluster.resume(f"patroni-{follower}")
    nothing_is_lost_or_double(cluster, writers)
    report(f"The standby {follower} was killed", writers)
    wait_for(lambda: len(standbys(cluster.plan)) == 2, "the standby")


def test_delayed_read_models_come_after_a_lost_runner(cluster: Cluster) -> None:
    cluster.manage("check_projections")
