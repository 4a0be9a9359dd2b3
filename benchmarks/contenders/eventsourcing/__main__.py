"""`python -m benchmarks.contenders.eventsourcing TASK`: eventsourcing, or eventsourcing-django, at work."""

import os

from benchmarks.contenders.worker import Task, serve

task = Task.given()
os.environ.setdefault("PERSISTENCE_MODULE", "eventsourcing.postgres")
os.environ.update(
    POSTGRES_HOST=task.host,
    POSTGRES_DBNAME=task.database,
    POSTGRES_USER=task.user,
    POSTGRES_PASSWORD="",
    CREATE_TABLE="no" if task.member else "yes",
)
if os.environ["PERSISTENCE_MODULE"] == "eventsourcing_django":
    from benchmarks.contenders.django_project import set_up

    set_up(task, ["eventsourcing_django"])

from benchmarks.contenders.eventsourcing import works  # noqa: E402 - reads the environment

WORKS = {
    "append": works.Append,
    "record": works.Record,
    "tail": works.Tail,
    "load": works.Load,
    "command": works.Commands,
}
if task.work in {"catch-up", "read", "visible"}:  # which eventsourcing-django has not
    from benchmarks.contenders.eventsourcing import runner

    WORKS |= {"catch-up": runner.CatchUp, "read": runner.Read, "visible": runner.Visible}

serve(task, WORKS)
