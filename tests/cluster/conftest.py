"""One cluster for all tests of this folder, which run only where they are asked for: `make test-cluster`."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deploy.ha.cluster import Cluster, Missing, Plan
from deploy.ha.cluster.plan import free_ports
from deploy.ha.cluster.programs import NEEDED, lacking, postgres
from tests.cluster.customer import Customer

HERE = Path(__file__).parent
WRITERS = 4
# A test sends more than a customer would.
SETTINGS = {"THROTTLE_ANON": "999999/min", "THROTTLE_USER": "999999/min"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out unless the command line names it."""
    named = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(path == HERE or HERE in path.parents for path in named) else True


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A cluster with one member of etcd, without what no test here kills; or one that runs already, to look at."""
    if "CLUSTER_RUNS" in os.environ:
        yield Cluster(Plan())
        return
    missing = lacking(NEEDED)
    try:
        postgres()
    except Missing as error:
        missing.append(str(error))
    if missing:
        pytest.skip("NO CLUSTER IS STARTED, AND NO FAILOVER TRIED: " + " ".join(missing))
    kept = os.environ.get("CLUSTER_FOLDER")  # its logs stay, to be looked into
    with nullcontext(kept) if kept else TemporaryDirectory(prefix="tidemark-cluster-", dir="/tmp") as folder:
        plan = Plan(
            Path(folder), free_ports(), etcd_members=1, is_durable=False, has_helpers=False, site_settings=SETTINGS
        )
        running = Cluster(plan, say=print)
        try:
            running.start()
            yield running
        except Exception as error:
            error.add_note(_logs(plan))
            raise
        finally:
            running.end_at_once()


def _logs(plan: Plan) -> str:
    """The ends of all logs."""
    files = sorted((plan.folder / "log").glob("*.log"))
    return "\n".join(f"== {file.name}\n{file.read_text(errors='replace')[-1_500:]}" for file in files)


@pytest.fixture(scope="session")
def customers(cluster: Cluster) -> list[Customer]:
    """Who pays in while something happens."""
    return [Customer(cluster.plan.site).register() for _ in range(WRITERS)]
