"""Upcasters: old data is brought to the present shape when it is read, and stays in the log as it was written.

An upcaster is pure, `dict -> dict`, and takes one schema version to the next.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from eventstore import messages
from eventstore.errors import MessageError
from eventstore.messages import MessageType

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_upcasters: dict[tuple[str, int], Upcaster] = {}


def upcaster(name: str, *, since: int) -> Callable[[Upcaster], Upcaster]:
    """Declare how data of the stored name at schema version `since` becomes version `since + 1`."""

    def register(function: Upcaster) -> Upcaster:
        if (name, since) in _upcasters:
            raise MessageError(f"{name} already has an upcaster from version {since}.")
        _upcasters[name, since] = function
        return function

    return register


def decode(kind: MessageType, schema_version: int, data: bytes | str) -> Any:
    """A message of the present class, from any schema version; raises MessageError if an upcaster is missing."""
    if schema_version == kind.version:
        return kind.decoder.decode(data)
    return kind.decoder.decode(messages.canonical(_upcast(kind, schema_version, msgspec.json.decode(data))))


def missing(kind: MessageType) -> list[int]:
    """The schema versions of a type from which no upcaster leads on."""
    return [version for version in range(1, kind.version) if (kind.name, version) not in _upcasters]


def _upcast(kind: MessageType, schema_version: int, data: dict[str, Any]) -> dict[str, Any]:
    for version in range(schema_version, kind.version):
        if (kind.name, version) not in _upcasters:
            raise MessageError(f"{kind.name} has no upcaster from version {version}: write one with @upcaster.")
        data = _upcasters[kind.name, version](data)
    return data
