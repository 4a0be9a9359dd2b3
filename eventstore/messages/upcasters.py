"""Upcasters: old data is brought to the present shape when it is read, and stays in the log as it was written.

An upcaster is pure, `dict -> dict`, and takes one schema version to the next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from eventstore.errors import MessageError
from eventstore.messages.declaration import MessageType, place_of
from eventstore.messages.payload import canonical

Function = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Upcaster:
    """One step from a schema version to the next, with field values that made-up data needs for a trial."""

    function: Function
    example: Mapping[str, Any]


_upcasters: dict[tuple[str, int], Upcaster] = {}


def upcaster(name: str, *, since: int, example: Mapping[str, Any] | None = None) -> Callable[[Function], Function]:
    """Declare how data of the stored name at schema version `since` becomes version `since + 1`.

    `record_shapes --check` tries it on made-up data of that version. Where any text or number won't do, `example` gives
    a field the value that it needs: `{"colour": "red"}`.
    """

    def register(function: Function) -> Function:
        twin = _upcasters.get((name, since))
        if twin and place_of(twin.function) != place_of(function):
            raise MessageError(
                f"{name} already has an upcaster from version {since}, {place_of(twin.function)}, so "
                f"{place_of(function)} can't be one. Remove one of them."
            )
        _upcasters[name, since] = Upcaster(function, example or {})
        return function

    return register


def decode(kind: MessageType, schema_version: int, data: bytes | str) -> Any:
    """A message of the present class, from any schema version up to its own.

    Raises MessageError if an upcaster is missing or fails, or if the data is newer than the code.
    """
    if schema_version == kind.version:
        return kind.decoder.decode(data)
    return kind.decoder.decode(canonical(_upcast(kind, schema_version, msgspec.json.decode(data))))


def missing(kind: MessageType) -> list[int]:
    """The schema versions of a type from which no upcaster leads on."""
    return [version for version in range(1, kind.version) if (kind.name, version) not in _upcasters]


def declared() -> Mapping[tuple[str, int], Upcaster]:
    """All upcasters, by the stored name and the schema version that they start from."""
    return _upcasters


def _upcast(kind: MessageType, schema_version: int, data: dict[str, Any]) -> dict[str, Any]:
    if schema_version > kind.version:
        raise MessageError(
            f"{kind.name} was stored at schema version {schema_version}, but this code knows it up to version "
            f"{kind.version} only: run the code that wrote it, or newer."
        )
    for version in range(schema_version, kind.version):
        data = _step(kind.name, version, data)
    return data


def _step(name: str, version: int, data: dict[str, Any]) -> dict[str, Any]:
    step = _upcasters.get((name, version))
    if step is None:
        raise MessageError(f"{name} has no upcaster from version {version}: write one with @upcaster.")
    try:
        return step.function(data)
    except Exception as error:
        raise MessageError(
            f"The upcaster of {name} from version {version} failed: {error!r}. Correct it: stored data stay."
        ) from error
