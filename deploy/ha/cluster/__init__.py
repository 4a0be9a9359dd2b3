"""All of Tidemark on one machine, as on many: `make cluster`, and the tests of it."""

from deploy.ha.cluster.cluster import Cluster
from deploy.ha.cluster.plan import Plan
from deploy.ha.cluster.programs import Missing

__all__ = ["Cluster", "Missing", "Plan"]
