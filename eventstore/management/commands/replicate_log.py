"""`manage.py replicate_log`: publishes the log on the primary, and makes another PostgreSQL a read database of it."""

import json
import sys
import time
from dataclasses import asdict
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.db import Error

from eventstore import feed
from eventstore.backends import store
from eventstore.management.log_command import LogCommand
from eventstore.management.progress import progress_bar
from eventstore.management.steps import step_bars
from eventstore.replication import epochs, publication, status, subscription
from eventstore.replication.errors import ReplicationError
from eventstore.replication.primary import connected

EXAMPLES = """\
examples:
  manage.py replicate_log --publish --role copier --print     on the primary: SQL for psql, nothing is changed
  manage.py replicate_log --publish --role copier             on the primary: the same, done
  manage.py migrate                                           on the read database, which is empty
  manage.py replicate_log --follow "host=primary dbname=tidemark user=copier password=…"    there
  manage.py run_projections                                   there: builds its read models, and keeps them up to date
  manage.py replicate_log --status                            on either side
  manage.py replicate_log --compare "host=primary …"          there, after a new epoch of the log
  manage.py replicate_log --follow "host=primary …" --anew    there: everything once more
  manage.py replicate_log --drop                              there, and then on the primary

exit codes:
  0  done; with --status: all is well
  1  it could not be done, and the sentence says why
  3  with --status: something is not as it should be
"""

POLL_SECONDS: Final = 0.5  # between two looks at the first copy


