"""A primary and a standby of it: two servers of PostgreSQL with streaming replication between them."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.deploy.recovery.cluster import Cluster, room, run_as_postgres
from tests.postgres import programs

PATIENCE_SECONDS: Final = 90.0  # for what takes a moment, on a machine that has much else to do
PRIMARY: Final = ("wal_level = replica", "max_wal_senders = 10", "hot_standby = on", "max_connections = 60")


def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "It does not become true."
        time.sleep(0.02)


@dataclass(frozen=True)
class Pair:
    """Both servers; the standby's replay can be held, and let go on."""

    primary: Cluster
    standby: Cluster

    def hold(self) -> None:
        """Let the standby replay nothing more; what it receives waits."""
        self.standby.ask("SELECT pg_wal_replay_pause()")
        until(lambda: bool(self.standby.ask("SELECT pg_get_wal_replay_pause_state() = 'paused'")))

    def release(self) -> None:
        """Let the standby replay again, and wait until it has all that the primary has."""
        self.standby.ask("SELECT pg_wal_replay_resume()")
        self.catch_up()

    def catch_up(self) -> None:
        """Wait until the standby has all that the primary has."""
        end = self.primary.ask("SELECT pg_current_wal_flush_lsn()::text")
        until(lambda: bool(self.standby.ask(f"SELECT pg_last_wal_replay_lsn() >= '{end}'")))

    @contextmanager
    def frozen_standby(self) -> Iterator[None]:
        """The standby's processes are stopped within the block: its connections stay, and nobody answers."""
        for process in self.processes_of_standby():
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            self.thaw()

    def processes_of_standby(self) -> list[int]:
        """The process ids of the standby's server."""
        first = int((self.standby.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def thaw(self) -> None:
        """Let the standby's processes go on."""
        for process in self.processes_of_standby():
            os.kill(process, signal.SIGCONT)

    @contextmanager
    def without_standby(self) -> Iterator[None]:
        """The standby is down within the block."""
        self.standby.run("pg_ctl", "stop", "--mode=immediate", "--pgdata", self.standby.data)
        try:
            yield
        finally:
            start(self.standby)


@contextmanager
def pair() -> Iterator[Pair]:
    """A running pair, with the site's empty database."""
    with room() as folder:
        primary = Cluster(folder / "live" / "data", programs(folder))
        primary.make(*PRIMARY)
        start(primary)
        try:
            primary.make_database()
            standby = Cluster(folder / "standby" / "data", primary.binaries)
            _copy(primary, standby)
            start(standby)
            try:
                yield Pair(primary, standby)
            finally:
                _stop(standby)
        finally:
            _stop(primary)


def start(cluster: Cluster) -> None:
    """Start a server, and wait until it answers."""
    options = f"-c unix_socket_directories={cluster.socket}"
    log = cluster.socket / "log"
    words: list[str | Path] = ["start", "--wait", "--timeout=300", "--log", log, "--options", options]
    cluster.run("pg_ctl", *words, "--pgdata", cluster.data)


def _stop(cluster: Cluster) -> None:
    with suppress(AssertionError):
        cluster.run("pg_ctl", "stop", "--mode=immediate", "--pgdata", cluster.data)


def _copy(primary: Cluster, standby: Cluster) -> None:
    from tests.deploy.recovery.cluster import hand_over

    standby.socket.mkdir()
    hand_over(standby.socket)
    words = ["--checkpoint=fast", "--write-recovery-conf", "--no-sync", f"--pgdata={standby.data}"]
    source = f"--dbname=host={primary.socket} user=postgres"
    run_as_postgres(standby.socket, [str(primary.binaries / "pg_basebackup"), *words, source])
