"""Metadata of events that are appended without a command."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from eventstore.errors import ArgumentRefused
from eventstore.messages.arguments import actor_text, described, id_of, time_of
from eventstore.messages.payload import exact
from eventstore.telemetry import hooks
from eventstore.telemetry.traceparent import NAME as TRACEPARENT

ENGINES_OWN = frozenset({"actor", "command_id", "imported"})
IDS = ("correlation_id", "causation_id")


def described_by(actor: str, metadata: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The metadata of appended events. Raises ArgumentRefused or PayloadRefused for what can't be stored, or read."""
    described = {"actor": actor_text(actor)}
    if (traceparent := hooks.traceparent()) is not None:
        described[TRACEPARENT] = traceparent
    return {**described, **_checked(metadata)} if metadata is not None else described


def _checked(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(metadata, Mapping):
        raise ArgumentRefused(f"The metadata are {described(metadata)}. Give a dict of JSON values.")
    if taken := sorted(ENGINES_OWN & metadata.keys()):
        raise ArgumentRefused(f"The metadata hold {taken[0]!r}, which the engine sets itself. Give it another name.")
    for name in IDS:
        if metadata.get(name) is not None:
            id_of(f"The {name} of the metadata", _parsed(UUID, metadata[name]))
    if metadata.get("effective_at") is not None:
        time_of("The effective_at of the metadata", _parsed(datetime.fromisoformat, metadata["effective_at"]))
    stored: Mapping[str, Any] = exact(metadata, "The metadata")
    return stored


def _parsed(read: Any, value: object) -> object:
    """A value of JSON as it will be read, where it can be."""
    try:
        return read(value) if isinstance(value, str) else value
    except ValueError:
        return value
