"""`manage.py serve`: the site, the runner of its projections, and its maintenance, as one program."""

import argparse
import os
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter

from config.supervisor import supervise
from eventstore import due

MANAGE = settings.BASE_DIR / "manage.py"
CORES = os.cpu_count() or 1
# A thread that waits for the database leaves its core to others; but each thread holds a connection.
THREADS = min(2 * CORES + 1, 8)

HELP = """\
Serve the site, keep its delayed read models up to date, and do what is due.

These programs are started: the web server (Granian), `manage.py run_projections`,
`manage.py issue_statements --watch` and, if tasks are declared with @due,
`manage.py run_due --watch`.
They stop together: by Ctrl-C or SIGTERM, or as soon as one of them ends by itself;
then the exit code is not 0, so that whatever started this can start it again.
"""

EXAMPLES = """\
examples:
  manage.py serve                        http://localhost:8000, for this machine only
  manage.py serve --port 9000            another port
  manage.py serve --host 0.0.0.0         for the network: put a proxy with HTTPS before it
  manage.py serve --workers 4            four processes; one for each core is a good start

Before the first start: manage.py migrate && manage.py collectstatic
"""


class Layout(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of the help."""


class Command(BaseCommand):
    """Starts the web server, the runner and the scheduled commands, and stops them together."""

    help = HELP
    requires_system_checks: list[str] = []  # the programs run the checks themselves

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's parser with line breaks of the help kept, and examples at its end."""
        return super().create_parser(prog_name, subcommand, epilog=EXAMPLES, formatter_class=Layout, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declares the address, and the numbers of processes and threads."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on [%(default)s]")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on [%(default)s]")
        parser.add_argument("--workers", type=int, default=CORES, help="processes [one for each core]")
        parser.add_argument(
            "--threads", type=int, default=THREADS, help="requests that each serves at a time [%(default)s]"
        )

    def handle(self, *, host: str, port: int, workers: int, threads: int, **_: Any) -> None:
        """Runs until stopped; raises CommandError when the port is taken or a program ends by itself."""
        must_be_free(host, port)
        self.stdout.write(f"Tidemark is at {self.style.SUCCESS(address(host, port))} (Ctrl-C stops it).")
        self.stdout.flush()
        code = supervise([server(host, port, workers, threads), projections(), statements(), *maintenance()])
        if code:
            raise CommandError("A part of Tidemark ended by itself; the rest was stopped.", returncode=code)
        self.stdout.write("Stopped.")


def must_be_free(host: str, port: int) -> None:
    """Raises CommandError, in plainer words than the server's, if the address can't be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = f"Nothing can listen on {host}, port {port}: {error.strerror}."
        raise CommandError(f"{reason} Choose another port with --port (make run PORT={port + 1}).") from error


def address(host: str, port: int) -> str:
    """The URL of the site for a browser on this machine."""
    local = host in {"127.0.0.1", "::1", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    return f"http://{'localhost' if local else host}:{port}/"


def server(host: str, port: int, workers: int, threads: int) -> list[str]:
    """The command line of the web server."""
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": str(port),
        "--workers": str(workers),
        "--blocking-threads": str(threads),
        "--working-dir": str(settings.BASE_DIR),
        "--log-level": "warning",
    }
    flat = [word for option in options.items() for word in option]
    return [sys.executable, "-m", "granian", *flat, "--respawn-failed-workers", "config.wsgi:application"]


def projections() -> list[str]:
    """The command line of the projection runner."""
    return [sys.executable, str(MANAGE), "run_projections"]


def statements() -> list[str]:
    """The command line that issues statements once their month is over."""
    return [sys.executable, str(MANAGE), "issue_statements", "--watch"]


def maintenance() -> list[list[str]]:
    """The command line of `run_due --watch`; none if no task is declared."""
    return [[sys.executable, str(MANAGE), "run_due", "--watch"]] if due.tasks else []
