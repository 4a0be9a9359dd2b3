"""The environment of the site in a cluster, and the secrets of the cluster, which are made once."""

import base64
import json
import os
from pathlib import Path
from typing import Final

import psycopg

from deploy.ha.cluster.plan import BROKERS, HOST, Plan
from deploy.ha.cluster.programs import lacking, pools_prepared_statements

SECRETS: Final = ("SECRET_KEY", "PERSONAL_DATA_KEY", "SEAL_KEY", "postgres", "replicator", "tidemark", "patroni")


def secrets(plan: Plan) -> dict[str, str]:
    """The secrets of a cluster: random at its first start, and then kept, readable by their owner alone."""
    file = plan.folder / "secrets.json"
    if not file.exists():
        made = {name: base64.b64encode(os.urandom(48 if name == "SECRET_KEY" else 32)).decode() for name in SECRETS}
        plain = {
            name: value if name.isupper() else value.translate(str.maketrans("+/=", "xyz"))
            for name, value in made.items()
        }
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            json.dump(plain, opened)
    found: dict[str, str] = json.loads(file.read_text())
    return found


def database_url(plan: Plan, port: int, name: str = "tidemark", role: str = "tidemark") -> str:
    """The site's database by way of a port."""
    return f"postgres://{role}:{secrets(plan)[role]}@{HOST}:{port}/{name}"


def make_database(session: "psycopg.Connection[tuple[object, ...]]", plan: Plan) -> None:
    """Make the site's role and its empty database, unless they are there."""
    if not session.execute("SELECT 1 FROM pg_roles WHERE rolname = 'tidemark'").fetchone():
        session.execute(f"CREATE ROLE tidemark LOGIN PASSWORD '{secrets(plan)['tidemark']}'".encode())
    if not session.execute("SELECT 1 FROM pg_database WHERE datname = 'tidemark'").fetchone():
        session.execute("CREATE DATABASE tidemark OWNER tidemark")


def environment(plan: Plan, machine: int | None) -> dict[str, str]:
    """The site's environment on one of its machines; without one, for commands that go past the poolers."""
    keys, folder = secrets(plan), plan.folder
    common = {
        "ENV_FILE": os.devnull,
        "DEBUG": "0",
        "HTTPS": "0",
        "TRUSTED_PROXIES": "1",
        "SECRET_KEY": keys["SECRET_KEY"],
        "PERSONAL_DATA_KEY": keys["PERSONAL_DATA_KEY"],
        "ERASURE_LIST": str(folder / "erasures"),
        "SEAL_KEY": keys["SEAL_KEY"],
        "SEAL_FILE": str(folder / "heads.txt"),
        "SITE_URL": f"http://localhost:{plan.site}",
        "DEMO_RAILS": "1",
        "STAFF_SECOND_FACTOR": "0",
        **plan.site_settings,
    }
    if machine is None:
        return {**common, "DATABASE_URL": database_url(plan, plan.primary), "LOG_STATE_FILE": ""}
    return {
        **common,
        "DATABASE_URL": database_url(plan, plan.pooler(machine)),
        "REPLICA_URLS": database_url(plan, plan.pooler(machine), "tidemark_standby"),
        "DISABLE_SERVER_SIDE_CURSORS": "1",
        "PREPARE": "1" if pools_prepared_statements() else "0",
        "LOG_STATE_FILE": str(folder / f"log-state-{machine}.json"),
        **(_metrics(plan, machine) if plan.has_helpers and not lacking(["prometheus"]) else {}),
        **(_read_database(plan) if plan.has_read_database else {}),
        **(_relay(plan) if plan.has_helpers and not lacking(["nats-server"]) else {}),
    }


def _read_database(plan: Plan) -> dict[str, str]:
    return {"READ_DATABASE_URL": database_url(plan, plan.read_database)}


def _metrics(plan: Plan, machine: int) -> dict[str, str]:
    """Where the programs of a machine count, and where its exporter answers."""
    return {
        "METRICS_LISTEN": f"{HOST}:{plan.metrics(machine)}",
        "METRICS_FOLDER": str(plan.folder / f"metrics-{machine}"),
    }


def _relay(plan: Plan) -> dict[str, str]:
    """What the relay delivers to: all nodes of NATS, each of which keeps the events."""
    nodes = ",".join(f"{HOST}:{plan.nats(broker)}" for broker in BROKERS)
    return {"RELAY_TARGETS": "nats", "RELAY_NATS": f"nats://{nodes}/TIDEMARK?replicas={len(BROKERS)}"}


def write_environment(path: Path, values: dict[str, str]) -> Path:
    """A file for ENV_FILE, readable by its owner alone."""
    path.touch(0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items() if name != "ENV_FILE"))
    return path
