"""What keeps a command from its work: troubles of the database, each with a code, a sentence and the next step."""

from typing import Final, NamedTuple

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, SystemCheckError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, Error, OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from eventstore.backends import log_database
from eventstore.backends.faults import Fault, fault_of, in_one_line, is_lacking
from eventstore.errors import EventStoreError, KeysUnavailable, RestoreUnfinished

NEXT: Final = {
    Fault.AWAY: "Look whether the database runs, and whether the settings lead to it; then run this again.",
    Fault.CROWDED: "Run this again when fewer programs are connected.",
    Fault.BUSY: "Run this again.",
    Fault.READ_ONLY: "It may be a standby: run this where the database takes writes.",
    Fault.DISK_FULL: "Make room, then run this again.",
    Fault.DISK_FAILS: "Look at the disk and at the database's own log.",
}


class Trouble(NamedTuple):
    """What a program is told (`code`), and a person: what is wrong, and what to do."""

    code: str
    says: str
    next: str = ""
    replaces: bool = False  # the words of the command itself, which would lead to the wrong place

    def message(self, error: BaseException) -> str:
        """The sentences that end the command; its own come first, if it has any."""
        says = str(error) if isinstance(error, CommandError) and not self.replaces else self.says
        return f"{says} {self.next}".rstrip().replace("\n\t", " ")  # as PostgreSQL's library breaks its lines


def trouble_of(error: Exception) -> Trouble | None:
    """What an error that ended a command tells; None for a mistake in the code."""
    for each in _causes(error):
        if trouble := _of_database(each):
            return trouble
    if isinstance(error, RestoreUnfinished):
        return Trouble("RESTORE_UNFINISHED", str(error))
    if isinstance(error, KeysUnavailable):
        return Trouble("KEYS_UNAVAILABLE", str(error))
    if isinstance(error, SystemCheckError):
        return Trouble("SYSTEM_CHECK_FAILED", str(error))
    if isinstance(error, EventStoreError | ImproperlyConfigured | CommandError):
        return Trouble("FAILED", str(error))
    return None


def _causes(error: BaseException) -> list[BaseException]:
    """An error and what it came from, each once: nothing keeps errors from naming each other."""
    seen = [error]
    while (cause := seen[-1].__cause__) is not None and cause not in seen:
        seen.append(cause)
    return seen


def _of_database(error: BaseException) -> Trouble | None:
    if is_lacking(error) and (lacking := _lacking_migrations()):
        says = f"The database lacks {lacking:,} migrations of this program."
        return Trouble("NOT_MIGRATED", says, "Run: manage.py migrate", replaces=True)
    if not isinstance(error, Error):
        return None
    if fault := fault_of(error):
        is_read_only = fault == Fault.READ_ONLY
        says = "The database takes no writes" if is_read_only else "The database can't do it"
        says = "The database can't be reached" if fault == Fault.AWAY else says
        return Trouble(f"DATABASE_{fault.name}", f"{says}: {in_one_line(error)}.", NEXT[fault], replaces=is_read_only)
    if type(error) in {DatabaseError, OperationalError} and not is_lacking(error):
        return Trouble("DATABASE_FAILED", f"The database fails: {in_one_line(error)}.")  # such as a damaged file
    return None


def _lacking_migrations() -> int:
    """How many migrations wait to be applied; 0 if that can't be told."""
    try:
        return max(map(_lacking_in, {DEFAULT_DB_ALIAS, log_database()}))
    except Error:
        return 0


def _lacking_in(alias: str) -> int:
    executor = MigrationExecutor(connections[alias])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
