"""A project's own checks, which `verify` runs with the engine's: of an answer against its events, of the whole site.

Import the module that declares them in the `ready()` of an installed app. Each says what is wrong in plain sentences,
and nothing where all is well; one that raises is a fault by itself, and the others go on.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from eventstore.errors import MessageError
from eventstore.log.records import CommandRecord, Recorded
from eventstore.messages import commands as declared
from eventstore.messages import type_of
from eventstore.messages.declaration import place_of

__all__ = ["AnswerCheck", "Finding", "SiteCheck", "check_answers", "check_site"]


class Finding(NamedTuple):
    """What a check of the site found: the thing, such as "user 7", and what is wrong with it, in a sentence."""

    subject: str
    problem: str


AnswerCheck = Callable[[CommandRecord, Sequence[Recorded[Any]]], Iterable[str]]
SiteCheck = Callable[[], Iterable[Finding]]

A = TypeVar("A", bound=AnswerCheck)
S = TypeVar("S", bound=SiteCheck)

answer_checks: dict[str, dict[str, AnswerCheck]] = defaultdict(dict)  # by the command's stored name, then by place
site_checks: dict[str, SiteCheck] = {}


def check_answers(*commands: type[Any]) -> Callable[[A], A]:
    """Declare a check of the answers to these commands: it gets an accepted command, and its events in their order.

    It is called for each of them, so it asks no database. Raises MessageError for a class that is no command.
    """
    names = [_name_of(command) for command in commands]

    def declare(function: A) -> A:
        for name in names:
            answer_checks[name][place_of(function)] = function
        return function

    return declare


def check_site(function: S) -> S:
    """Declare a check of something beside the log, such as rights that events have given; `verify` runs it at the end.

    It may ask the database, and sees what is committed at that moment.
    """
    site_checks[place_of(function)] = function
    return function


def _name_of(command: type[Any]) -> str:
    kind = type_of(command)
    if declared.get(kind.name) is not kind:
        raise MessageError(f"{place_of(kind.cls)} is no @command. Answers are given to commands: name one.")
    return kind.name
