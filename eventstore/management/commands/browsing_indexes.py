"""`manage.py browsing_indexes`: makes or drops the indexes by which people look through events and commands."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends import store
from eventstore.log import browsing_indexes
from eventstore.log.browsing_indexes import BROWSING, BrowsingIndex
from eventstore.log.identity import identity
from eventstore.management.log_command import LogCommand

EXAMPLES = """\
examples:
  manage.py browsing_indexes                                    which are there, and what is slow without each
  manage.py browsing_indexes --apply                            as EVENTSTORE_BROWSING_INDEXES says
  manage.py browsing_indexes --drop eventstore_event_type       one of them; without a name, all
  manage.py browsing_indexes --create --database read           those of another database

exit codes:
  0  done, or as the setting says
  1  it could not be done; what was done so far stays
  3  without an option: not as the setting says
"""


class Command(LogCommand):
    help = (
        "Make or drop the indexes by which people look through events (by type) and commands (by actor, by type). No "
        "command, feed or rebuild needs them. They take about 237 bytes for each event and its command, so a site with "
        "a read database may have them there alone. The site goes on meanwhile: on PostgreSQL they are made "
        "concurrently. Without them, lists in the admin look through the newest rows only, and say so."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="all by default")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--create", action="store_true", help="make those that are not there")
        what.add_argument("--drop", action="store_true", help="drop those that are there")
        what.add_argument("--apply", action="store_true", help="make or drop them, as the setting says")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, names: Sequence[str], create: bool, drop: bool, apply: bool, **options: Any) -> None:
        chosen = [_index(name) for name in names or BROWSING]
        identity()  # where nothing was migrated, no index is there either
        wanted = create or ((apply or not drop) and browsing_indexes.are_wanted())
        if create or drop or apply:
            done = self._change(chosen, browsing_indexes.create if wanted else browsing_indexes.drop, wanted=wanted)
            self.stdout.write(json.dumps({"statements": done}) if options["json"] else "\n".join(done) or "As it was.")
            return
        there = browsing_indexes.there(store().connection)
        self._tell(chosen, there, as_json=options["json"])
        if any(there[index.name] != wanted for index in chosen):
            raise SystemExit(3)

    def _change(
        self,
        chosen: Sequence[BrowsingIndex],
        change: Callable[[BaseDatabaseWrapper, BrowsingIndex], list[str]],
        *,
        wanted: bool,
    ) -> list[str]:
        connection, done = store().connection, list[str]()
        there = browsing_indexes.there(connection)
        try:
            for index in chosen:
                done += [] if there[index.name] == wanted else change(connection, index)
        except Error as error:
            raise CommandError(
                f"{' '.join(str(error).split())} Done so far: {'; '.join(done) or 'nothing'}."
            ) from error
        return done

    def _tell(self, chosen: Sequence[BrowsingIndex], there: dict[str, bool], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({index.name: there[index.name] for index in chosen}))
            return
        for index in chosen:
            state = "is there" if there[index.name] else "is not there"
            self.stdout.write(f"{index.name:<26} {state:<13} without it slow: {index.slow}")


def _index(name: str) -> BrowsingIndex:
    if name not in BROWSING:
        raise CommandError(f"No browsing index is called {name!r}. There are: {', '.join(BROWSING)}.")
    return BROWSING[name]
