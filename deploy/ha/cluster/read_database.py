"""A read database beside the cluster (docs/operations.md): a PostgreSQL of its own, which follows whoever leads."""

import subprocess
from typing import Final

import psycopg

from deploy.ha.cluster import site
from deploy.ha.cluster.part import as_unprivileged, surroundings
from deploy.ha.cluster.plan import HOST, Plan
from deploy.ha.cluster.programs import postgres

NAME: Final = "read"
ADDRESS: Final = ("-c", f"listen_addresses={HOST}", "-c", "unix_socket_directories=")


def command(plan: Plan) -> list[str]:
    """The command that runs its server; the first time its files are made."""
    if not (plan.data(NAME) / "PG_VERSION").exists():
        _make_files(plan)
    durable = () if plan.is_durable else ("-c", "fsync=off")
    words = [str(postgres() / "postgres"), "-D", str(plan.data(NAME)), "-p", str(plan.read_database), *ADDRESS]
    return as_unprivileged([*words, *durable])


def _make_files(plan: Plan) -> None:
    password = plan.folder / "etc" / "read-password"
    password.touch(0o600)
    password.write_text(site.secrets(plan)["postgres"])
    words = [str(postgres() / "initdb"), f"--pgdata={plan.data(NAME)}", f"--pwfile={password}", "--username=postgres"]
    options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(as_unprivileged([*words, *options]), env=surroundings(), capture_output=True, check=True)


def url(plan: Plan, role: str = "tidemark") -> str:
    """The read database, for the site's role, or for the superuser."""
    return site.database_url(plan, plan.read_database, role=role)


def answers(plan: Plan) -> bool:
    """Whether its server takes connections."""
    try:
        _session(plan).close()
    except psycopg.OperationalError:
        return False
    return True


def make_database(plan: Plan) -> None:
    """Make the role and the empty database, unless they are there."""
    with _session(plan) as session:
        site.make_database(session, plan)


def is_followed(plan: Plan) -> bool:
    """Whether it subscribes to the log already."""
    with _session(plan) as session:
        return session.execute("SELECT 1 FROM pg_subscription").fetchone() is not None


def _session(plan: Plan) -> "psycopg.Connection[tuple[object, ...]]":
    password = site.secrets(plan)["postgres"]
    return psycopg.connect(
        host=HOST, port=plan.read_database, user="postgres", password=password, dbname="postgres", autocommit=True
    )


def environment(plan: Plan, role: str = "tidemark") -> dict[str, str]:
    """The environment of programs on it."""
    return {**site.environment(plan, None), "DATABASE_URL": url(plan, role), "LOG_STATE_FILE": ""}


def conninfo(plan: Plan) -> str:
    """How it reaches the log: by HAProxy, so that it finds whoever leads."""
    password = site.secrets(plan)["replicator"]
    return f"host={HOST} port={plan.primary} dbname=tidemark user=replicator password={password}"
