"""`manage.py relay`: delivers events to other systems."""

import json
import threading
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections

from eventstore import personal, service
from eventstore.backends import in_database, log_database
from eventstore.errors import EventStoreError, TargetUnavailable
from eventstore.keys.command import KeyedCommand
from eventstore.log.database import primary_rows
from eventstore.management.log_command import LogCommand
from eventstore.models import Parked
from eventstore.projecting.inspect.statuses import Status, status
from eventstore.projecting.installation import install
from eventstore.projecting.runner.runner import Runner
from eventstore.relay.rewind import rewind
from eventstore.relay.targets import Relay, relays

LINE = "{:<16} {:<14} {:>12} {:>8} {:>10} {:>7}  {}"

EXAMPLES = """\
examples:
  manage.py relay                            deliver to all targets, until stopped
  manage.py relay --target bus --once        deliver to one what is recorded by now, and stop
  manage.py relay --status                   how far each target is behind
  manage.py relay --target bus --from 1200   send it all events after position 1,200 once more
  manage.py parked_events --projection relay-bus   what it did not take, to be retried or skipped

exit codes:
  0  all is delivered (--once), or nothing is wrong (--status), or it was stopped
  1  it could not deliver: a target is away (--once), the database is, or an argument is wrong
  3  a target does not take some events, which are parked
"""


class Command(LogCommand, KeyedCommand):
    help = (
        "Deliver events to other systems: NATS JetStream, Kafka, webhooks, as the setting RELAY_TARGETS names them. "
        "Each event arrives at least once, in the order of its stream, as a CloudEvent whose id is that of the event; "
        "who drops ids that they have seen has each exactly once (docs/relay.md). A checkpoint moves only when the "
        "other system has acknowledged. If a target is away, its events wait; if it does not take one of them, that "
        "stream is parked and retried for nine hours, and the others go on. Any number of relays may run on PostgreSQL."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--target", metavar="NAME", help="deliver to this one; to all by default")
        parser.add_argument("--json", action="store_true", help="with --status and --once: print JSON")
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--once", action="store_true", help="deliver what is recorded by now, and stop")
        action.add_argument("--status", action="store_true", help="show how far each target is behind, and stop")
        action.add_argument(
            "--from", type=int, dest="position", metavar="POSITION", help="send all after this position again, and stop"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = _chosen(options["target"])
        if options["status"]:
            self._report(chosen, as_json=options["json"])
            return
        for relay in chosen:
            if relay.fault:
                raise CommandError(f"The target {relay.options.name} {relay.fault}.")
        service.notice_restores()
        install(using=log_database())  # a target comes with a setting, so `migrate` may not have run since
        if options["position"] is not None:
            self._rewind(chosen, options["target"], options["position"])
            return
        self._erase_again()
        if options["once"]:
            self._once(chosen, as_json=options["json"])
        else:
            self._run(chosen)

    def _run(self, chosen: list[Relay]) -> None:
        """Run a runner for each target, in a thread of its own, so that none waits for another."""
        stop, database = service.Stop(), log_database()
        threads = [threading.Thread(target=_serve, args=[each, stop, database], name=each.name) for each in chosen]
        with service.running(stop):
            names = ", ".join(relay.options.name for relay in chosen) or "nobody, as RELAY_TARGETS names no target"
            self.stdout.write(f"Delivering to {names}. Stop with Ctrl-C.")
            self.stdout.flush()
            for thread in threads:
                thread.start()
            if not threads:
                stop.wait()
            for thread in threads:
                thread.join()
        self.stdout.write("Stopped.")

    def _once(self, chosen: list[Relay], *, as_json: bool) -> None:
        away = [relay.options.name for relay in chosen if not self._deliver(relay)]
        if as_json:
            self._report(chosen, as_json=True, fails=not away)
        if away:
            raise CommandError(f"Not all is delivered to {', '.join(away)}. What is left waits.")
        if parked := list(primary_rows(Parked).filter(projection_id__in=[relay.name for relay in chosen])):
            for row in parked:
                self.stderr.write(f"Parked: {row}.")
            raise SystemExit(3)

    def _deliver(self, relay: Relay) -> bool:
        try:
            Runner([relay.name]).catch_up()
        except TargetUnavailable as error:
            self.stderr.write(f"{relay.options.name}: {error}")
            return False
        finally:
            relay.close()
        return True

    def _rewind(self, chosen: list[Relay], target: str | None, position: int) -> None:
        if target is None:
            raise CommandError("Name the target that is to be sent events again: --target NAME.")
        rewind(chosen[0], position)
        self.stdout.write(f"{target} is sent all events after position {position:,} again.")

    def _erase_again(self) -> None:
        try:
            personal.apply_missing()
        except EventStoreError as error:
            raise CommandError(f"Nothing is delivered before erasures are applied again. {error}") from error

    def _report(self, chosen: list[Relay], *, as_json: bool, fails: bool = True) -> None:
        by_name = {relay.name: relay for relay in chosen}
        found = [(by_name[each.name], each) for each in status() if each.name in by_name]
        if as_json:
            self.stdout.write(
                json.dumps({"targets": [_fields(*each) for each in found]}, cls=DjangoJSONEncoder, indent=2)
            )
        else:
            self._table(found)
        if fails and any(each.needs_attention for _, each in found):
            raise SystemExit(3)

    def _table(self, found: list[tuple[Relay, Status]]) -> None:
        self.stdout.write(LINE.format("target", "state", "position", "lag", "seconds", "parked", "address"))
        for relay, each in found:
            numbers = (f"{each.position:,}", f"{each.lag:,}", f"{each.lag_seconds:.1f}", f"{each.parked:,}")
            self.stdout.write(LINE.format(relay.options.name, each.state, *numbers, relay.options.address))


def _chosen(name: str | None) -> list[Relay]:
    declared = relays()
    if name is None:
        return list(declared.values())
    if name not in declared:
        there_are = ", ".join(sorted(declared)) or "none, as RELAY_TARGETS names none"
        raise CommandError(f"No target is called {name!r}. There are: {there_are}.")
    return [declared[name]]


def _serve(relay: Relay, stop: service.Stop, database: str) -> None:
    try:
        with in_database(database):
            Runner([relay.name], stop).run()
    finally:
        stop.set()  # if it could not go on: a service manager starts the program again, and the others with it
        relay.close()
        connections.close_all()  # those of this thread


def _fields(relay: Relay, found: Status) -> dict[str, Any]:
    options = relay.options
    told = {"target": options.name, "address": options.address, "personal": options.personal}
    return {**told, **{name: value for name, value in asdict(found).items() if not name.startswith("built")}}
