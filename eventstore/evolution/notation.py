"""Shapes of messages: one text for each field, in the notation of Python, `str | None` or `list[int] = []`.

Types that are stored alike have the same text: a tuple and a set are lists, a nested class is its fields.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect as types

from eventstore.messages import MessageType

PERSONAL = "Personal"  # the type of a field that is encrypted

_PLAIN: dict[type[types.Type], str] = {
    types.AnyType: "Any",
    types.NoneType: "None",
    types.BoolType: "bool",
    types.IntType: "int",
    types.StrType: "str",
    types.BytesType: "bytes",
    types.DecimalType: "Decimal",
    types.UUIDType: "UUID",
    types.DateTimeType: "datetime",
    types.DateType: "date",
    types.TimeType: "time",
    types.TimeDeltaType: "timedelta",
}
_LIMITS = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length", "tz")
_EMPTY = (list, dict, tuple, set, frozenset)


class Shape(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The stored form of one schema version of a message: its fields, and the field that names its data subject."""

    fields: dict[str, str]
    subject: str | None = None


def shape_of(kind: MessageType) -> Shape:
    """The shape of a class of messages, as it is declared now."""
    described = types.type_info(kind.cls)
    assert isinstance(described, types.DataclassType | types.StructType)
    return Shape({field.name: _field(field, kind) for field in described.fields}, kind.subject)


def _field(field: types.Field, kind: MessageType) -> str:
    text = PERSONAL if field.name in kind.personal else _text(field.type, (kind.cls,))
    return f"{text}{_default(field)}"


def _default(field: types.Field) -> str:
    """A field's default, which is part of the shape: it is the value where an upcaster leaves the field out."""
    if field.required:
        return ""
    if field.default_factory is not msgspec.NODEFAULT:
        made_empty = field.default_factory in _EMPTY
        return f" = {_literal(msgspec.to_builtins(field.default_factory()))}" if made_empty else " = ..."
    if field.default is msgspec.NODEFAULT:
        return " = UNSET"
    return f" = {_literal(field.default)}"


def _literal(value: Any) -> str:
    """A value as it is stored, in Python's notation."""
    return repr(msgspec.to_builtins(value))


def _text(kind: types.Type, within: tuple[type, ...]) -> str:
    """A type as text; `within` are the enclosing classes, of which a recursive one is only named."""
    match kind:
        case types.UnionType(types=members):
            return " | ".join(sorted((_text(member, within) for member in members), key=_none_last))
        case types.DictType(key_type=key, value_type=value):
            return f"dict[{_text(key, within)}, {_text(value, within)}]{_limits(kind)}"
        case types.TupleType(item_types=items):
            return f"tuple[{', '.join(_text(item, within) for item in items)}]"
        case types.ListType() | types.VarTupleType() | types.SetType() | types.FrozenSetType():
            return f"list[{_text(kind.item_type, within)}]{_limits(kind)}"
        case types.LiteralType(values=values):
            return _choice(values)
        case types.EnumType(cls=cls):
            return _choice(member.value for member in cls)
        case types.Metadata(type=inner):
            return _text(inner, within)
        case types.DataclassType() | types.StructType() | types.TypedDictType() | types.NamedTupleType():
            return kind.cls.__name__ if kind.cls in within else _nested(kind, (*within, kind.cls))
        case _:
            return f"{_PLAIN.get(type(kind), type(kind).__name__)}{_limits(kind)}"


def _nested(kind: Any, within: tuple[type, ...]) -> str:
    """A class inside a message as text: a tuple if it is stored as a list, else its fields in braces."""
    if isinstance(kind, types.NamedTupleType) or getattr(kind, "array_like", False):
        return f"tuple[{', '.join(_text(field.type, within) for field in kind.fields)}]"
    tag: dict[str, str] = {}
    if getattr(kind, "tag_field", None):
        tag = {kind.tag_field: _choice([kind.tag])}
    parts = tag | {field.encode_name: _text(field.type, within) for field in kind.fields}
    return f"{{{', '.join(f'{name!r}: {text}' for name, text in sorted(parts.items()))}}}"


def _choice(values: Iterable[Any]) -> str:
    return f"Literal[{', '.join(sorted(repr(value) for value in values))}]"


def _limits(kind: types.Type) -> str:
    """The limits of a type: data that were valid once may be too long now."""
    given = {name: getattr(kind, name, None) for name in _LIMITS}
    narrowed = [f"{name}={value!r}" for name, value in given.items() if value is not None]
    return f"({', '.join(narrowed)})" if narrowed else ""


def _none_last(text: str) -> tuple[bool, str]:
    return text == "None", text
