"""The configuration of each part, made from the file in deploy/ that a person starts from, so that it is tried."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.ha.cluster import site
from deploy.ha.cluster.plan import BROKERS, HOST, NODES, ROOT, SITES, Plan
from deploy.ha.cluster.programs import pools_prepared_statements, postgres, program

HA: Final = ROOT / "deploy" / "ha"
MANAGE: Final = str(ROOT / "manage.py")


def write_all(plan: Plan) -> None:
    """Write every file of configuration, as the plan is now; the state of the parts is left alone."""
    folder = plan.folder / "etc"
    for node in NODES:
        _write(folder / f"patroni-{node}.yml", yaml.safe_dump(patroni(plan, node)))
    for member in range(1, plan.etcd_members + 1):
        _write(folder / f"etcd-{member}.yml", yaml.safe_dump(etcd(plan, member)))
    _write(folder / "haproxy.cfg", haproxy(plan))
    _write(folder / "users.txt", f'"tidemark" "{site.secrets(plan)["tidemark"]}"\n')
    for machine in SITES:
        _write(folder / f"pgbouncer-{machine}.ini", pgbouncer(plan, machine))
        site.write_environment(folder / f"site-{machine}.env", site.environment(plan, machine))
    for broker in BROKERS:
        _write(folder / f"nats-{broker}.conf", nats(plan, broker))
    _write(folder / "prometheus.yml", yaml.safe_dump(prometheus(plan)))


def patroni(plan: Plan, node: str) -> dict[str, Any]:
    """Patroni's configuration of a server."""
    found: dict[str, Any] = yaml.safe_load((HA / "patroni.yml").read_text())
    keys, path = site.secrets(plan), plan.folder / "etc" / f"patroni-{node}.yml"
    address, api = f"{HOST}:{plan.server(node)}", f"{HOST}:{plan.patroni(node)}"
    found |= {"name": node, "restapi": {"listen": api, "connect_address": api}, "watchdog": {"mode": "off"}}
    found["etcd3"]["hosts"] = [f"{HOST}:{plan.etcd(member)}" for member in range(1, plan.etcd_members + 1)]
    found["bootstrap"]["dcs"] |= {"loop_wait": 2, "retry_timeout": 3}  # one machine loses no messages
    own = found["postgresql"]
    own |= {
        "listen": address,
        "connect_address": address,
        "data_dir": str(plan.data(node)),
        "bin_dir": str(postgres()),
        "pgpass": str(plan.folder / "etc" / f"pgpass-{node}"),
        "pg_hba": [f"host all all {HOST}/32 scram-sha-256", f"host replication replicator {HOST}/32 scram-sha-256"],
    }
    for role in ("superuser", "replication"):
        own["authentication"][role]["password"] = keys[own["authentication"][role]["username"]]
    others = ",".join(other for other in NODES if other != node)
    own["parameters"] |= {"unix_socket_directories": "", "synchronized_standby_slots": others}
    if not plan.is_durable:
        own["parameters"] |= {"fsync": "off"}
        own["basebackup"] = ["no-sync", {"checkpoint": "fast"}]
        found["bootstrap"]["initdb"].append("no-sync")
    python, script = str(Path(program("patroni")).with_name("python")), str(HA / "promotion.py")
    own["pre_promote"] = f"{python} {script} judge {path}"
    url = site.database_url(plan, plan.server(node))
    environment = site.write_environment(
        plan.folder / "etc" / f"promoted-{node}.env", {**site.environment(plan, None), "DATABASE_URL": url}
    )
    look = f"env ENV_FILE={environment} {sys.executable} {MANAGE} begin_epoch --if-changed"
    own["callbacks"] = {"on_role_change": f"{python} {script} settle {path} --site '{look}'"}
    return found


