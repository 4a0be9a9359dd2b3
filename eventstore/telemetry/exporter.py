"""The exporter: one place on a machine from which Prometheus scrapes what its processes count, and the log's figures.

It listens on an address of its own, never on the site's; one that others may reach takes a token.
"""

import hmac
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from eventstore.backends import in_database
from eventstore.telemetry.count_files import fold_ended
from eventstore.telemetry.figures import Figure, figures

__all__ = ["Exporter", "address", "exposition", "serving"]

PATH: Final = "/metrics"
MIN_TOKEN_CHARACTERS: Final = 20
PATIENCE_SECONDS: Final = 10.0  # for a request to come
POLL_SECONDS: Final = 0.1  # between two looks whether it is to stop


class Figures:
    """Collects figures of the log, as prometheus_client wants them."""

    def __init__(self, found: Iterable[Figure]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """The figures, by their metrics."""
        families: dict[str, GaugeMetricFamily] = {}
        for metric, value, labels in self._found:
            family = families.setdefault(metric.name, GaugeMetricFamily(metric.name, metric.says, labels=metric.labels))
            family.add_metric(labels, value)
        yield from families.values()


def exposition(folder: Path, accepted: str = "", found: Iterable[Figure] | None = None) -> tuple[bytes, str]:
    """What there is to scrape, and its content type, for a scraper that accepts some.

    `found` are figures of the log; those of this moment, if none are given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fold_ended(folder)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    registry.register(Figures(figures() if found is None else found))
    encode, kind = choose_encoder(accepted)
    return encode(registry), kind


def address(text: str, token: str) -> tuple[str, int]:
    """The host and port of METRICS_LISTEN. Raises ImproperlyConfigured for what is none, or needs a token."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname or "", parts.port or 0
        is_local = ip_address(host).is_loopback
    except ValueError:
        host, port, is_local = "", 0, False
    if not (host and port):
        raise ImproperlyConfigured(f"METRICS_LISTEN must be an IP address and a port, as 127.0.0.1:9464, not {text!r}.")
    if not is_local and len(token) < MIN_TOKEN_CHARACTERS:
        raise ImproperlyConfigured(
            f"METRICS_LISTEN is {text}, which others may reach. Set METRICS_TOKEN, of {MIN_TOKEN_CHARACTERS} "
            "characters or more, or listen on 127.0.0.1."
        )
    return host, port


class Exporter(ThreadingHTTPServer):
    """Answers `GET /metrics` until it is shut down; one scrape at a time reads the database."""

    daemon_threads = True

    def __init__(self, listen: str, token: str, folder: Path, database: str) -> None:
        """Raises ImproperlyConfigured, or OSError if the address is taken."""
        host, port = address(listen, token)
        if ":" in host:
            self.address_family = socket.AF_INET6
        self.token, self.folder, self.database = token, folder, database
        self.scraping = threading.Lock()
        super().__init__((host, port), Handler)

    def scrape(self, accepted: str) -> tuple[bytes, str]:
        """What there is to scrape, and its content type."""
        try:
            with self.scraping, in_database(self.database):
                return exposition(self.folder, accepted)
        finally:
            connections.close_all()  # those of this thread


def serving(listen: str, token: str, folder: Path, database: str) -> AbstractContextManager[Exporter]:
    """Within the block, scrapes are answered in threads. Raises, before it, what `Exporter` raises."""
    return _serving(Exporter(listen, token, folder, database))


@contextmanager
def _serving(exporter: Exporter) -> Iterator[Exporter]:
    thread = threading.Thread(target=exporter.serve_forever, args=[POLL_SECONDS], name="exporter", daemon=True)
    thread.start()
    try:
        yield exporter
    finally:
        exporter.shutdown()
        exporter.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """Answers one scrape."""

    server: Exporter
    timeout = PATIENCE_SECONDS
    server_version, sys_version = "tidemark", ""

    def do_GET(self) -> None:
        """The metrics, for who may have them."""
        if urlsplit(self.path).path != PATH:
            self._answer(HTTPStatus.NOT_FOUND, b"There is /metrics.\n")
        elif not self._is_allowed():
            self._answer(HTTPStatus.UNAUTHORIZED, b"Send METRICS_TOKEN as a bearer token.\n")
        else:
            self._answer(HTTPStatus.OK, *self.server.scrape(self.headers.get("Accept", "")))

    def log_message(self, *_: object) -> None:
        """Say nothing: a scrape comes every few seconds."""

    def _is_allowed(self) -> bool:
        given = self.headers.get("Authorization", "").encode()
        return not self.server.token or hmac.compare_digest(given, f"Bearer {self.server.token}".encode())

    def _answer(self, status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
