"""Payloads: messages as canonical JSON, without anything that a database would refuse or change."""

import msgspec

from eventstore.errors import PayloadRefused
from eventstore.messages.declaration import type_of

MAX_PAYLOAD = 262_144  # bytes of canonical JSON; a fact larger than that is a document, and belongs elsewhere


def canonical(value: object) -> bytes:
    """A value as canonical JSON: keys sorted, no spaces, UTF-8; equal values give equal bytes.

    Raises PayloadRefused for what a database would refuse or change: floats, NUL, lone surrogates, oversize.
    """
    try:
        encoded = msgspec.json.encode(value, order="sorted")
    except (TypeError, UnicodeEncodeError, msgspec.MsgspecError) as error:
        raise PayloadRefused(f"This can't be stored as JSON: {error}") from error
    if len(encoded) > MAX_PAYLOAD:
        raise PayloadRefused(f"A message of {len(encoded):,} bytes is too large; the limit is {MAX_PAYLOAD:,}.")
    if b"\\u0000" in encoded:
        _refuse_leaves(msgspec.to_builtins(value))
    return encoded


def encode(message: object) -> bytes:
    """A message as canonical JSON that is sure to be read back.

    Raises PayloadRefused, also where a field holds another type than it declares.
    """
    kind = type_of(message)
    encoded = canonical(message)
    if kind.is_open:
        _refuse_leaves(msgspec.to_builtins(message))
    try:
        kind.decoder.decode(encoded)
    except msgspec.ValidationError as error:
        raise PayloadRefused(f"{type(message).__name__} can't be stored: {error}") from error
    return encoded


def _refuse_leaves(value: object) -> None:
    match value:
        case float():
            raise PayloadRefused("A float is not exact. Use an integer of minor units, or a string.")
        case str() if "\0" in value:
            raise PayloadRefused("Text must not contain a NUL character.")
        case dict():
            for key, item in value.items():
                _refuse_leaves(key)
                _refuse_leaves(item)
        case list() | tuple():
            for item in value:
                _refuse_leaves(item)
