"""`manage.py projection_status`: the position, lag and parked streams of each projection and reaction."""

import dataclasses
import json
from typing import Any

from django.core.management.base import CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from eventstore import feed
from eventstore.management.log_command import LogCommand
from eventstore.projecting.inspect.statuses import Status, status

LINE = "{:<24} {:<10} {:<13} {:>12} {:>10} {:>10} {:>10}"


class Command(LogCommand):
    help = (
        "Show for each projection and reaction how far it has read, how far it is behind, and how many streams are "
        "parked, because one of their events fails there. Exits with 3 if a person has to do something: a projection "
        "is to be built (new on an old log) or stale (its projector changed since its rows were built), which "
        "rebuild_projections does; a reaction is not installed, which migrate does, and a runner that starts; or a "
        "parked stream is not tried again by itself, which parked_events names."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> str | None:
        found = status()
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(found), cls=DjangoJSONEncoder, indent=2))
        else:
            self._table(found)
        if any(item.needs_attention for item in found):
            raise SystemExit(3)
        return None

    def _table(self, found: list[Status]) -> None:
        mark = feed.mark()
        self.stdout.write(f"tidemark: position {mark.position:,}, command {mark.number:,}")
        self.stdout.write(LINE.format("projection", "mode", "state", "position", "lag", "seconds", "parked"))
        for item in found:
            numbers = (f"{item.position:,}", f"{item.lag:,}", f"{item.lag_seconds:.1f}", f"{item.parked:,}")
            self.stdout.write(LINE.format(item.name, item.mode, item.state, *numbers))
            if item.given_up:
                self.stdout.write(f"  parked until a person handles them (parked_events): {item.given_up:,}")


def _as_json(found: list[Status]) -> dict[str, Any]:
    mark = feed.mark()
    return {
        "tidemark": {"position": mark.position, "number": mark.number},
        "projections": [dataclasses.asdict(item) for item in found],
    }
