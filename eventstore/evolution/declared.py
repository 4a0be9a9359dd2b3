"""What the code declares now: its events and commands with their shapes, its projections with their fingerprints."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.apps import AppConfig, apps

from eventstore import messages
from eventstore.evolution.files import Group
from eventstore.evolution.fingerprint import fingerprint
from eventstore.evolution.notation import Shape, shape_of
from eventstore.messages import MessageType
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import projections


@dataclass(frozen=True)
class Declared:
    """One event, command or projection, at its present version. `describe` may raise OSError for a projection."""

    group: Group
    name: str
    version: int
    app: AppConfig
    describe: Callable[[], Shape | str]

    @property
    def noun(self) -> str:
        """What it is, in words."""
        return f"{self.group.removesuffix('s')} {self.name}"


def declared() -> list[Declared]:
    """Everything that installed apps declare. What stands in no app, as in tests, is not recorded."""
    return [*_messages("commands", messages.commands), *_messages("events", messages.events), *_projections()]


def _messages(group: Group, registry: dict[str, MessageType]) -> Iterator[Declared]:
    for kind in registry.values():
        if app := apps.get_containing_app_config(kind.cls.__module__):
            yield Declared(group, kind.name, kind.version, app, _shape(kind))


def _projections() -> Iterator[Declared]:
    for projection in projections.values():
        if app := apps.get_containing_app_config(projection.function.__module__):
            yield Declared("projections", projection.name, projection.version, app, _fingerprint(projection))


def _shape(kind: MessageType) -> Callable[[], Shape]:
    return lambda: shape_of(kind)


def _fingerprint(projection: Projection) -> Callable[[], str]:
    return lambda: fingerprint(projection)
