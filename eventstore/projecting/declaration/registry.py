"""The registry: all projections, reactions and deliveries that are declared, by their stored names."""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from eventstore.errors import MessageError
from eventstore.projecting.declaration.deliveries import Delivery
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.reactions import Reaction
from eventstore.projecting.declaration.subscribers import Subscriber

projections: dict[str, Projection] = {}
reactions: dict[str, Reaction] = {}
deliveries: dict[str, Delivery] = {}


def subscribers() -> dict[str, Subscriber]:
    """All projections, reactions and deliveries, by name."""
    return {**projections, **reactions, **deliveries}


def find_subscriber(name: str) -> Subscriber:
    """The projection or reaction with a name; raises LookupError, with the names that there are."""
    declared = subscribers()
    if name not in declared:
        raise LookupError(f"No projection is called {name!r}. Declared are: {', '.join(sorted(declared))}.")
    return declared[name]


def add_projection(projection: Projection) -> None:
    """Register a projection, anew if it is there already. Raises MessageError for a faulty declaration."""
    _refuse_second(projection)
    if shared := [p for p in projections.values() if p.model is projection.model and p.name != projection.name]:
        places, table = f"{_place(projection)} and {_place(shared[0])}", projection.model._meta.db_table
        raise MessageError(f"{places} write one table, {table}: give each its own.")
    if projection.global_order and not projection.delayed:
        raise MessageError(f"{projection.name} reads across streams, so it must be delayed=True.")
    if projection.delayed and projection.reads_commands:
        raise MessageError(f"{projection.name} reads the command store, so it can't be delayed.")
    projections[projection.name] = projection


def add_reaction(reaction: Reaction) -> None:
    """Register a reaction, anew if it is there already. Raises MessageError for a faulty declaration."""
    _refuse_second(reaction)
    if reaction.types is None:
        raise MessageError(f"{reaction.name} reads the command store, but a reaction reads events.")
    reactions[reaction.name] = reaction


def _refuse_second(declared: Subscriber) -> None:
    """Refuse a name that another function has, of either kind: names are stored.

    A module that is imported again, by another name or by a reload, declares the same functions once more.
    """
    twin = subscribers().get(declared.name)
    if twin and (_kind(twin) is not _kind(declared) or not _is_same(twin.function, declared.function)):
        raise MessageError(
            f"{declared.name!r} is declared twice, by {_place(twin)} and by {_place(declared)}. Rename one of the two: "
            "names are stored, and each stands for one table and one progress."
        )


def _is_same(one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Whether two functions are one in the source: of one file, unless that defines both as it is now."""
    first, second = _code(one), _code(other)
    if first is None or second is None:
        return one.__module__ == other.__module__
    if first.co_filename != second.co_filename or one.__qualname__ != other.__qualname__:
        return False
    return first.co_firstlineno == second.co_firstlineno or not _defines_both(second)


def _code(function: Callable[..., Any]) -> CodeType | None:
    """The code of a function; None for another kind of callable."""
    return getattr(inspect.unwrap(function), "__code__", None)


def _defines_both(code: CodeType) -> bool:
    """Whether the file defines several functions of this name, so that none is just another state of the other."""
    try:
        tree = ast.parse(Path(code.co_filename).read_text())
    except (OSError, SyntaxError, ValueError):
        return True
    named = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == code.co_name]
    return len(named) > 1


def _place(declared: Subscriber) -> str:
    """Where a function stands, in words."""
    function, code = declared.function, _code(declared.function)
    line = f" ({code.co_filename}, line {code.co_firstlineno})" if code else ""
    return f"{function.__module__}.{function.__qualname__}{line}"


def _kind(declared: Subscriber) -> type[Subscriber]:
    return Reaction if isinstance(declared, Reaction) else Projection
