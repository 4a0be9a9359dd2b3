"""Source code as plain lists: syntax trees, and the names that a module defines and imports.

Comments, docstrings, annotations and layout are left out, and so are fields that a newer Python adds to its trees: the
same text gives the same lists under every version.
"""

import ast
import inspect
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from types import ModuleType
from typing import Any

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign | ast.AugAssign

StandIn = Callable[[ast.expr], Any]
"""Gives the lists and texts for an expression, or None to write it as in the source."""

_LEFT_OUT = {"annotation", "returns", "type_comment", "type_params", "kind", "ctx", "simple"}


def keep(_: ast.expr) -> None:
    """Replaces no expression."""


def plain(node: Any, stand_in: StandIn = keep) -> Any:
    """A syntax tree as lists and texts; `stand_in` replaces expressions."""
    match node:
        case ast.expr() if (instead := stand_in(node)) is not None:
            return instead
        case ast.Constant(value=value):
            return ["Constant", repr(value)]
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return plain(ast.Assign(targets=[target], value=value), stand_in)
        case ast.JoinedStr(values=values):  # some versions end it with an empty piece
            return ["JoinedStr", [plain(part, stand_in) for part in values if not _is_empty_text(part)]]
        case ast.AST():
            parts = {name: plain(part, stand_in) for name, part in ast.iter_fields(node) if name not in _LEFT_OUT}
            return [type(node).__name__, {name: part for name, part in parts.items() if part not in (None, [])}]
        case list():
            return [plain(part, stand_in) for part in node if not _is_remark(part)]
        case _:
            return node


def _is_empty_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == ""


def _is_remark(node: Any) -> bool:
    """Whether a statement has no effect: a docstring, another text by itself, or an annotation without a value."""
    match node:
        case ast.Expr(value=ast.Constant(value=str())) | ast.AnnAssign(value=None):
            return True
        case _:
            return False


class Outline:
    """The names that a module's top-level statements define or import."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.tree = ast.parse(_text_of(module))
        self.definitions: defaultdict[str, list[Definition]] = defaultdict(list)
        self.imports: dict[str, tuple[str, str]] = {}
        for statement in self.tree.body:
            self._add(statement)

    def _add(self, statement: ast.stmt) -> None:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                self.definitions[name].append(statement)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                for target in (name for each in targets for name in names(each)):
                    self.definitions[target].append(statement)
            case ast.ImportFrom(module=source, names=imported, level=level):
                origin = resolve_name("." * level + (source or ""), self.module.__package__)
                self.imports.update((each.asname or each.name, (origin, each.name)) for each in imported)
            case ast.Import(names=imported):
                self.imports.update((each.asname or each.name.partition(".")[0], (each.name, "")) for each in imported)


def _text_of(module: ModuleType) -> str:
    """The source of a module; an empty file has none, says Python, and neither has a package without one."""
    file = getattr(module, "__file__", None)
    is_empty = file is None or (Path(file).exists() and not Path(file).stat().st_size)
    return "" if is_empty else inspect.getsource(module)


@cache
def outline_of(module: ModuleType) -> Outline:
    """The outline of a module, cached; raises OSError if its source is not at hand."""
    return Outline(module)


def definition_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """The definition of a decorated function; raises OSError if its source is not at hand."""
    tree = outline_of(module_of(function)).tree
    line = inspect.unwrap(function).__code__.co_firstlineno  # that of its first decorator
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and line in {node.lineno, *(d.lineno for d in node.decorator_list)}:
            return node
    raise OSError(f"the source of {function.__qualname__} has changed since it was imported")


def module_of(function: Callable[..., Any]) -> ModuleType:
    """The module that a function is defined in."""
    return sys.modules[inspect.unwrap(function).__module__]


def keyword_of(definition: ast.FunctionDef, name: str) -> ast.expr | None:
    """The keyword argument of this name that a function's decorators are given."""
    calls = (decorator for decorator in definition.decorator_list if isinstance(decorator, ast.Call))
    return next((given.value for call in calls for given in call.keywords if given.arg == name), None)


def value_of(node: ast.expr, module: ModuleType) -> object:
    """The value of a name, or of a name in a named module, within a module; None if there is none."""
    match node:
        case ast.Name(id=name):
            return getattr(module, name, None)
        case ast.Attribute(value=ast.Name() | ast.Attribute() as owner, attr=name):
            place = value_of(owner, module)
            return getattr(place, name, None) if isinstance(place, ModuleType) else None
        case _:
            return None


def names(node: ast.AST, stand_in: StandIn = keep) -> Iterator[str]:
    """The names in a tree, without those in annotations and in expressions that `stand_in` replaces."""
    return (found.id for found in _read(node, stand_in) if isinstance(found, ast.Name))


def attributes(node: ast.AST, stand_in: StandIn = keep) -> Iterator[ast.Attribute]:
    """The accesses to attributes in a tree, without those in annotations and in what `stand_in` replaces."""
    return (found for found in _read(node, stand_in) if isinstance(found, ast.Attribute))


def _read(node: ast.AST, stand_in: StandIn) -> Iterator[ast.AST]:
    """A node and all nodes within it, as far as they are read."""
    if isinstance(node, ast.expr) and stand_in(node) is not None:
        return
    yield node
    for name, part in ast.iter_fields(node):
        if name not in _LEFT_OUT:
            for child in part if isinstance(part, list) else [part]:
                if isinstance(child, ast.AST):
                    yield from _read(child, stand_in)
