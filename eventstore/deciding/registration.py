"""Registering deciders: faults that can be seen in a declaration are refused with it."""

import sys
from collections.abc import Callable, Iterable
from inspect import isasyncgenfunction, iscoroutinefunction, signature
from typing import Any, get_args

from eventstore.errors import MessageError
from eventstore.messages import type_of
from eventstore.messages.declaration import place_of
from eventstore.messages.types import Part, parts_of

INSTEAD = {"list": "tuple[…]", "deque": "tuple[…]", "set": "frozenset[…]", "dict": "Mapping[…]", "bytearray": "bytes"}


def check_state(category: str, initial: object) -> None:
    """Raises MessageError for a state that can be changed in place, or that can't be stored."""
    parts = list(parts_of(type(initial), type(initial).__qualname__))
    if found := next((part for part in parts if part.is_changeable), None):
        raise MessageError(
            f"The state of {category} could be changed in place, and one stream would show what happened to another: "
            f"{found.path} is {_kind_of(found)}. {_advice(found)}"
        )
    if found := next((part for part in parts if part.is_unknown), None):
        raise MessageError(
            f"The state of {category} can't be kept in the heads of its streams: {found.path} is a "
            f"{found.type.__qualname__}, which JSON has no form of. Make it a @dataclass(frozen=True), of text, "
            "numbers, times, ids and tuples."
        )
    if not any(part.may_be_changeable for part in parts):
        _check_hashable(category, initial)


def check_evolve(category: str, evolve: Any) -> None:
    """Raises MessageError for what can't be called with a state and an event."""
    _check_callable(f"evolve of {category}", evolve, 2, "the state and the event")


def check_decide(command: Any, decide: Any) -> None:
    """Raises MessageError for what can't be called with the states of a command's streams and the command."""
    kind = type_of(command)
    if kind.cls is not command or kind.noun != "command":
        raise MessageError(f"{kind.cls.__qualname__} is no class of commands, so nobody can decide over it. Name one.")
    streams = ", ".join(f"the state of {name}" for name in kind.streams)
    _check_callable(f"decide of {kind.cls.__qualname__}", decide, len(kind.streams) + 1, f"{streams} and the command")


def commands_of(category: str, decide: Any, commands: Any) -> tuple[Any, ...]:
    """The classes of the commands that a decider decides over; raises MessageError for half a declaration."""
    if (decide is None) != (commands is None):
        half = "commands, but no decide" if decide is None else "a decide, but no commands"
        raise MessageError(
            f"The decider of {category} has {half}. Give both, or neither where decides() routes each command."
        )
    return () if commands is None else get_args(commands) or (commands,)


def iterated(given: object, function: Callable[..., Any], what: str) -> Iterable[Any]:
    """What a function yielded or returned in a list; raises MessageError if it gave something else."""
    if isinstance(given, Iterable) and not isinstance(given, str | bytes | dict):
        return given
    raise MessageError(
        f"{place_of(function)} returned a {type(given).__qualname__}. It yields {what}, or returns a list of them, "
        "which is empty for none."
    )


def is_second(old: Any, new: Any) -> bool:
    """Whether a function or class is another than the one before, and not the same one from code loaded anew."""
    if old is new or old is None or new is None:
        return old is not new
    if "<" in old.__qualname__:  # a lambda, or made within a function: no name leads to it
        return _line(old) != _line(new)
    return _found(old.__module__, old.__qualname__) is old


def _check_callable(called: str, function: Any, count: int, what: str) -> None:
    if not callable(function):
        raise MessageError(f"The {called} is {function!r}. Give a function of {what}.")
    if iscoroutinefunction(function) or isasyncgenfunction(function):
        raise MessageError(
            f"{place_of(function)}, the {called}, is async. Rules wait for nothing: make it a plain function."
        )
    try:
        signature(function).bind(*[None] * count)
    except TypeError as error:
        raise MessageError(f"{place_of(function)}, the {called}, can't be given {what}: {error}.") from error
    except ValueError:  # a function of C, which tells nothing
        return


def _check_hashable(category: str, initial: object) -> None:
    try:
        hash(initial)
    except TypeError as error:
        raise MessageError(
            f"The initial state of {category} holds what can be changed in place ({error}), and all its streams would "
            "share it. Give it values of the types that its fields declare."
        ) from error


def _kind_of(part: Part) -> str:
    return f"a {part.type.__name__}" if part.type.__name__ in INSTEAD else "a class that is not frozen"


def _advice(part: Part) -> str:
    instead = INSTEAD.get(part.type.__name__)
    return f"Use {instead}." if instead else f"Make {part.type.__qualname__} a @dataclass(frozen=True)."


def _line(function: Any) -> tuple[str, int | None]:
    code = getattr(function, "__code__", None)
    return place_of(function), code and code.co_firstlineno


def _found(module: str, qualname: str) -> Any:
    """What a name leads to now; None if nothing."""
    found: Any = sys.modules.get(module)
    for name in qualname.split("."):
        found = getattr(found, name, None)
    return found
