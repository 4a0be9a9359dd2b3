"""`make cluster`: starts all of Tidemark on this machine, says where it is, and ends it with Ctrl-C."""

import argparse
import signal
import sys
from pathlib import Path

from deploy.ha.cluster.ask import Late, members
from deploy.ha.cluster.cluster import Cluster
from deploy.ha.cluster.plan import BROKERS, HOST, NODES, Plan
from deploy.ha.cluster.programs import Missing

EXAMPLES = """\
examples:
  make cluster                                    the site at http://localhost:7400
  python -m deploy.ha.cluster --port 9000         other ports, from this one on
  python -m deploy.ha.cluster --demo              with a demo world

Its state is kept in var/cluster between runs; delete that folder to begin again.
"""


def main() -> int:
    """Run the cluster until SIGINT or SIGTERM; 1 if it can't be started."""
    given = _parser().parse_args()
    plan = Plan(given.folder.resolve(), given.port, given.etcd, has_read_database=given.read_database)
    cluster = Cluster(plan, say=_say)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        cluster.start()
        if given.demo:
            _say(cluster.manage("demo_data"))
        _say(_addresses(cluster))
        while True:
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except (Missing, Late) as error:
        _say(str(error))
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # it ends already
        _say("Ending all parts …")
        cluster.stop()
        _say("Ended.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m deploy.ha.cluster",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--folder", type=Path, default=Plan.folder, help="where the state is kept [%(default)s]")
    parser.add_argument("--port", type=int, default=Plan.first_port, help="the first of 60 ports [%(default)s]")
    parser.add_argument("--etcd", type=int, choices=(1, 3), default=3, help="members of etcd [%(default)s]")
    parser.add_argument("--read-database", action="store_true", help="with a read database, too")
    parser.add_argument("--demo", action="store_true", help="fill an empty site with a demo world")
    return parser


def _addresses(cluster: Cluster) -> str:
    plan = cluster.plan
    lines = [
        ("the site", f"http://localhost:{plan.site}/", "two machines behind HAProxy"),
        ("HAProxy", f"http://{HOST}:{plan.statistics}/", "who is up"),
        ("Prometheus", f"http://{HOST}:{plan.prometheus}/", "") if "prometheus" in cluster.parts else None,
        *((f"PostgreSQL {node}", f"{HOST}:{plan.server(node)}", f"Patroni {plan.patroni(node)}") for node in NODES),
        ("writers", f"{HOST}:{plan.primary}", "whoever leads"),
        ("readers", f"{HOST}:{plan.standbys}", "whoever follows"),
        *(
            (f"NATS {each}", f"nats://{HOST}:{plan.nats(each)}", "")
            for each in BROKERS
            if f"nats-{each}" in cluster.parts
        ),
    ]
    table = "\n".join(f"  {name:14} {address:30} {note}" for name, address, note in filter(None, lines))
    state = "\n".join(
        f"  {one['name']}: {one['role']}, {one['state']}, timeline {one.get('timeline')}" for one in members(plan)
    )
    etc = plan.folder / "etc"
    return f"""
{table}

{state}

Try:
  .venv-patroni/bin/patronictl -c {etc / "patroni-a.yml"} list
  .venv-patroni/bin/patronictl -c {etc / "patroni-a.yml"} switchover --force
  kill -9 $(cat {plan.folder / "pid" / "web-1"})      and load a page: the other machine answers, and it comes back
  ENV_FILE={etc / "site-1.env"} .venv/bin/python manage.py doctor
Logs are in {plan.folder / "log"}. Ctrl-C ends everything.
"""


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what the person at the console reads


if __name__ == "__main__":
    sys.exit(main())
