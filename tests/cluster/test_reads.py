"""What one machine of the site acknowledges, the other one shows at once; CLUSTER_DEPOSITS=10000 for the long form."""

import os

from deploy.ha.cluster import Cluster
from tests.cluster.customer import Customer

DEPOSITS = int(os.environ.get("CLUSTER_DEPOSITS", "300"))


def test_each_deposit_is_read_through_the_other_machine(cluster: Cluster) -> None:
    plan = cluster.plan
    customer = Customer(plan.web(1)).register()
    stale = 0
    for number in range(1, DEPOSITS + 1):
        here, there = (plan.web(1), plan.web(2)) if number % 2 else (plan.web(2), plan.web(1))
        customer.port = here
        position = customer.deposit()["position"]
        stale += customer.balance(there, position) != f"{number}.00"
    assert stale == 0
    print(f"\n{DEPOSITS} deposits, each read back through the other machine: {stale} stale.")  # noqa: T201 - a figure that it is run for