class Command(LogCommand):
    help = (
        "Give another PostgreSQL the log by logical replication, so that read models are built and asked there. "
        "--publish prepares the primary, --follow an empty, migrated database; from then on nothing is recorded in "
        "that one, its runners (run_projections) serve all projections, and it knows as much as its replicated mark "
        "says. The first copy shows its progress and may be left alone: Ctrl-C does not end it. "
        "docs/operations.md tells the whole."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--publish", action="store_true", help="on the primary: publish the tables of the log")
        what.add_argument(
            "--follow",
            metavar="CONNINFO",
            help="on the read database: follow what libpq reaches by this (-: stdin)",
        )
        what.add_argument(
            "--compare", metavar="CONNINFO", help="on the read database: accept a new epoch, if nothing here differs"
        )
        what.add_argument("--status", action="store_true", help="on either: how far the copy is, and what is wrong")
        what.add_argument("--drop", action="store_true", help="on either: end it; what was copied stays, and is frozen")
        parser.add_argument("--role", default="", help="with --publish: a role for the read database; it may be new")
        parser.add_argument("--print", action="store_true", dest="only_print", help="with --publish: print the SQL")
        parser.add_argument("--anew", action="store_true", help="with --follow: empty what was copied, and begin again")
        parser.add_argument("--name", default=subscription.NAME, help="with --follow: of subscription and slot")
        parser.add_argument("--no-wait", action="store_true", help="with --follow: do not wait for the first copy")
        parser.add_argument("--primary", metavar="CONNINFO", help="with --status: tell how far behind this it is")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not store().has_roles:
            raise CommandError("A read database takes PostgreSQL on both sides; this log is in SQLite.")
        chosen = next(name for name in ("publish", "follow", "compare", "status", "drop") if options[name])
        try:
            getattr(self, f"_{chosen}")(options)
        except (ReplicationError, Error) as error:
            raise CommandError(" ".join(str(error).split())) from error

    def _publish(self, options: dict[str, Any]) -> None:
        connection = store().connection
        if store().subscribes():
            raise CommandError("This is a read database: publish the log where commands are executed.")
        if options["only_print"]:
            done = list(publication.statements(connection, options["role"]))
        else:
            done = publication.publish(connection, options["role"])
        self._tell(options, {"statements": done}, *done or ["Nothing is left to do: the log is published."])

    def _follow(self, options: dict[str, Any]) -> None:
        conninfo = sys.stdin.readline().strip() if options["follow"] == "-" else options["follow"]
        with connected(conninfo) as primary:
            sizes = primary.sizes()
            subscription.follow(primary, conninfo, name=options["name"], anew=options["anew"])
        if not options["no_wait"]:
            self._wait(sizes, options)
        self._status({**options, "primary": None})

    def _wait(self, sizes: dict[str, int], options: dict[str, Any]) -> None:
        """Show the copying of each table until all have come level; whoever stops it leaves the copying alone."""
        with step_bars(options) as show:
            while (found := status.following(store().connection)) and not found.ready:
                if found.problems:
                    return
                for table in found.tables:
                    if table.state == "is copied":
                        show(table.name, table.copied, max(table.copied, sizes.get(table.name, 0)))
                time.sleep(POLL_SECONDS)

    def _compare(self, options: dict[str, Any]) -> None:
        mark = feed.mark()
        with (
            connected(options["compare"]) as primary,
            progress_bar(mark.position + mark.number, "places", options) as progress,
        ):
            epoch = epochs.accept(store().connection, primary, progress)
        self._tell(options, {"epoch": epoch}, f"All that is here is on the primary. Epoch {epoch} is accepted.")

    def _drop(self, options: dict[str, Any]) -> None:
        connection = store().connection
        if store().subscribes():
            left = subscription.unsubscribe(connection)
            lines = ["It follows no longer. What is here stays, and nothing is recorded in it."]
            lines += [f"On the primary is left: SELECT pg_drop_replication_slot('{each}');" for each in left]
            self._tell(options, {"slots_left": left}, *lines)
            return
        done, left = publication.unpublish(connection), [slot.name for slot in status.slots(connection)]
        lines = [f"A slot is left: SELECT pg_drop_replication_slot('{name}');" for name in left]
        self._tell(options, {"statements": done, "slots_left": left}, *done or ["Nothing was published."], *lines)

    def _status(self, options: dict[str, Any]) -> None:
        found = status.following(store().connection)
        is_well = self._show_primary(options) if found is None else self._show_reader(found, options)
        if not is_well and options["status"]:
            raise SystemExit(3)

    def _show_primary(self, options: dict[str, Any]) -> bool:
        connection = store().connection
        slots, lacking = status.slots(connection), status.lacking(connection)
        problems = [slot.problem for slot in slots if slot.problem]
        if lacking:
            problems.append(f"The publications lack {', '.join(lacking)}: manage.py replicate_log --publish")
        lines = [
            f"{slot.name}: {'read' if slot.active else 'not read'}, {status.size(slot.behind_bytes)} behind, "
            f"{status.size(slot.kept_bytes)} of write-ahead log kept ({slot.wal_status})"
            for slot in slots
        ] or ["No read database has a slot here."]
        told = {"follows": False, "slots": [asdict(slot) for slot in slots], "problems": problems}
        self._tell(options, told, *lines, *map(self.style.ERROR, problems))
        return not problems

    def _show_reader(self, found: status.Following, options: dict[str, Any]) -> bool:
        told = {"follows": True, **found.as_json()}
        lines = [f"{table.name}: {table.state}" for table in found.tables if table.state != "ready"]
        if found.ready:
            lines.append(f"Ready, up to position {found.position:,}, in epoch {found.epoch}.")
        else:
            lines.append("Not ready: nothing here counts as known.")
        if not found.applies:
            lines.append("Nothing is applied at this moment: the primary is away, or refuses.")
        if found.errors:
            lines.append(f"Applying has failed {found.errors:,} times; the log of PostgreSQL here says why.")
        if options["primary"]:
            behind = self._behind(found, options["primary"])
            told |= behind
            lines.append(
                f"Behind the primary: {behind['behind_positions']:,} positions, {status.size(behind['behind_bytes'])}."
            )
        self._tell(options, told, *lines, *map(self.style.ERROR, found.problems))
        return found.ready and found.applies

    def _behind(self, found: status.Following, conninfo: str) -> dict[str, int]:
        with connected(conninfo) as primary:
            position, _number, end = primary.mark()
            received = found.received or "0/0"
            ((behind,),) = publication.rows(
                store().connection, "SELECT greatest(pg_wal_lsn_diff(%s, %s), 0)::bigint", [end, received]
            )
        return {"behind_positions": max(0, position - found.position), "behind_bytes": behind}

    def _tell(self, options: dict[str, Any], told: dict[str, Any], *lines: str) -> None:
        self.stdout.write(json.dumps(told) if options["json"] else "\n".join(lines))
