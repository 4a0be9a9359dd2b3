"""`python -m benchmarks.contenders.eventsourcing TASK`: eventsourcing, or eventsourcing-django, at work."""

import json
import os
import sys

from benchmarks.contenders.worker import Task, serve


def set_up(task: Task) -> None:
    """Say where the events are kept, before anything is imported that wants to know."""
    os.environ.setdefault("PERSISTENCE_MODULE", "eventsourcing.postgres")
    os.environ.update(
        POSTGRES_HOST=task.host,
        POSTGRES_DBNAME=task.database,
        POSTGRES_USER=task.user,
        POSTGRES_PASSWORD="",
        POSTGRES_PORT="5432",
    )
    if os.environ["PERSISTENCE_MODULE"] == "eventsourcing_django":
        from benchmarks.contenders.eventsourcing import on_django

        on_django.set_up(task)
