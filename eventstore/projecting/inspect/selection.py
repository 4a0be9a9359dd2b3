"""Projections by name, for commands of manage.py."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.core.management.base import CommandError

from eventstore import models
from eventstore.log import primary_rows
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.declaration.subscribers import Subscriber
from eventstore.projecting.runner.runner import delayed_subscribers

S = TypeVar("S", bound=Subscriber)


def select(names: Sequence[str]) -> list[Projection]:
    """The named projections, or all of them. Raises CommandError for an unknown name."""
    return _select(names, projections, "projection")


def select_delayed(names: Sequence[str]) -> list[Subscriber]:
    """The named delayed projections and reactions, or all of them. Raises CommandError for an unknown name."""
    served = {subscriber.name: subscriber for subscriber in delayed_subscribers()}
    return _select(names, served, "delayed projection or reaction")


def only_stale(chosen: Sequence[Projection]) -> list[Projection]:
    """The projections that have to be rebuilt: new on an old log, or with rows of another version of the projector."""
    built = dict(primary_rows(models.Projection).filter(is_live=True).values_list("name", "version"))
    return [projection for projection in chosen if built.get(projection.name) != projection.version]


def _select(names: Sequence[str], offered: Mapping[str, S], kind: str) -> list[S]:
    if unknown := set(names) - set(offered):
        there_are = ", ".join(sorted(offered)) or "none"
        raise CommandError(f"No {kind} is called {min(unknown)!r}. There are: {there_are}.")
    return [offered[name] for name in dict.fromkeys(names or sorted(offered))]
