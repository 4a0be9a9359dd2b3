"""`manage.py metrics`: the exporter that Prometheus scrapes, or the log's figures at this moment."""

import json
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser

from eventstore import service
from eventstore.backends import log_database
from eventstore.management.log_command import LogCommand
from eventstore.telemetry import catalogue
from eventstore.telemetry.configured import METRICS, NEEDED, is_there
from eventstore.telemetry.figures import Figure, figures

EXAMPLES = """\
examples:
  manage.py metrics                           answer scrapes on METRICS_LISTEN, until stopped
  manage.py metrics --listen 127.0.0.1:9464   on another address than METRICS_LISTEN
  manage.py metrics --once                    print the figures of the log at this moment
  manage.py metrics --once --json             the same, for programs

exit codes:
  0  stopped, or the figures are printed
  1  it can't listen, or a package is missing
  3  with --once: the database did not answer, or some figures could not be read in time
"""


class Command(LogCommand):
    help = (
        "Answer Prometheus: what the processes of this machine have counted (commands, requests, retries, deliveries), "
        "and figures of the log, which are read with each scrape (lag, parked streams, ages of seals, verification, "
        "drills and backups). It reads only, and goes on when the database is away. What to watch, and what each alert "
        "means: docs/observability.md."
    )
    requires_system_checks: list[str] = []  # it has to work while something is wrong
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", metavar="ADDRESS:PORT", help="listen here [METRICS_LISTEN]")
        parser.add_argument("--once", action="store_true", help="print the figures of the log, and stop")
        parser.add_argument("--json", action="store_true", help="with --once: print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self._once(as_json=options["json"])
        else:
            self._serve(options["listen"] or getattr(settings, METRICS, ""))

    def _once(self, *, as_json: bool) -> None:
        found = figures()
        if as_json:
            self.stdout.write(json.dumps({"figures": [_fields(figure) for figure in found]}, indent=2))
        else:
            for metric, value, labels in found:
                self.stdout.write(" ".join([f"{metric.name:<46}", f"{value:,g}", *labels]))
        if any(_is_bad(figure) for figure in found):
            raise SystemExit(3)

    def _serve(self, listen: str) -> None:
        """Answer scrapes until stopped; without an address, only wait, as `relay` does without targets."""
        exporter = self._exporter(listen) if listen else nullcontext()
        with service.running() as stop, exporter:
            where = f"http://{listen}/metrics" if listen else "nothing, as METRICS_LISTEN names no address"
            self.stdout.write(f"Prometheus may scrape {where}. Stop with Ctrl-C.")
            self.stdout.flush()
            stop.wait()
        self.stdout.write("Stopped.")

    def _exporter(self, listen: str) -> AbstractContextManager[Any]:
        module, package = NEEDED[METRICS]
        if not is_there(module):
            raise CommandError(f"It needs the package {package} (requirements-extras.txt, docs/observability.md).")
        from eventstore.telemetry.exporter import serving  # noqa: PLC0415 - an extra

        folder, token = Path(settings.METRICS_FOLDER), getattr(settings, "METRICS_TOKEN", "")
        try:
            return serving(listen, token, folder, log_database())
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Nothing can listen on {listen}: {error.strerror}. Choose another port.") from error


def _fields(figure: Figure) -> dict[str, Any]:
    metric, value, labels = figure
    return {"name": metric.name, "labels": dict(zip(metric.labels, labels, strict=True)), "value": value}


def _is_bad(figure: Figure) -> bool:
    return (figure.metric, bool(figure.value)) in {(catalogue.DATABASE_UP, False), (catalogue.UNREADABLE, True)}
