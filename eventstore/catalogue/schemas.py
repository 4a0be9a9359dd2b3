"""Shapes as JSON Schema (2020-12): of any recorded version, as its notation holds all that is known of an old one."""

import ast
from collections.abc import Iterable, Mapping
from typing import Any, Final

from eventstore.catalogue.notes import Note
from eventstore.evolution.notation import PERSONAL, Shape

Schema = dict[str, Any]

_PLAIN: Final[Mapping[str, Schema]] = {
    "None": {"type": "null"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "str": {"type": "string"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    "Decimal": {"type": "string", "pattern": r"^[+-]?(\d+\.?\d*|\.\d+)([Ee][+-]?\d+)?$"},
    "UUID": {"type": "string", "format": "uuid"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "pattern": r"^\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$"},  # of no zone, too
    "timedelta": {"type": "string", "format": "duration"},
}
_LIMITS: Final = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}
_LENGTHS: Final = {"string": "Length", "array": "Items", "object": "Properties"}
_PERSONAL: Final[Schema] = {"type": ["string", "null"]}


def schema_of(shape: Shape, notes: Mapping[str, Note]) -> Schema:
    """The schema of a message's data at one version.

    Personal fields are optional: they are left out for whom they are not meant, and null once the person is erased.
    Further fields are allowed, as a schema that refuses them would refuse the next version.
    """
    parsed = {name: _parsed(text) for name, text in shape.fields.items()}
    return {
        "type": "object",
        "properties": {name: _field(node, notes.get(name), shape.subject) for name, (node, _) in parsed.items()},
        "required": [name for name, (node, is_there) in parsed.items() if is_there and not _is_personal(node)],
    }


def as_draft_07(schema: Any) -> Any:
    """The same schema in the words of draft 07, which is what AsyncAPI's own schemas speak."""
    match schema:
        case {"prefixItems": list(items), **rest}:
            return as_draft_07({**rest, "items": items, "additionalItems": False})
        case dict():
            return {name: as_draft_07(part) for name, part in schema.items()}
        case list():
            return [as_draft_07(part) for part in schema]
        case _:
            return schema


def _parsed(text: str) -> tuple[ast.expr, bool]:
    """The type of a field in the notation of shapes, and whether the field is always there."""
    (statement,) = ast.parse(f"field: {text}").body
    assert isinstance(statement, ast.AnnAssign)
    is_unset = isinstance(statement.value, ast.Name) and statement.value.id == "UNSET"
    return statement.annotation, not is_unset


def _is_personal(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == PERSONAL


def _field(node: ast.expr, note: Note | None, subject: str | None) -> Schema:
    told = note.as_schema() if note else {}
    if _is_personal(node):
        return {**_PERSONAL, **told, "x-personal": True, "x-subject": subject}
    return {**_type(node), **told}


def _type(node: ast.expr) -> Schema:
    match node:
        case ast.Constant(value=None):
            return dict(_PLAIN["None"])
        case ast.BinOp():
            return _union(list(_members(node)))
        case ast.Name(id=name):
            return dict(_PLAIN.get(name, {}))  # any value: `Any`, or a class that contains itself
        case ast.Call(func=inner, keywords=limits):
            return _limited(_type(inner), {limit.arg: ast.literal_eval(limit.value) for limit in limits})
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            return _filled(name, inner.elts if isinstance(inner, ast.Tuple) else [inner])
        case ast.Dict(keys=keys, values=values):  # which of its fields may be missing, is not recorded
            named = zip(keys, values, strict=True)
            return {
                "type": "object",
                "properties": {key.value: _type(value) for key, value in named if isinstance(key, ast.Constant)},
            }
        case _:
            return {}


def _members(node: ast.expr) -> Iterable[ast.expr]:
    if isinstance(node, ast.BinOp):
        yield from _members(node.left)
        yield from _members(node.right)
    else:
        yield node


def _union(nodes: list[ast.expr]) -> Schema:
    """One of several types; "or null" is said within a plain type, as most readers expect it."""
    schemas = [_type(node) for node in nodes]
    if len(schemas) == 2 and schemas[1] == _PLAIN["None"] and isinstance(schemas[0].get("type"), str):
        return {**schemas[0], "type": [schemas[0]["type"], "null"]}
    return {"anyOf": schemas}


def _filled(name: str, inner: list[ast.expr]) -> Schema:
    match name:
        case "Literal":
            return {"enum": [ast.literal_eval(each) for each in inner]}
        case "tuple":
            count = len(inner)
            return {
                "type": "array",
                "prefixItems": [_type(item) for item in inner],
                "minItems": count,
                "maxItems": count,
            }
        case "list":
            return {"type": "array", "items": _type(inner[0])}
        case "dict":
            return {"type": "object", "additionalProperties": _type(inner[1])}
        case _:
            return {}


def _limited(schema: Schema, limits: Mapping[str | None, Any]) -> Schema:
    length = _LENGTHS.get(schema.get("type", ""), "")
    named = {"min_length": f"min{length}", "max_length": f"max{length}", **_LIMITS}
    return {**schema, **{named[name]: value for name, value in limits.items() if name in named}}
