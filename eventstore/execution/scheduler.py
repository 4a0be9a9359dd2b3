"""Runs due tasks: each occasion once, by any number of processes at the same time, however often they are killed.

The id of a command derives from the task and the occasion's key, so what was accepted is answered by its receipt ever
after. A refusal must not stand for ever, as a read model that was behind may have been its only cause: the next try has
a key of its own, and comes one interval later, then two, then four. What is found each minute and refused for a year
leaves twenty commands in the store, not half a million.
"""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone

from eventstore.backends.faults import log_error
from eventstore.due import DueTask, Occasion
from eventstore.execute import command_id_of, execute
from eventstore.log.database import primary_rows
from eventstore.log.records import Receipt
from eventstore.messages.arguments import MAX_TEXT, WHY_A_KEY, text_of
from eventstore.models import Command
from eventstore.service import Stop

MAX_TRIES = 32  # of one occasion; as each pause is twice the one before, the last ones are beyond any lifetime
MAX_KEY = MAX_TEXT - len(f", try {MAX_TRIES}")  # characters of an occasion's key
MAX_FAILURES_SHOWN = 10  # failures in a report; all of them are logged

logger = logging.getLogger(__name__)


@dataclass
class Report:
    """The outcome of a task: commands executed, refused, or failed; a failure stores nothing and is tried again."""

    task: str
    executed: int = 0
    refused: int = 0
    failed: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.executed or self.refused or self.failed)

    def add(self, receipt: Receipt) -> None:
        """Count one command by its receipt; one that another runner executed is counted there."""
        if not receipt.replayed:
            self.executed += receipt.accepted
            self.refused += not receipt.accepted

    def add_failure(self, what: object, error: Exception) -> None:
        """Count and log one failure."""
        log_error(logger, f"{what} failed in {self.task}.", error)
        self.failed += 1
        if len(self.errors) < MAX_FAILURES_SHOWN:
            self.errors.append(f"{what}: {error!r}")


def run(task: DueTask, now: datetime, *, dry_run: bool = False, stop: Stop | None = None) -> Report:
    """Execute what is due, each in a transaction of its own; one that fails does not stop the others.

    `dry_run` executes each and rolls it back. `stop` ends it between two commands; the next run does the rest.
    """
    report = Report(task.name)
    for occasion in _found(task, now, report):
        if stop and stop.is_set():
            break
        try:
            receipt = _execute(task, occasion, now, dry_run=dry_run)
        except Exception as error:
            report.add_failure(f"The command for {occasion.key}", error)
            continue
        if receipt:
            report.add(receipt)
    return report


def watch(tasks: Collection[DueTask], stop: Stop, report: Callable[[Report], object]) -> None:
    """Run each task at its interval until `stop` is set, and pass each outcome to `report`."""
    due_at = dict.fromkeys(tasks, time.monotonic())
    while not stop.wait(_pause(due_at.values())):
        close_old_connections()  # if the database was away, it is connected to anew
        for task in tasks:
            if due_at[task] <= time.monotonic() and not stop.is_set():
                due_at[task] = time.monotonic() + task.every.total_seconds()
                report(run(task, timezone.now(), stop=stop))


def _pause(moments: Collection[float]) -> float | None:
    """The seconds until the first of these; None, which is for ever, if there are none."""
    return max(min(moments) - time.monotonic(), 0) if moments else None


def _found(task: DueTask, now: datetime, report: Report) -> list[Occasion]:
    """All that is due, found before anything is done: a cursor that is open meanwhile may see an old database.

    What was found before the search failed is due all the same.
    """
    occasions: list[Occasion] = []
    try:
        occasions.extend(map(Occasion._make, task.find(now)))
    except Exception as error:
        report.add_failure("Finding what is due", error)
    return occasions


def _execute(task: DueTask, occasion: Occasion, now: datetime, *, dry_run: bool) -> Receipt | None:
    """Execute a command, unless it was accepted before, or refused too short a time ago."""
    key = _key_of_next_try(task, text_of("The key", _text(occasion.key), WHY_A_KEY, longest=MAX_KEY), now)
    if key is None:
        return None
    # The fingerprint is the occasion's: the command may hold the time of this run, and differ from its duplicate.
    return execute(occasion.command, key, actor=task.actor, fingerprint=key, dry_run=dry_run)


def _text(key: object) -> object:
    return str(key) if isinstance(key, UUID) else key


def _key_of_next_try(task: DueTask, key: str, now: datetime) -> str | None:
    keys = [key, *(f"{key}, try {number}" for number in range(2, MAX_TRIES + 1))]
    ids = [command_id_of(task.actor, one) for one in keys]
    stored = primary_rows(Command).filter(command_id__in=ids).order_by("number")
    tries = list(stored.values_list("accepted", "recorded_at"))
    if not tries:
        return key
    accepted, refused_at = tries[-1]
    is_too_early = (now - refused_at) / task.every < 2 ** (len(tries) - 1)
    return None if accepted or is_too_early or len(tries) == MAX_TRIES else keys[len(tries)]
