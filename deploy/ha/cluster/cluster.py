"""Starts all parts of a cluster in their order, keeps them running, and ends them in their order."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from deploy.ha.cluster import ask, configuration, read_database, site
from deploy.ha.cluster.part import Part, as_unprivileged, belongs_to, family, signal_group, surroundings
from deploy.ha.cluster.plan import BROKERS, HOST, NODES, ROOT, SITES, Plan
from deploy.ha.cluster.programs import NEEDED, WANTED, Missing, lacking, postgres, program

WATCH_SECONDS = 0.3
HELPERS = {"mail": "send_mail", "seal": "seal", "statements": "issue_statements", "due": "run_due"}


class Cluster:
    """All parts of a plan, by name."""

    def __init__(self, plan: Plan, say: Callable[[str], None] = lambda _line: None) -> None:
        self.plan, self.say = plan, say
        self.parts: dict[str, Part] = {}
        self._is_new = True
        self._stopping = threading.Event()
        self._changing = threading.Lock()
        self._watcher = threading.Thread(target=self._watch, name="cluster", daemon=True)

    # Life ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything, and return once the site answers; raises Missing or Late."""
        if missing := lacking(NEEDED):
            raise Missing("\n".join(missing))
        postgres()
        for sentence in lacking(WANTED) if self.plan.has_helpers else []:
            self.say(f"!! {sentence} (the cluster does without)")
        self._prepare()
        self._watcher.start()
        static = self._managing("collectstatic", "--noinput", "--verbosity", "0")  # needs no database
        self._start_database()
        self._start_site(static)

    def stop(self) -> None:
        """End everything, the database last, and its leader last of that."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        first = [part for name, part in self.parts.items() if not name.startswith(("patroni-", "etcd-"))]
        _end(first)
        leads = ask.leader(self.plan)
        for last in (False, True):
            _end(
                [
                    self.parts[f"patroni-{node}"]
                    for node in NODES
                    if (node == leads) is last and f"patroni-{node}" in self.parts
                ]
            )
        for node in NODES:
            self._end_orphan(node)
        _end([part for name, part in self.parts.items() if name.startswith("etcd-")])

    def end_at_once(self) -> None:
        """Kill everything: for a cluster whose state nobody needs any more."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        for part in self.parts.values():
            part.kill(hold=True)
        for node in NODES:
            self._kill_postgres(node)

    def _watch(self) -> None:
        while not self._stopping.wait(WATCH_SECONDS):
            with self._changing:
                for part in self.parts.values():
                    if part.restart_if_ended():
                        self.say(f"{part.name} has ended, and is started again ({part.log}).")

    # Single parts ----------------------------------------------------------------------------------

    def kill(self, name: str, *, hold: bool = False) -> None:
        """Kill a part with SIGKILL; it is started again, unless it is to be held."""
        with self._changing:
            self.parts[name].kill(hold=hold)

    def kill_server(self, node: str) -> None:
        """Kill a server of PostgreSQL and its Patroni with SIGKILL, as a loss of power does; both stay down."""
        with self._changing:
            self.parts[f"patroni-{node}"].kill(hold=True)
            self._kill_postgres(node)

    def _kill_postgres(self, node: str) -> None:
        if pid := self._postmaster(node):
            for one in family(pid):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)

    def resume(self, name: str) -> None:
        """Start a part that was held."""
        with self._changing:
            self.parts[name].start()

    def manage(self, *arguments: str) -> str:
        """What a command of manage.py prints, on the leader; raises CalledProcessError."""
        return _result(self._managing(*arguments))

    def manage_read_database(self, *arguments: str, role: str = "tidemark") -> str:
        """What a command of manage.py prints, on the read database; raises CalledProcessError."""
        return _result(self._managing(*arguments, **read_database.environment(self.plan, role)))

    def _managing(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        environment = {**surroundings(), **site.environment(self.plan, None), **variables}
        command, pipe = [sys.executable, configuration.MANAGE, *arguments], subprocess.PIPE
        return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True, cwd=ROOT)

    def configure_database(self, **settings: str) -> None:
        """Change what Patroni keeps in etcd; raises CalledProcessError."""
        changes = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        self._patronictl("edit-config", "--force", *changes)

    def fail_over(self, node: str) -> None:
        """Let a server lead from now on, whether it has all that was acknowledged or not."""
        self._patronictl("failover", "--candidate", node, "--force")

    def _patronictl(self, *arguments: str) -> None:
        command = [program("patroni") + "ctl", "-c", str(self.plan.folder / "etc" / "patroni-a.yml"), *arguments]
        subprocess.run(command, capture_output=True, check=True)

    def session(self, node: str | None = None, database: str = "tidemark") -> "psycopg.Connection[tuple[object, ...]]":
        """A superuser's session on a server, by default the leader."""
        port = self.plan.primary if node is None else self.plan.server(node)
        password = site.secrets(self.plan)["postgres"]
        return psycopg.connect(
            host=HOST, port=port, user="postgres", password=password, dbname=database, autocommit=True
        )

    # Steps -----------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        folder = self.plan.folder
        for name in (".", "log", "pid", "etc"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._end_leftovers()
        configuration.write_all(self.plan)
        self._is_new = not self.plan.data(NODES[0]).exists()
        for node in (*NODES, read_database.NAME):
            self.plan.data(node).mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                shutil.chown(path, "nobody", "nogroup")

    def _end_leftovers(self) -> None:
        """End what an earlier start has left running, as it was killed itself."""
        for file in (self.plan.folder / "pid").iterdir():
            pid = int(file.read_text() or 0)
            if belongs_to(pid, self.plan.folder):
                signal_group(pid, signal.SIGKILL)
            file.unlink()
        for node in NODES:
            self._end_orphan(node)

    def _end_orphan(self, node: str) -> None:
        """Stop a server whose Patroni was killed."""
        if self._postmaster(node):
            command = [str(postgres() / "pg_ctl"), "stop", "--mode=fast", "--pgdata", str(self.plan.data(node))]
            subprocess.run(as_unprivileged(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    def _postmaster(self, node: str) -> int | None:
        try:
            pid = int((self.plan.data(node) / "postmaster.pid").read_text().split()[0])
            return pid if str(self.plan.data(node)).encode() in Path(f"/proc/{pid}/cmdline").read_bytes() else None
        except (OSError, ValueError, IndexError):
            return None

    def _add(self, name: str, *command: str, environment: dict[str, str] | None = None) -> None:
        part = Part(name, command, self.plan.folder, environment or {})
        with self._changing:
            part.start()
            self.parts[name] = part

    def _start_database(self) -> None:
        plan, etc = self.plan, self.plan.folder / "etc"
        for member in range(1, plan.etcd_members + 1):
            self._add(f"etcd-{member}", program("etcd"), "--config-file", str(etc / f"etcd-{member}.yml"))
        ask.wait_for(lambda: ask.status_of(plan.etcd(1), "/health") == 200, "etcd")
        self.say("etcd has a leader.")
        for node in NODES:
            file = str(etc / f"patroni-{node}.yml")
            self._add(f"patroni-{node}", *as_unprivileged([program("patroni"), file]))
        haproxy = [program("haproxy"), "-db", "-f", str(etc / "haproxy.cfg")]
        self._add("haproxy", *haproxy)
        ask.wait_for(lambda: ask.leader(plan) is not None, "a leader of PostgreSQL")
        ask.wait_for(self._primary_answers, "HAProxy's way to the leader")
        self.say(f"PostgreSQL: {ask.leader(plan)} leads.")
        self._make_database()
        for machine in SITES:
            file = str(etc / f"pgbouncer-{machine}.ini")
            self._add(f"pgbouncer-{machine}", *as_unprivileged([program("pgbouncer"), file]))
        ask.wait_for(lambda: all(ask.listens(plan.pooler(machine)) for machine in SITES), "pgbouncer")

    def _primary_answers(self) -> bool:
        """Whether it lets writers in."""
        try:
            with self.session(database="postgres") as session:
                return session.execute("SHOW default_transaction_read_only").fetchone() == ("off",)
        except psycopg.OperationalError:
            return False

    def _make_database(self) -> None:
        with self.session(database="postgres") as session:
            site.make_database(session, self.plan)

    def _start_site(self, static: "subprocess.Popen[str]") -> None:
        plan = self.plan
        if plan.has_read_database:
            self._start_read_database()  # it is migrated before the primary is
        self.manage("migrate", "--verbosity", "0")
        if not self._is_new:
            self.manage("rebuild_projections", "--stale")
        if plan.has_read_database:
            self._follow()
        _result(static)
        for machine in SITES:
            serve = ["serve", "--site-only", "--workers", "1", "--host", HOST, "--port", str(plan.web(machine))]
            self._add_manage(f"web-{machine}", machine, *serve)
            self._add_manage(f"runner-{machine}", machine, "run_projections")
        if plan.has_helpers:
            self._start_helpers()
        ask.wait_for(lambda: all(ask.status_of(plan.web(machine), "/readyz") == 200 for machine in SITES), "the site")
        ask.wait_for(lambda: ask.status_of(plan.site, "/readyz") == 200, "HAProxy's way to the site")
        ask.wait_for(lambda: len(ask.standbys(plan)) == len(NODES) - 1, "the standbys of PostgreSQL")

    def _start_read_database(self) -> None:
        plan = self.plan
        self._add("postgresql-read", *read_database.command(plan))
        ask.wait_for(lambda: read_database.answers(plan), "the read database")
        read_database.make_database(plan)
        self.manage_read_database("migrate", "--verbosity", "0")

    def _follow(self) -> None:
        """Let the read database follow, and have runners of its own."""
        plan = self.plan
        if not read_database.is_followed(plan):
            superuser = {"DATABASE_URL": site.database_url(plan, plan.primary, role="postgres")}
            _result(self._managing("replicate_log", "--publish", "--role", "replicator", **superuser))
            self.manage_read_database("replicate_log", "--follow", read_database.conninfo(plan), role="postgres")
        run = [sys.executable, configuration.MANAGE, "run_projections"]
        self._add("runner-read", *run, environment=read_database.environment(plan))

    def _start_helpers(self) -> None:
        plan, etc = self.plan, self.plan.folder / "etc"
        for name, command in HELPERS.items():
            self._add_manage(name, 1, command, "--watch")
        with suppress(Missing):
            for broker in BROKERS:
                self._add(f"nats-{broker}", program("nats-server"), "-c", str(etc / f"nats-{broker}.conf"))
            self._add_manage("relay", 1, "relay")
        with suppress(Missing):
            storage, address = (
                f"--storage.tsdb.path={plan.folder / 'prometheus'}",
                f"--web.listen-address={HOST}:{plan.prometheus}",
            )
            self._add("prometheus", program("prometheus"), f"--config.file={etc / 'prometheus.yml'}", storage, address)
            for machine in SITES:
                self._add_manage(f"metrics-{machine}", machine, "metrics")

    def _add_manage(self, name: str, machine: int, *arguments: str) -> None:
        environment = site.environment(self.plan, machine)
        self._add(name, sys.executable, configuration.MANAGE, *arguments, environment=environment)


def _result(process: "subprocess.Popen[str]") -> str:
    """What a program has printed when it ends; raises CalledProcessError, with its complaint."""
    printed, complaint = process.communicate()
    if process.returncode:
        error = subprocess.CalledProcessError(process.returncode, process.args, printed, complaint)
        error.add_note(complaint)
        raise error
    return printed


def _end(parts: list[Part]) -> None:
    """Ask all of these to end, and wait for them."""
    for part in parts:
        part.ask_to_end()
    for part in parts:
        part.wait_for_end()
