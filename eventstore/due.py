"""Declaring what has to be done when its time has come: holds that expire, interest that is paid every month.

A function finds what is due, and says it as occasions: a command, and a key that names the occasion. It may ask read
models, which can be behind, because it decides nothing: the command's decider looks at the truth, and may refuse.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from eventstore.errors import MessageError

__all__ = ["DueTask", "Occasion", "due", "tasks"]


class Occasion(NamedTuple):
    """A command that is due, and what its occasion is called.

    One that was accepted is never executed again under the same key, whoever finds it however often. So what happens
    once has the id of what it happens to as its key; what happens again has the time in it that makes it another one:
    `f"{book_id} {now:%Y-%m}"`. One that was refused is tried again as long as it is found, see `scheduling`.
    """

    key: str | UUID
    command: Any


F = TypeVar("F", bound=Callable[[datetime], Iterable[Occasion]])


@dataclass(frozen=True)
class DueTask:
    """What the engine knows of such a function."""

    name: str
    find: Callable[[datetime], Iterable[Occasion]]
    every: timedelta

    @property
    def actor(self) -> str:
        """Who executes its commands."""
        return f"system:{self.name}"


tasks: dict[str, DueTask] = {}


def due(*, every: timedelta) -> Callable[[F], F]:
    """Declare a function `(now) -> occasions` that `run_due` calls, with `--watch` at this interval.

    `now` is given, and never asked of a clock. Its name is stored, as part of the actor and so of each command's id.
    """

    def register(function: F) -> F:
        _add(DueTask(function.__name__, function, every))
        return function

    return register


def _add(task: DueTask) -> None:
    twin = tasks.get(task.name)
    if twin and twin.find.__module__ != task.find.__module__:
        raise MessageError(f"{task.name!r} is declared twice: rename one, names are stored.")
    if task.every <= timedelta(0):
        raise MessageError(f"{task.name} can't be done every {task.every}: an interval is longer than nothing.")
    tasks[task.name] = task
