"""The events, commands and projections that the code declares now, with their shapes and fingerprints."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import AppConfig, apps

from eventstore import messages
from eventstore.evolution.files import Group
from eventstore.evolution.fingerprint import fingerprint, is_fingerprint_of
from eventstore.evolution.notation import Shape, shape_of
from eventstore.messages import MessageType
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import projections


@dataclass(frozen=True)
class Declared(ABC):
    """An event, a command or a projection, at its present version."""

    group: Group
    name: str
    version: int
    app: AppConfig

    @property
    def noun(self) -> str:
        """The kind and the name of the declaration, for messages: "event door.opened"."""
        return f"{self.group.removesuffix('s')} {self.name}"

    @abstractmethod
    def describe(self) -> Shape | str:
        """The shape or the fingerprint to record. Raises OSError for a projection whose source is not at hand."""

    @abstractmethod
    def is_described_by(self, recorded: Shape | str) -> bool:
        """Whether a recorded shape or fingerprint is that of the code. Raises OSError likewise."""


@dataclass(frozen=True)
class DeclaredMessage(Declared):
    """An event or a command."""

    kind: MessageType

    def describe(self) -> Shape:
        return shape_of(self.kind)

    def is_described_by(self, recorded: Shape | str) -> bool:
        return self.describe() == recorded


@dataclass(frozen=True)
class DeclaredProjection(Declared):
    """A projection."""

    projection: Projection

    def describe(self) -> str:
        return fingerprint(self.projection)

    def is_described_by(self, recorded: Shape | str) -> bool:
        return isinstance(recorded, str) and is_fingerprint_of(recorded, self.projection)


def declared() -> list[Declared]:
    """Everything that installed apps declare; declarations in no app, as in tests, are not recorded."""
    return [*_messages("commands", messages.commands), *_messages("events", messages.events), *_projections()]


def _messages(group: Group, registry: dict[str, MessageType]) -> Iterator[Declared]:
    for kind in registry.values():
        if app := apps.get_containing_app_config(kind.cls.__module__):
            yield DeclaredMessage(group, kind.name, kind.version, app, kind)


def _projections() -> Iterator[Declared]:
    for projection in projections.values():
        if app := apps.get_containing_app_config(projection.function.__module__):
            yield DeclaredProjection("projections", projection.name, projection.version, app, projection)
