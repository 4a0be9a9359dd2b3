"""`manage.py serve`: the site, the runner of its projections, and its maintenance, as one program."""

import argparse
import contextlib
import os
import socket
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser, DjangoHelpFormatter
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config.erasures import erase_again
from config.keys import refuse_wrong_keys
from config.supervisor import HUNG_AFTER_SECONDS, supervise
from eventstore import due
from eventstore.errors import RestoreUnfinished
from eventstore.management.command import EngineCommand
from eventstore.service import notice_restores

Number = TypeVar("Number", int, float)

MANAGE = settings.BASE_DIR / "manage.py"
GRANIAN_LOG = settings.BASE_DIR / "config" / "granian_log.json"  # so that the server's own lines are JSON, too
CORES = os.cpu_count() or 1
# A thread that waits for the database leaves its core to others; but each thread holds a connection.
THREADS = min(2 * CORES + 1, 8)
# Connections that a process holds at a time, most of them idle, besides those of MAX_LISTENERS; the next ones wait for
# one of them to end. Granian has the system allow as many open files as it would.
CONNECTIONS = 2_048
HEADER_BYTES = 65_536  # of the headers of a request: more is refused with 431, and so kept in no memory
HEADER_SECONDS = 10  # for a request to begin, and for its headers to be complete; so idle connections end, too
WORKERS_KILL_SECONDS = 4  # for a worker to finish what it has in hand; less than the supervisor's grace

HELP = """\
Serve the site, keep its delayed read models up to date, and do what is due.

These programs are started: the web server (Granian), `manage.py run_projections`,
`manage.py issue_statements --watch`, `manage.py send_mail --watch`, `manage.py seal --watch`
and, if tasks are declared with @due, `manage.py run_due --watch`; with RESTORE_DRILL_EVERY,
also `manage.py restore_drill --watch`; with RELAY_TARGETS, also `manage.py relay`; with
METRICS_LISTEN, also `manage.py metrics`.
They stop together, by Ctrl-C or SIGTERM. One that ends by itself is started again, and one
that hangs is replaced; the others go on meanwhile. deploy/systemd has units that do the same.
"""

EXAMPLES = """\
examples:
  manage.py serve                        http://localhost:8000, for this machine only
  manage.py serve --port 9000            another port
  manage.py serve --host 0.0.0.0         for the network: put a proxy with HTTPS before it
  manage.py serve --workers 4            four processes; one for each core is a good start
  manage.py serve --site-only            the web server alone: the other parts run elsewhere

Before the first start: manage.py migrate && manage.py collectstatic
"""


