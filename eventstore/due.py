"""Due tasks: commands to execute when their time has come, as when a hold expires or monthly interest is paid.

A function finds what is due, and returns occasions: a command, and a key that names the occasion. It may query read
models, which can be behind, because it decides nothing: the command's decider sees the current state, and may refuse.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from eventstore.errors import MessageError
from eventstore.messages.arguments import MAX_NAME

__all__ = ["DueTask", "Occasion", "due", "tasks"]


class Occasion(NamedTuple):
    """A command that is due, and a key that names its occasion.

    An accepted command is never executed again under the same key, however often it is found. So a thing that happens
    once takes the id of its subject as key, and one that happens again adds the time that tells the occasions apart:
    `f"{book_id} {now:%Y-%m}"`. A refused command is tried again as long as it is found, see `execution.scheduler`.
    """

    key: str | UUID
    command: Any


F = TypeVar("F", bound=Callable[[datetime], Iterable[Occasion]])


@dataclass(frozen=True)
class DueTask:
    """A function that finds due commands, its name and its interval."""

    name: str
    find: Callable[[datetime], Iterable[Occasion]]
    every: timedelta

    @property
    def actor(self) -> str:
        """The actor of its commands."""
        return f"system:{self.name}"


tasks: dict[str, DueTask] = {}


def due(*, every: timedelta) -> Callable[[F], F]:
    """Declare a function `(now) -> occasions` that `run_due` calls, with `--watch` at this interval.

    The function uses the given `now`, never a clock. Its name is stored, as part of the actor and so of each command's
    id. Raises MessageError for a name that is taken, or an interval that is not positive.
    """

    def register(function: F) -> F:
        _add(DueTask(function.__name__, function, every))
        return function

    return register


def _add(task: DueTask) -> None:
    twin = tasks.get(task.name)
    if twin and twin.find.__module__ != task.find.__module__:
        raise MessageError(
            f"The task {task.name!r} is declared twice, in {twin.find.__module__} and in {task.find.__module__}. "
            "Rename one: the name is stored with its commands."
        )
    if len(task.name) > MAX_NAME:
        raise MessageError(
            f"The name of the task {task.name!r} is too long to be stored: {MAX_NAME} characters at most."
        )
    if task.every <= timedelta(0):
        raise MessageError(f"{task.name} can't be done every {task.every}: an interval is longer than nothing.")
    tasks[task.name] = task