def etcd(plan: Plan, member: int) -> dict[str, Any]:
    """The configuration of a member of etcd."""
    found: dict[str, Any] = yaml.safe_load((HA / "etcd.yml").read_text())
    client, peer = f"http://{HOST}:{plan.etcd(member)}", f"http://{HOST}:{plan.etcd_peer(member)}"
    all_of_them = (f"etcd-{each}=http://{HOST}:{plan.etcd_peer(each)}" for each in range(1, plan.etcd_members + 1))
    return found | {
        "name": f"etcd-{member}",
        "data-dir": str(plan.folder / f"etcd-{member}"),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": ",".join(all_of_them),
        "unsafe-no-fsync": not plan.is_durable,
    }


def haproxy(plan: Plan) -> str:
    """HAProxy's configuration: before the site as deploy/haproxy.cfg has it, and before the servers."""
    sites = "\n".join(
        f"    server site-{machine} {HOST}:{plan.web(machine)} check inter 1s fall 2 rise 1 maxconn 3000"
        for machine in SITES
    )
    changes = {
        "    user haproxy\n": "",
        "    group haproxy\n": "",
        "bind :80\n": f"bind {HOST}:{plan.site}\n",
        "    server site 127.0.0.1:8000 check inter 5s fall 3 rise 1 maxconn 3000": sites,
        "bind 127.0.0.1:5000": f"bind {HOST}:{plan.primary}",
        "bind 127.0.0.1:5001": f"bind {HOST}:{plan.standbys}",
        "bind 127.0.0.1:8404": f"bind {HOST}:{plan.statistics}",
    }
    for number, node in enumerate(NODES, 11):
        changes[f"server {node} 10.0.0.{number}:5432 check port 8008"] = (
            f"server {node} {HOST}:{plan.server(node)} check port {plan.patroni(node)}"
        )
    return _changed((ROOT / "deploy" / "haproxy.cfg").read_text() + (HA / "haproxy.cfg").read_text(), changes)


def pgbouncer(plan: Plan, machine: int) -> str:
    """The configuration of pgbouncer on a machine of the site."""
    changes = {
        "port=5000": f"port={plan.primary}",
        "port=5001": f"port={plan.standbys}",
        "listen_port = 6432": f"listen_port = {plan.pooler(machine)}",
        "/etc/pgbouncer/users.txt": str(plan.folder / "etc" / "users.txt"),
    }
    if not pools_prepared_statements():
        changes["max_prepared_statements = 200\n"] = ""
    return _changed((HA / "pgbouncer.ini").read_text(), changes)


def nats(plan: Plan, broker: int) -> str:
    """The configuration of a node of NATS."""
    changes = {
        "nats-1": f"nats-{broker}",
        "10.0.0.41:4222": f"{HOST}:{plan.nats(broker)}",
        "127.0.0.1:8222": f"{HOST}:{plan.nats_monitor(broker)}",
        "/var/lib/nats": str(plan.folder / f"nats-{broker}"),
        'listen: "10.0.0.41:6222"': f'listen: "{HOST}:{plan.nats_route(broker)}"',
        **{f"10.0.0.4{each}:6222": f"{HOST}:{plan.nats_route(each)}" for each in BROKERS},
    }
    return _changed((HA / "nats.conf").read_text(), changes)


def prometheus(plan: Plan) -> dict[str, Any]:
    """What Prometheus asks: the jobs of deploy/ha/prometheus.yml."""
    found: dict[str, Any] = yaml.safe_load((HA / "prometheus.yml").read_text())
    for job in found["scrape_configs"]:
        ports = targets(plan)[job["job_name"]]
        job["static_configs"] = [{"targets": [f"{HOST}:{port}" for port in ports]}]
    return found


def targets(plan: Plan) -> dict[str, list[int]]:
    """The ports of each job of Prometheus; a new job gets a line here."""
    return {
        "etcd": [plan.etcd(member) for member in range(1, plan.etcd_members + 1)],
        "patroni": [plan.patroni(node) for node in NODES],
        "haproxy": [plan.statistics],
        "tidemark": [plan.metrics(machine) for machine in SITES],
    }


def _changed(text: str, changes: Mapping[str, str]) -> str:
    """The text with each change made; raises LookupError if a file does not have it any more."""
    for before, after in changes.items():
        if before not in text:
            raise LookupError(f"No longer in deploy/: {before!r}")
        text = text.replace(before, after)
    return text


def _write(path: Path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text)
