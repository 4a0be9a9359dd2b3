"""Types of fields, looked through to their innermost parts: which are inexact, open to any value, or changeable."""

import dataclasses
import types
from collections import abc, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict
from uuid import UUID

import msgspec
import msgspec.inspect

PLAIN = (str, int, bool, bytes, type(None), UUID, datetime, date, time, timedelta, Decimal, object, msgspec.UnsetType)
CONTAINERS = (dict, list, tuple, set, frozenset, deque, abc.Collection)
CHANGEABLE = (dict, list, set, deque, bytearray, abc.MutableMapping, abc.MutableSequence, abc.MutableSet)


@dataclass(frozen=True)
class Part:
    """A type within a field's type: where it stands, and whether it holds others that are not named."""

    path: str
    type: Any
    is_bare: bool = True

    @property
    def is_inexact(self) -> bool:
        """Whether it is a float."""
        return _is_subclass(self.type, (float, complex))

    @property
    def is_open(self) -> bool:
        """Whether it takes values of types that are not named here."""
        if self.type in (Any, object, msgspec.Raw) or isinstance(self.type, TypeVar):
            return True
        return self.is_bare and _is_subclass(self.type, CONTAINERS) and not _has_fields(self.type)

    @property
    def may_be_inexact(self) -> bool:
        """Whether only the value tells that it is exact: there may be a float in it, and a Decimal may be no number."""
        return self.is_open or self.type is Decimal

    @property
    def is_unknown(self) -> bool:
        """Whether it is a class that JSON knows no form of."""
        known = self.type in PLAIN or _has_fields(self.type) or _is_subclass(self.type, Enum)
        if known or not isinstance(self.type, type):
            return False
        return isinstance(msgspec.inspect.type_info(self.type), msgspec.inspect.CustomType)

    @property
    def is_changeable(self) -> bool:
        """Whether its values are made to be changed in place."""
        if _has_fields(self.type):
            return not _is_frozen(self.type)
        return _is_subclass(self.type, CHANGEABLE)

    @property
    def may_be_changeable(self) -> bool:
        """Whether it promises not to be changed, yet holds what can be, such as the dict behind a Mapping."""
        is_abstract = bool(getattr(self.type, "__abstractmethods__", ()))
        return self.is_open or (_is_subclass(self.type, abc.Iterable) and is_abstract)


def parts_of(hint: Any, path: str = "") -> Iterator[Part]:
    """The types within a type, itself included; also those of the fields of dataclasses and the like."""
    return _parts(hint, path, frozenset())


def _parts(hint: Any, path: str, around: frozenset[Any]) -> Iterator[Part]:
    hint = _unwrapped(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return
    if origin not in (Union, types.UnionType):
        yield Part(path, origin or hint, is_bare=not inner)
    for one in inner:
        yield from _parts(one, path, around)
    cls = origin or hint
    if _has_fields(cls) and cls not in around:
        for name, field in get_type_hints(cls, include_extras=True).items():
            yield from _parts(field, f"{path}.{name}".removeprefix("."), around | {cls})


def _unwrapped(hint: Any) -> Any:
    """The type behind an annotation, a new type or an alias."""
    while True:
        if get_origin(hint) is Annotated:
            hint = get_args(hint)[0]
        elif isinstance(hint, NewType):
            hint = hint.__supertype__
        elif type(hint).__name__ == "TypeAliasType":  # of Python 3.12
            hint = hint.__value__
        else:
            return hint


def _has_fields(cls: Any) -> bool:
    return isinstance(cls, type) and (
        dataclasses.is_dataclass(cls)
        or issubclass(cls, msgspec.Struct)
        or hasattr(cls, "__attrs_attrs__")
        or (issubclass(cls, tuple) and hasattr(cls, "_fields"))
        or is_typeddict(cls)
    )


def _is_frozen(cls: Any) -> bool:
    if is_typeddict(cls):
        return False
    if issubclass(cls, msgspec.Struct):
        return bool(cls.__struct_config__.frozen)
    if dataclasses.is_dataclass(cls):  # a class that only inherits from a frozen one takes further attributes
        return "__dataclass_params__" in vars(cls) and bool(vars(cls)["__dataclass_params__"].frozen)
    return issubclass(cls, tuple) or cls.__setattr__ is not object.__setattr__


def _is_subclass(cls: Any, of: type | tuple[type, ...]) -> bool:
    return isinstance(cls, type) and not issubclass(cls, str | bytes) and issubclass(cls, of)
