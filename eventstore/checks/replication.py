"""Checks of replication: publications that hold what they must not, or lack what they must hold."""

from collections.abc import Iterator

from django.core import checks
from django.core.checks import CheckMessage
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore import models
from eventstore.projecting.declaration.registry import projections
from eventstore.replication.publication import PUBLICATIONS, published
from eventstore.replication.status import lacking
from eventstore.replication.tables import LOCAL, names


def publications(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Warns of publications with read models, which freeze at the next rebuild, and of those that lack a table."""
    unfit = _unfit_tables()
    for name, tables in published(connection).items():
        if found := [table for table in tables if table in unfit]:
            yield checks.Warning(
                f"The publication {name} holds {_few(found)}: a rebuild puts another table in the place of a read "
                "model, and whoever subscribes gets the replaced one for ever.",
                hint=f"DROP PUBLICATION {name}; a read database builds read models of its own: manage.py replicate_log",
                id="eventstore.W070",
            )
    if found := lacking(connection):
        yield checks.Warning(
            f"The publications {' and '.join(PUBLICATIONS)} lack {_few(found)}, so read databases do not get it.",
            hint="manage.py replicate_log --publish; and then, on each read database, as its operator: ALTER "
            "SUBSCRIPTION … REFRESH PUBLICATION",
            id="eventstore.W071",
        )


def _unfit_tables() -> set[str]:
    live = [projection.table.name for projection in projections.values()]
    beside = [f"{table}__{role}" for table in live for role in models.Shadow.Role.values]
    return {*live, *beside, *names(LOCAL)}


def _few(tables: list[str]) -> str:
    shown = ", ".join(tables[:3])
    return f"{shown} and {len(tables) - 3} more" if len(tables) > 3 else shown
