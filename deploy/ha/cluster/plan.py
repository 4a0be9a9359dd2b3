"""What the cluster consists of, and every port of it."""

import random
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
PORTS: Final = 60  # from the first one on
ROOT: Final = Path(__file__).resolve().parents[3]
NODES: Final = ("a", "b", "c")  # servers of PostgreSQL
SITES: Final = (1, 2)  # machines of the site, each with a pooler and a runner
BROKERS: Final = (1, 2, 3)


@dataclass(frozen=True)
class Plan:
    """One cluster: where it keeps its state, and from which port on it listens."""

    folder: Path = ROOT / "var" / "cluster"
    first_port: int = 7400
    etcd_members: int = 3
    is_durable: bool = True  # whether the disk is waited for; a test that kills programs only need not
    has_helpers: bool = True  # mails, seals, statements, due tasks, the relay with NATS, Prometheus
    has_read_database: bool = False
    site_settings: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> int:
        """HAProxy's port before the machines of the site."""
        return self.first_port

    @property
    def primary(self) -> int:
        """HAProxy's port before the server that leads."""
        return self.first_port + 1

    @property
    def standbys(self) -> int:
        """HAProxy's port before the other servers."""
        return self.first_port + 2

    @property
    def statistics(self) -> int:
        """HAProxy's page about itself."""
        return self.first_port + 3

    @property
    def prometheus(self) -> int:
        return self.first_port + 4

    def pooler(self, machine: int) -> int:
        """The pgbouncer of a machine of the site."""
        return self.first_port + 4 + machine

    def web(self, machine: int) -> int:
        """The web server of a machine of the site."""
        return self.first_port + 6 + machine

    def metrics(self, machine: int) -> int:
        """The exporter of a machine of the site, which Prometheus scrapes."""
        return self.first_port + 13 + machine

    def server(self, node: str) -> int:
        """PostgreSQL."""
        return self.first_port + 10 + NODES.index(node)

    def patroni(self, node: str) -> int:
        """Patroni's REST API."""
        return self.first_port + 20 + NODES.index(node)

    def etcd(self, member: int) -> int:
        return self.first_port + 30 + member

    def etcd_peer(self, member: int) -> int:
        return self.first_port + 35 + member

    def nats(self, broker: int) -> int:
        return self.first_port + 40 + broker

    def nats_route(self, broker: int) -> int:
        return self.first_port + 45 + broker

    def nats_monitor(self, broker: int) -> int:
        return self.first_port + 50 + broker

    @property
    def read_database(self) -> int:
        """PostgreSQL with the copy of the log."""
        return self.first_port + 13

    def data(self, node: str) -> Path:
        """The data folder of a server."""
        return self.folder / f"postgresql-{node}"


def free_ports() -> int:
    """A first port from which all ports of a cluster are free at present."""
    for _ in range(100):
        first = random.randrange(20_000, 31_000)  # noqa: S311 - below those that the system gives out
        with suppress(OSError):
            for port in range(first, first + PORTS):
                socket.create_server((HOST, port)).close()
            return first
    raise OSError("No row of free ports was found.")
