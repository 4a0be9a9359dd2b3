"""Runners say that they are alive, so that others can tell how many share the work, and who has gone without a word."""

import contextlib
import os
import socket
import time
from collections.abc import Sequence
from datetime import timedelta

from django.db import Error
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from eventstore.models import Runner

HEARTBEAT_INTERVAL = 5.0  # seconds between two beats
ALIVE_FOR = timedelta(seconds=15)  # without a beat, after which others don't count on it
REMOVED_AFTER = timedelta(days=1)  # without a beat, after which its row is of no interest


class Heartbeat:
    """The row of one runner, by the database's clock: rows of several machines can be compared."""

    def __init__(self, projections: Sequence[str]) -> None:
        """It beats first when it is asked to."""
        self._id = uuid7()
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._projections = list(projections)
        self._due = 0.0
        self.alive = 1
        self.is_oldest = True

    def beat(self) -> bool:
        """Say that the runner is alive and look who else is, if it is time to; whether it was."""
        if time.monotonic() < self._due:
            return False
        if not Runner.objects.filter(pk=self._id).update(seen_at=Now()):
            self._begin()
        others = Runner.objects.filter(seen_at__gt=Now() - ALIVE_FOR).order_by("started_at", "pk")
        alive = list(others.values_list("pk", flat=True))
        self.alive, self.is_oldest = max(1, len(alive)), alive[:1] in ([], [self._id])
        self._due = time.monotonic() + HEARTBEAT_INTERVAL
        return True

    def end(self) -> None:
        """Leave no trace; if the database is away, the row is swept some day."""
        with contextlib.suppress(Error):
            Runner.objects.filter(pk=self._id).delete()

    def _begin(self) -> None:
        Runner.objects.filter(seen_at__lt=Now() - REMOVED_AFTER).delete()
        row = Runner(pk=self._id, name=self._name, projections=self._projections, started_at=Now(), seen_at=Now())
        row.save(force_insert=True)
