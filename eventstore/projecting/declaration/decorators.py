"""The decorators that declare projections and reactions: `@rows`, `@fold` and `@reaction`.

The annotation of a function's `event` parameter names the events that it is given.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import models

from eventstore.projecting.declaration.projection import Fold, Rows
from eventstore.projecting.declaration.reactions import Reaction
from eventstore.projecting.declaration.registry import add_projection, add_reaction
from eventstore.projecting.declaration.subscribers import types_of

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R", bound=Callable[..., Iterable[Any]])


def rows(
    model: type[models.Model],
    *,
    delayed: bool = False,
    version: int = 1,
    global_order: bool = False,
    personal: bool = False,
) -> Callable[[F], F]:
    """Declare a projector that gives rows to insert: `(event, record) -> rows`, or `(command) -> rows`.

    `delayed`: `run_projections` brings the rows up to date; without, the command's own transaction does.
    Raise `version` when the function changes: its rows then have to be built anew.
    `global_order`: the order of events matters across streams, so one runner at a time reads them all.
    `personal`: rows are about persons, who may be erased. A table that a rebuild has replaced would keep them, so it is
    dropped at once.
    Raises MessageError for a faulty declaration.
    """

    def register(function: F) -> F:
        add_projection(
            Rows(
                name=function.__name__,
                model=model,
                function=function,
                version=version,
                delayed=delayed,
                global_order=global_order,
                personal=personal,
                types=types_of(function),
            )
        )
        return function

    return register


def fold(
    model: type[models.Model],
    *,
    key: Callable[..., Any],
    delayed: bool = False,
    version: int = 1,
    global_order: bool = False,
    keys_per_stream: bool = False,
    personal: bool = False,
) -> Callable[[F], F]:
    """Declare a projector that folds: `(row | None, event, record) -> row | None` for each key of the event.

    `key(event)`, or `key(event, record)`, gives the primary key of the row, a tuple of several keys, or `None` if the
    event changes no row. A function that has to know for which of them it folds takes a fourth parameter, `key`.
    Keys that events of several streams share need `global_order=True` and `delayed=True`, or two
    writers could overwrite each other.
    `keys_per_stream`: the key is not the stream's id, yet no two streams share one.
    The other options are those of `rows`.
    """

    def register(function: F) -> F:
        add_projection(
            Fold(
                name=function.__name__,
                model=model,
                function=function,
                version=version,
                delayed=delayed,
                global_order=global_order,
                personal=personal,
                types=types_of(function),
                key=key,
                keys_per_stream=keys_per_stream,
            )
        )
        return function

    return register


def reaction(*, since_beginning: bool = False, global_order: bool = False) -> Callable[[R], R]:
    """Declare a reaction: a pure function `(event, record) -> commands`, which `run_projections` serves.

    It is given the events that the annotation of `event` names, in the order of each stream; with `global_order`, in
    the order of the whole log. A new reaction begins at the present, which is when `migrate` runs, or at the latest
    when a runner starts; with `since_beginning`, at the first event. One event may lead to 1,000 commands at most. The
    function's name is stored: renamed, it is a new reaction. Raises MessageError for a faulty declaration.
    """

    def register(function: R) -> R:
        add_reaction(
            Reaction(
                name=function.__name__,
                function=function,
                version=1,
                delayed=True,
                global_order=global_order,
                types=types_of(function),
                since_beginning=since_beginning,
            )
        )
        return function

    return register
