"""`manage.py projection_status`: how far each projection is."""

import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from eventstore import feed
from eventstore.projecting.status import Status, status

LINE = "{:<24} {:<10} {:<12} {:>12} {:>10} {:>10}"


class Command(BaseCommand):
    help = (
        "Show for each projection how far it has read and how far it is behind. Exits with 3 if one has to be built "
        "(new on an old log) or is stale (its projector changed since its rows were built): run rebuild_projections."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="tell it as JSON")

    def handle(self, *args: Any, **options: Any) -> str | None:
        found = status()
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(found), cls=DjangoJSONEncoder, indent=2))
        else:
            self._table(found)
        if any(item.state != "live" for item in found):
            raise SystemExit(3)
        return None

    def _table(self, found: list[Status]) -> None:
        mark = feed.mark()
        self.stdout.write(f"tidemark: position {mark.position:,}, command {mark.number:,}")
        self.stdout.write(LINE.format("projection", "mode", "state", "position", "lag", "seconds"))
        for item in found:
            place, lag = f"{item.position:,}", f"{item.lag:,}"
            self.stdout.write(LINE.format(item.name, item.mode, item.state, place, lag, f"{item.lag_seconds:.1f}"))


def _as_json(found: list[Status]) -> dict[str, Any]:
    mark = feed.mark()
    return {
        "tidemark": {"position": mark.position, "number": mark.number},
        "projections": [dataclasses.asdict(item) for item in found],
    }
