"""Made-up data of a recorded shape, by which upcasters are tried without a test."""

import ast
from collections.abc import Mapping
from typing import Any

from eventstore.evolution.notation import PERSONAL, Shape

_PLAIN = {
    "Any": "any",
    "None": None,
    "bool": True,
    "bytes": "eA==",
    "Decimal": "1",
    "UUID": "00000000-0000-7000-8000-000000000001",
    "datetime": "2020-02-29T12:00:00Z",
    "date": "2020-02-29",
    "time": "12:00:00",
    "timedelta": "PT1S",
}


class NoSample(Exception):
    """No data can be made up for a type: a text that must match a pattern, or a class that contains itself."""


def sample(shape: Shape, *, sparse: bool, example: Mapping[str, Any]) -> dict[str, Any]:
    """Make up data of a shape; if `sparse`, with None and empty lists wherever possible. `example` has precedence.

    The text of a personal field contains the field's name. Raises NoSample.
    """
    made = {name: _field(name, text, sparse=sparse) for name, text in shape.fields.items() if name not in example}
    return {**made, **example}


def placeholder_of(name: str) -> str:
    """The made-up text of a personal field."""
    return f"<{name}>"


def _field(name: str, text: str, *, sparse: bool) -> Any:
    (statement,) = ast.parse(f"field: {text}").body
    assert isinstance(statement, ast.AnnAssign)
    if ast.unparse(statement.annotation) == PERSONAL:
        return None if sparse else placeholder_of(name)
    return _value(statement.annotation, sparse=sparse)


def _value(node: ast.expr, *, sparse: bool) -> Any:
    """A value of a type in the notation of shapes."""
    match node:
        case ast.Constant(value=None):
            return None
        case ast.BinOp(left=left, right=right):  # a union; None comes last
            is_none = isinstance(right, ast.Constant)
            return _value(right if sparse and is_none else left, sparse=sparse)
        case ast.Name(id=name):
            return _plain(name)
        case ast.Call(func=ast.Name(id=name), keywords=limits):
            return _limited(name, {limit.arg: ast.literal_eval(limit.value) for limit in limits})
        case ast.Call(func=ast.Subscript() as unlimited):
            return _value(unlimited, sparse=False)
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            return _filled(name, inner.elts if isinstance(inner, ast.Tuple) else [inner], sparse=sparse)
        case ast.Dict(keys=keys, values=values):
            named = zip(keys, values, strict=True)
            return {key.value: _value(value, sparse=sparse) for key, value in named if isinstance(key, ast.Constant)}
        case _:
            raise NoSample(ast.unparse(node))


def _filled(name: str, inner: list[ast.expr], *, sparse: bool) -> Any:
    match name:
        case "Literal":
            return ast.literal_eval(inner[0])
        case "tuple":
            return [_value(item, sparse=sparse) for item in inner]
        case "list":
            return [] if sparse else [_value(inner[0], sparse=sparse)]
        case "dict":
            key, value = inner
            return {} if sparse else {str(_value(key, sparse=sparse)): _value(value, sparse=sparse)}
        case _:
            raise NoSample(name)


def _plain(name: str) -> Any:
    match name:
        case "int" | "str":
            return _limited(name, {})
        case _ if name in _PLAIN:
            return _PLAIN[name]
        case _:
            raise NoSample(name)


def _limited(name: str, limits: Mapping[str | None, Any]) -> Any:
    """A number or a text within limits."""
    if {"pattern", "multiple_of"} & set(limits):
        raise NoSample(f"{name} that follows a pattern")
    if name == "str":
        return "x" * limits.get("min_length", limits.get("max_length", 1) and 1)
    if name != "int":
        return _plain(name)
    lowest = limits.get("ge", limits.get("gt", 0) + 1)
    return min(lowest, limits.get("le", lowest), limits.get("lt", lowest + 1) - 1)
