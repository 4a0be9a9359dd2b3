"""Heartbeats of runners: they tell how many runners share the work, and whether one has died."""

import contextlib
import os
import socket
import time
from collections.abc import Sequence
from datetime import timedelta

from django.db import Error
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from eventstore.backends import log_database
from eventstore.log.database import primary_rows
from eventstore.models import Runner

HEARTBEAT_INTERVAL_SECONDS = 5.0
ALIVE_FOR = timedelta(seconds=15)  # after the last beat: then the others no longer count the runner
REMOVED_AFTER = timedelta(days=1)  # after the last beat: then the row is deleted


class Heartbeat:
    """The row of one runner, by the database's clock, so that rows of several machines can be compared."""

    def __init__(self, projections: Sequence[str]) -> None:
        """Prepare the row; the first beat inserts it."""
        self._id = uuid7()
        self._name = f"{socket.gethostname()[:200]}:{os.getpid()}"  # its column holds 255 characters
        self._projections = list(projections)
        self._due = 0.0
        self.alive = 1
        self.is_oldest = True

    def beat(self) -> bool:
        """Write a beat and count the runners that share this one's work, if a beat is due; whether it was."""
        if time.monotonic() < self._due:
            return False
        if not primary_rows(Runner).filter(pk=self._id).update(seen_at=Now()):
            self._begin()
        others = primary_rows(Runner).filter(seen_at__gt=Now() - ALIVE_FOR).order_by("started_at", "pk")
        alive = list(others.values_list("pk", "projections"))
        sharing = sum(not set(self._projections).isdisjoint(served) for _, served in alive)
        self.alive, self.is_oldest = max(1, sharing), not alive or alive[0][0] == self._id
        self._due = time.monotonic() + HEARTBEAT_INTERVAL_SECONDS
        return True

    def end(self) -> None:
        """Delete the row; if the database is away, another runner deletes it a day later."""
        with contextlib.suppress(Error):
            primary_rows(Runner).filter(pk=self._id).delete()

    def _begin(self) -> None:
        primary_rows(Runner).filter(seen_at__lt=Now() - REMOVED_AFTER).delete()
        row = Runner(pk=self._id, name=self._name, projections=self._projections, started_at=Now(), seen_at=Now())
        row.save(force_insert=True, using=log_database())
