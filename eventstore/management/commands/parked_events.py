"""`manage.py parked_events`: lists, retries and skips events that a projection or reaction fails on."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from eventstore.keys.command import KeyedCommand
from eventstore.log.database import primary_rows
from eventstore.management.log_command import LogCommand
from eventstore.models import Parked
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.parking import parking
from eventstore.projecting.parking.parking import CannotSkip

LINE = "{:>6}  {:<24} {:<44} {:>12}  {:<32} {:>8}  {}"


class Command(LogCommand, KeyedCommand):
    help = (
        "List the streams that are parked: an event of theirs fails in a projection (or reaction), so they wait there, "
        "and the others go on. They are tried again by themselves for half a minute, and then by you: mend the "
        "projector or add an upcaster, deploy it, and --retry-all. An event that can't be mended is passed over with "
        "--skip, for good; who did it and why stands in the log. Exits with 3 if anything is parked in the end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="list as JSON")
        parser.add_argument("--projection", metavar="NAME", help="only what is parked for this projection")
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--retry", nargs="+", type=int, metavar="ID", help="try these again, now")
        action.add_argument("--retry-all", action="store_true", help="try all again, now")
        action.add_argument("--skip", type=int, metavar="ID", help="pass over the event that this one is parked with")
        parser.add_argument("--by", metavar="NAME", default="", help="with --skip: the person who answers for it")
        parser.add_argument("--reason", metavar="TEXT", default="", help="with --skip: why")

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_unknown(options["projection"])
        if options["retry"]:
            for parked in [_found(number) for number in options["retry"]]:
                parking.retry(parked)
        elif options["retry_all"]:
            parking.retry_all(options["projection"])
        elif options["skip"] is not None:
            _skip(options["skip"], by=options["by"], reason=options["reason"])
        self._print(options["projection"], as_json=options["json"])

    def _print(self, projection: str | None, *, as_json: bool) -> None:
        found = primary_rows(Parked).filter(projection_id=projection) if projection else primary_rows(Parked).all()
        parked = list(found.order_by("projection_id", "position"))
        (self._as_json if as_json else self._as_table)(parked)
        if parked:
            raise SystemExit(3)

    def _as_json(self, parked: list[Parked]) -> None:
        names = [field.attname for field in Parked._meta.concrete_fields]
        rows = [{name: getattr(row, name) for name in names} for row in parked]
        self.stdout.write(json.dumps(rows, cls=DjangoJSONEncoder, indent=2))

    def _as_table(self, parked: list[Parked]) -> None:
        if not parked:
            self.stdout.write("Nothing is parked.")
            return
        self.stdout.write(LINE.format("id", "projection", "stream", "position", "event", "attempts", "tried again"))
        for row in parked:
            stream, again = f"{row.category}:{row.stream_id}", f"{row.retry_at:%H:%M:%S}" if row.retry_at else "by you"
            self.stdout.write(
                LINE.format(row.pk, row.projection_id, stream, row.position, row.type, row.attempts, again)
            )
            self.stdout.write(f"{'':>8}{row.error or 'What the error said was erased.'}")


def _refuse_unknown(name: str | None) -> None:
    """Refuse a name that is not declared, unless streams are parked for it: then the code has lost it."""
    if name and name not in subscribers() and not primary_rows(Parked).filter(projection_id=name).exists():
        there_are = ", ".join(sorted(subscribers())) or "none"
        raise CommandError(f"No projection or reaction is called {name!r}. There are: {there_are}.")


def _skip(number: int, *, by: str, reason: str) -> None:
    try:
        parking.skip(_found(number), actor=by, reason=reason)
    except (ValueError, CannotSkip) as error:
        raise CommandError(f"{error} Nothing was skipped.") from error


def _found(number: int) -> Parked:
    try:
        return primary_rows(Parked).get(pk=number)
    except Parked.DoesNotExist:
        raise CommandError(f"Nothing is parked with the id {number}. Nothing was done.") from None
