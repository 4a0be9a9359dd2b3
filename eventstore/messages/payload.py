"""Payloads: messages as canonical JSON, without anything that a database would refuse or change."""

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from eventstore.errors import PayloadRefused
from eventstore.messages.arguments import described
from eventstore.messages.declaration import MessageType, type_of
from eventstore.messages.moments import must_be_moment

MAX_PAYLOAD = 262_144  # bytes of canonical JSON; a fact larger than that is a document, and belongs elsewhere


def canonical(value: object, subject: str = "This") -> bytes:
    """A value as canonical JSON: keys sorted, no spaces, UTF-8; equal values give equal bytes.

    Raises PayloadRefused for what a database would refuse or change: NUL, lone surrogates, oversize; see `exact`.
    """
    try:
        encoded = msgspec.json.encode(value, order="sorted")
    except (TypeError, UnicodeEncodeError, RecursionError, msgspec.MsgspecError) as error:
        raise PayloadRefused(f"{subject} can't be stored as JSON: {error}.") from error
    if len(encoded) > MAX_PAYLOAD:
        raise PayloadRefused(
            f"{subject} is too large: {len(encoded):,} bytes of JSON, and the limit is {MAX_PAYLOAD:,}. Keep a "
            "document elsewhere, and store its address and its hash."
        )
    if b"\\u0000" in encoded:
        _refuse_leaves(msgspec.to_builtins(value), subject)
    return encoded


def exact(value: object, subject: str) -> Any:
    """Foreign data as it will be read back. Raises PayloadRefused as `canonical` does, and for floats in it."""
    stored = msgspec.json.decode(canonical(value, subject))
    _refuse_leaves(stored, subject)
    return stored


def encode(message: object) -> bytes:
    """A message as canonical JSON that is sure to be read back as what it is.

    Raises PayloadRefused, also where a field holds another type than it declares, or a time that is too far away.
    """
    kind = type_of(message)
    encoded = canonical(message, kind.cls.__qualname__)
    for name in kind.examined_fields:
        _refuse_leaves(_plain(getattr(message, name)), f"{kind.cls.__qualname__}.{name}")
    if b'"0001-' in encoded or b'"9999-' in encoded:
        _refuse_far_times(msgspec.to_builtins(message, builtin_types=[datetime]))
    try:
        stored = kind.decoder.decode(encoded)
    except msgspec.ValidationError as error:
        raise PayloadRefused(f"{kind.cls.__qualname__} can't be stored: {error}.") from error
    if stored != message:
        _refuse_changed(kind, message, stored)
    return encoded


def _refuse_changed(kind: MessageType, message: object, stored: object) -> None:
    """Refuse a message that would be read back as another, such as an id that is given as text."""
    for name in (item.name for item in fields(kind.cls)):
        given, found = getattr(message, name), getattr(stored, name)
        if given != found and name not in kind.open_fields:
            raise PayloadRefused(
                f"{kind.cls.__qualname__}.{name} holds {described(given)}, and would be read back as "
                f"{described(found)}. Give it a value of the type that it declares."
            )


def _plain(value: object) -> Any:
    return None if value is msgspec.UNSET else msgspec.to_builtins(value, builtin_types=(Decimal,), str_keys=False)


def _refuse_far_times(value: object) -> None:
    match value:
        case datetime():
            must_be_moment(value)
        case dict():
            for item in value.values():
                _refuse_far_times(item)
        case list() | tuple():
            for item in value:
                _refuse_far_times(item)


def _refuse_leaves(value: object, path: str) -> None:
    match value:
        case float():
            raise PayloadRefused(f"{path} is a float, which is not exact. Use an integer of minor units, or text.")
        case Decimal() if not value.is_finite():
            raise PayloadRefused(f"{path} is {value}, which is no number. Leave the field empty, or refuse the input.")
        case str() if "\0" in value:
            raise PayloadRefused(f"{path} holds a NUL character, which PostgreSQL can't store. Leave it out.")
        case dict():
            for key, item in value.items():
                _refuse_leaves(key, f"A key of {path}")
                _refuse_leaves(item, f"{path}[{key!r}]")
        case list() | tuple() | set() | frozenset():
            for place, item in enumerate(value):
                _refuse_leaves(item, f"{path}[{place}]")
