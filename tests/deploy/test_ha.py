"""The configurations of a cluster that people start from: well formed, without a cluster; tests/cluster runs them."""

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.ha.cluster import Missing, Plan, configuration, programs, site
from deploy.ha.cluster.part import Part, belongs_to
from deploy.ha.cluster.plan import BROKERS, NODES, PORTS, SITES

ANALYZE = shutil.which("systemd-analyze")
UNITS = Path("/lib/systemd/system")  # Debian's
HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(tmp_path)


@pytest.mark.skipif(HAPROXY is None, reason="needs haproxy")
def test_haproxy_finds_no_fault(plan: Plan) -> None:
    assert HAPROXY
    text = configuration.haproxy(plan)
    done = subprocess.run([HAPROXY, "-c", "-f", "/dev/stdin"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not ANALYZE, reason="NO UNIT IS VERIFIED: systemd-analyze is not installed")
def test_systemd_finds_no_fault_with_our_units_nor_with_what_is_put_beside_debians(tmp_path: Path) -> None:
    shutil.copytree(configuration.HA / "systemd", tmp_path, dirs_exist_ok=True)
    for extended in tmp_path.glob("*.service.d"):
        debians = UNITS / extended.name.removesuffix(".d")
        if not debians.exists():
            pytest.skip(f"NOT ALL UNITS ARE VERIFIED: {debians.name} is not installed")
        shutil.copy(debians, tmp_path)
    units = sorted(tmp_path.glob("*.service"))
    assert [unit.stem for unit in units] == ["etcd", "haproxy", "nats", "patroni", "pgbouncer"]
    for unit in units:
        unit.write_text(re.sub("=/opt/patroni/bin/[a-z-]+", f"={sys.executable}", unit.read_text()))
    assert ANALYZE
    words = [ANALYZE, "verify", "--man=no", *map(str, units)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if str(tmp_path) in line]
    assert (done.returncode, said) == (0, []), done.stderr


def test_prometheus_asks_every_part_that_tells_of_itself(plan: Plan) -> None:
    asked = [job["job_name"] for job in configuration.prometheus(plan)["scrape_configs"]]
    assert asked == [*configuration.targets(plan)]


def test_each_part_listens_on_a_port_of_its_own(plan: Plan) -> None:
    ports = {plan.site, plan.primary, plan.standbys, plan.statistics, plan.prometheus, plan.read_database}
    ports |= {port(machine) for machine in SITES for port in (plan.pooler, plan.web)}
    ports |= {port(node) for node in NODES for port in (plan.server, plan.patroni)}
    ports |= {port(each) for each in (1, 2, 3) for port in (plan.etcd, plan.etcd_peer)}
    ports |= {port(each) for each in BROKERS for port in (plan.nats, plan.nats_route, plan.nats_monitor)}
    assert len(ports) == 6 + 2 * 2 + 2 * 3 + 2 * 3 + 3 * 3
    assert all(0 <= port - plan.first_port < PORTS for port in ports)


def test_what_a_cluster_that_was_killed_has_left_is_known_as_its_own(plan: Plan) -> None:
    """A program of the site names the folder nowhere in its command."""
    part = Part("idle", [sys.executable, "-c", "import signal; signal.pause()"], plan.folder)
    (plan.folder / "log").mkdir()
    (plan.folder / "pid").mkdir()
    part.start()
    assert part.process
    try:
        assert belongs_to(part.process.pid, plan.folder)
        assert not belongs_to(part.process.pid, plan.folder.parent)
    finally:
        part.kill(hold=True)


def test_the_relay_delivers_to_each_node_of_nats(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "lacking", lambda names: [])
    found = site.environment(plan, 1)
    assert found["RELAY_TARGETS"] == "nats"
    assert found["RELAY_NATS"].startswith(f"nats://127.0.0.1:{plan.nats(1)},127.0.0.1:{plan.nats(2)},")
    monkeypatch.setattr(site, "lacking", lambda names: ["nats-server is missing."])
    assert "RELAY_TARGETS" not in site.environment(plan, 1)


def test_each_server_lets_a_read_database_be_ahead_of_no_other(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "program", str)
    monkeypatch.setattr(configuration, "postgres", lambda: Path("/bin"))
    (plan.folder / "etc").mkdir()
    own = configuration.patroni(plan, "b")["postgresql"]["parameters"]
    assert own["synchronized_standby_slots"] == "a,c"


def test_an_old_pooler_is_asked_to_keep_no_prepared_statements(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    for version, keeps in (("1.18.0", False), ("1.21.0", True), ("2.0.1", True)):
        done = subprocess.CompletedProcess([], 0, f"PgBouncer {version}", "")
        monkeypatch.setattr(programs, "program", str)
        monkeypatch.setattr(subprocess, "run", lambda *_, done=done, **__: done)
        programs.pools_prepared_statements.cache_clear()
        assert programs.pools_prepared_statements() is keeps
        (plan.folder / "etc").mkdir(exist_ok=True)
        assert ("max_prepared_statements" in configuration.pgbouncer(plan, 1)) is keeps
    programs.pools_prepared_statements.cache_clear()


def test_what_is_missing_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert programs.lacking(programs.NEEDED)[:2] == [
        "etcd is missing. Install it: apt-get install etcd-server",
        "haproxy is missing. Install it: apt-get install haproxy",
    ]
    with pytest.raises(Missing):
        programs.program("patroni")


def test_a_file_that_has_changed_is_noticed(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_a(_path: Path, *_: Any, **__: Any) -> str:
        return "bind :80\n"

    monkeypatch.setattr(Path, "read_text", without_a)
    with pytest.raises(LookupError, match="No longer in deploy/"):
        configuration.nats(plan, 1)


def test_patroni_knows_the_parameter_that_a_promotion_sets() -> None:
    from deploy.ha import promotion

    text = (configuration.HA / "patroni.yml").read_text()
    assert f'{promotion.PROMOTED_FROM}: ""' in text
    assert "promotion.py judge" in text
    assert "promotion.py settle" in text
    assert promotion.PROMOTED_FROM in inspect.getsource(
        __import__("eventstore.backends.postgresql.mark", fromlist=["x"])
    )