class Layout(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of the help."""


class Command(EngineCommand):
    """Starts the web server, the runner and the scheduled commands, and stops them together."""

    help = HELP
    requires_system_checks: list[str] = []  # the programs run the checks themselves

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's parser with line breaks of the help kept, and examples at its end."""
        return super().create_parser(prog_name, subcommand, epilog=EXAMPLES, formatter_class=Layout, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declares the address, and the numbers of processes and threads."""
        parser.add_argument("--host", type=named, default="127.0.0.1", help="address to listen on [%(default)s]")
        parser.add_argument("--port", type=number(int, 1, 65_535), default=8000, help="port to listen on [%(default)s]")
        parser.add_argument(
            "--workers", type=number(int, 1, 1_000), default=CORES, help="processes [one for each core]"
        )
        parser.add_argument(
            "--threads",
            type=number(int, 1, 1_000),
            default=THREADS,
            help="requests that each serves at a time [%(default)s]",
        )
        parser.add_argument("--site-only", action="store_true", help="start the web server and nothing beside it")
        parser.add_argument(
            "--hung-after",
            type=allowance,
            default=HUNG_AFTER_SECONDS,
            metavar="SECONDS",
            help="replace a part that has not said for so long that it is well, or that has been busy with one thing "
            "for ten times as long; 0 for never [%(default)g]",
        )

    def handle(
        self, *, host: str, port: int, workers: int, threads: int, site_only: bool, hung_after: float, **_: Any
    ) -> None:
        """Runs until stopped; raises CommandError when the port is taken."""
        must_be_free(host, port)
        must_be_migrated()
        must_have_its_keys()
        must_be_whole()  # first: what a restore has lost is told apart by epochs
        self._erase_again()
        self.stdout.write(f"Tidemark is at {self.style.SUCCESS(address(host, port))} (Ctrl-C stops it).")
        self.stdout.flush()
        environment = {"SITE_THREADS": str(threads)}
        if not (settings.HTTPS or os.environ.get("SITE_URL")):
            environment["SITE_URL"] = address(host, port).rstrip("/")  # for links in mails
        parts = {"site": server(host, port, workers)} | ({} if site_only else helpers())
        supervise(parts, environment=environment, hung_after_seconds=hung_after)
        self.stdout.write("Stopped.")

    def _erase_again(self) -> None:
        """Erases again who was erased before a restore; raises CommandError if nobody can tell who that is."""
        try:
            erased = erase_again()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if erased:
            self.stdout.write(f"Erased again, as the list of erasures has them: {erased:,} persons.")


def number(kind: type[Number], least: Number, most: Number) -> Callable[[str], Number]:
    """A reader of numbers within bounds, for argparse: what lies outside would end each part at every start."""

    def read(text: str) -> Number:
        with contextlib.suppress(ValueError):
            if least <= (value := kind(text)) <= most:
                return value
        raise argparse.ArgumentTypeError(f"{text!r} is no number from {least} to {most}")

    return read


def allowance(text: str) -> float:
    """The seconds without a beat: none, or enough for a beat to come."""
    return 0.0 if text == "0" else number(float, 1.0, 86_400.0)(text)


def named(host: str) -> str:
    """A host that is not empty; raises ArgumentTypeError."""
    if not host.strip():
        raise argparse.ArgumentTypeError("name an address, such as 127.0.0.1")
    return host


def must_be_free(host: str, port: int) -> None:
    """Raises CommandError, in plainer words than the server's, if the address can't be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = f"Nothing can listen on {host}, port {port}: {error.strerror}."
        raise CommandError(f"{reason} Choose another port with --port (make run PORT={port + 1}).") from error


def must_be_migrated() -> None:
    """Raises CommandError if the code needs another database: each part would end by itself, with its own traceback."""
    try:
        executor = MigrationExecutor(connection)
        lacking = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return  # it is away; the parts wait for it
    if lacking:
        raise CommandError(
            f"The database lacks migrations of this program ({len(lacking)}, the first is {lacking[0][0]}). "
            "Run: manage.py migrate"
        )


def must_be_whole() -> None:
    """Notices restores with other tools; raises CommandError while one of an archive has not come to its end."""
    try:
        notice_restores()
    except RestoreUnfinished as error:
        raise CommandError(str(error)) from error


def must_have_its_keys() -> None:
    """Raises CommandError if the keys of personal data can't be opened: each part would end by itself."""
    try:
        refuse_wrong_keys()
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from error


def address(host: str, port: int) -> str:
    """The URL of the site for a browser on this machine."""
    local = host in {"127.0.0.1", "::1", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    return f"http://{'localhost' if local else host}:{port}/"


def server(host: str, port: int, workers: int) -> list[str]:
    """The command line of the web server."""
    options = {
        "--interface": "rsgi",
        "--host": host,
        "--port": str(port),
        "--workers": str(workers),
        "--http": "1",  # the timeout of headers does not hold while the version of HTTP is still to be found out
        "--http1-header-read-timeout": str(HEADER_SECONDS * 1_000),
        "--http1-buffer-size": str(HEADER_BYTES),
        "--backpressure": str(CONNECTIONS + settings.EVENTSTORE_MAX_LISTENERS),  # it counts connections, not requests
        "--working-dir": str(settings.BASE_DIR),
        "--log-level": "warning",
        "--workers-kill-timeout": str(WORKERS_KILL_SECONDS),
        **({"--log-config": str(GRANIAN_LOG)} if settings.LOG_FORMAT == "json" else {}),
    }
    flat = [word for option in options.items() for word in option]
    return [sys.executable, "-m", "config.web", *flat, "--no-ws", "--respawn-failed-workers", "config.rsgi:application"]


def helpers() -> dict[str, list[str]]:
    """The command lines of the parts that run beside the web server, by name; `run_due` only if a task is declared."""
    maintenance = [["run_due", "--watch"]] if due.tasks else []
    if settings.VERIFY_WATCH:
        pace = ["--rate", str(settings.VERIFY_RATE), "--every", str(settings.VERIFY_EVERY)]
        maintenance.append(["verify", "--watch", *pace])
    drills = [["restore_drill", "--watch"]] if settings.RESTORE_DRILL_EVERY else []
    watchers = [[name, "--watch"] for name in ("issue_statements", "send_mail", "seal")]
    relay = [["relay"]] if settings.RELAY_TARGETS else []
    metrics = [["metrics"]] if settings.METRICS_LISTEN else []
    parts = [["run_projections"], *watchers, *relay, *maintenance, *drills, *metrics]
    return {part[0]: [sys.executable, str(MANAGE), *part] for part in parts}
