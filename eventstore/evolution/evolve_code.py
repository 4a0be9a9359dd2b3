"""A digest of the code by which a decider folds events: its `evolve`, what that reaches by name, its state's classes.

Heads hold states that this code has made. They are folded anew when it changes, as projectors' rows are rebuilt; only
that nobody has to ask for it. Comments, docstrings, annotations and layout do not count.
"""

import ast
import dataclasses
import functools
import hashlib
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_args, get_type_hints

from django.apps import apps

from eventstore.decider import Decider
from eventstore.evolution.dependencies import Dependencies, origin_in
from eventstore.evolution.source import outline_of, plain

_CONSTANTS = (type(None), bool, int, float, str, bytes, Enum)


def code_of(kind: Decider[Any, Any, Any]) -> str:
    """Sixteen hexadecimal digits; never raises.

    Code is described by its instructions if its source is not at hand, or was changed since the decider was declared:
    then it is that of another release, and this process still runs the former.
    """
    roots = [kind.evolve, *_classes(type(kind.initial), set())]
    parts = [_described(root, kind.declared_at) for root in roots]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _described(what: Any, until: float) -> Any:
    """A function, a class, or a callable made from one of them, as lists and texts."""
    if isinstance(what, functools.partial):
        given = [what.args, sorted(what.keywords.items())]
        return ["partial", _described(what.func, until), _constant(given, until)]
    if inspect.ismethod(what):
        return _described(what.__func__, until)
    if not isinstance(what, FunctionType | type):
        return _described(inspect.unwrap(what) if hasattr(what, "__wrapped__") else type(what), until)
    try:
        return [_source(what, until), _closure(what, until)]
    except (OSError, KeyError, SyntaxError, TypeError):
        return [_instructions(what), _closure(what, until)]


def _source(what: Any, until: float) -> Any:
    """The definition, and all that it reaches by name within its package. Raises OSError for files changed since."""
    module = sys.modules[inspect.unwrap(what).__module__]
    dependencies = Dependencies(package=_package(module))
    nodes = list(_nodes(what, module))
    if not nodes:
        raise OSError(f"{what.__qualname__} is not in the source of {module.__name__}")
    found = dependencies.collect(module, nodes)
    for name in {module.__name__, *(name for name, _ in dependencies.places)}:
        file = getattr(origin_in(dependencies.package, name), "__file__", None)
        if file and Path(file).stat().st_ctime > until:
            raise OSError(f"{file} was changed since it was imported")
    return [[plain(node, dependencies.stand_in(module)) for node in nodes], *found]


def _nodes(what: Any, module: ModuleType) -> Iterator[ast.AST]:
    """The definitions in a module that may be this function or class: lambdas are known by their line alone."""
    for node in ast.walk(outline_of(module).tree):
        match node:
            case ast.ClassDef(name=name) if isinstance(what, type) and name == what.__name__:
                yield node
            case ast.Lambda(lineno=line) if not isinstance(what, type) and line == _line(what):
                yield node
            case ast.FunctionDef() if not isinstance(what, type):
                if _line(what) in {node.lineno, *(decorator.lineno for decorator in node.decorator_list)}:
                    yield node


def _line(function: Callable[..., Any]) -> int:
    line: int = inspect.unwrap(function).__code__.co_firstlineno
    return line


def _package(module: ModuleType) -> str:
    app = apps.get_containing_app_config(module.__name__)
    return app.name if app else module.__package__ or module.__name__


def _classes(kind: Any, seen: set[type]) -> Iterator[type]:
    """A state's class, and the classes in its fields; those of Python and of libraries are left out."""
    if (
        isinstance(kind, type)
        and kind not in seen
        and (dataclasses.is_dataclass(kind) or hasattr(kind, "__struct_fields__"))
    ):
        seen.add(kind)
        yield kind
        hints = list(_hints(kind).values())
    else:
        hints = list(get_args(kind))
    for hint in hints:
        yield from _classes(hint, seen)


def _hints(kind: type) -> dict[str, Any]:
    try:
        return get_type_hints(kind)
    except (NameError, TypeError):  # a class that was made within a function, and names another one of there
        return {}


def _closure(what: Any, until: float) -> list[Any]:
    """The values that a function has taken from the one around it."""
    function = inspect.unwrap(what) if isinstance(what, FunctionType) else None
    if not isinstance(function, FunctionType) or not function.__closure__:
        return []
    return [
        [name, _constant(cell.cell_contents, until)]
        for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True)
        if cell.cell_contents is not function
    ]


def _constant(value: Any, until: float) -> Any:
    """A value as text, the same in every process; of anything but plain data only its code or its kind."""
    match value:
        case tuple() | list():
            return [_constant(item, until) for item in value]
        case FunctionType():
            return _described(value, until)
        case _:
            return repr(value) if isinstance(value, _CONSTANTS) else type(value).__qualname__


def _instructions(what: Any) -> Any:
    """Compiled code: another version of Python may write it differently."""
    functions = (
        [part for part in vars(what).values() if isinstance(part, FunctionType)] if isinstance(what, type) else [what]
    )
    return [_compiled(inspect.unwrap(function).__code__) for function in functions]


def _compiled(code: CodeType) -> Any:
    constants = [
        _compiled(one)
        if isinstance(one, CodeType)
        else sorted(map(repr, one))
        if isinstance(one, frozenset)
        else repr(one)
        for one in code.co_consts
    ]
    return [code.co_code.hex(), list(code.co_names), constants]
