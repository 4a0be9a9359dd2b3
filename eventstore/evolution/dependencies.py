"""The definitions that a projector depends on: helpers and constants that it names, directly or indirectly.

They are followed within the package of its app. Where they stand, and by which route they are imported, makes no
difference, so a helper may move to another module. Events and commands go by their stored names.
"""

import ast
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType, UnionType
from typing import Any, Union, get_args, get_origin

from django.apps import apps
from django.db.models import Model

from eventstore.evolution.source import Outline, StandIn, names, outline_of, plain, value_of


@dataclass
class Dependencies:
    """Collects definitions in the order in which they are found: by the names in each definition, sorted.

    `found` holds definitions by module and name; None for an import, which leads to one and leaves no trace.
    """

    package: str
    found: dict[tuple[str, str], Any] = field(default_factory=dict)

    def follow(self, module: ModuleType, nodes: Iterable[ast.AST]) -> None:
        """Add the definitions of the names in these nodes of a module, and those that they depend on in turn."""
        outline = outline_of(module)
        for name in sorted({name for node in nodes for name in names(node, self.stand_in(module))}):
            if (module.__name__, name) not in self.found and not self._is_left_out(getattr(module, name, None)):
                self._add(outline, name)

    def listed(self) -> list[Any]:
        """The definitions with their names, without their modules."""
        return [[name, found] for (_, name), found in self.found.items() if found is not None]

    def stand_in(self, module: ModuleType) -> StandIn:
        """Replaces expressions in a module that name an event, a command or a union of them by stored names.

        The classes may then be renamed, and so may the union.
        """
        return lambda node: _stored_names(value_of(node, module))

    def _is_left_out(self, value: object) -> bool:
        """Whether a name's value is not followed: a fingerprint describes a model by its columns."""
        return isinstance(value, type) and issubclass(value, Model)

    def _add(self, outline: Outline, name: str) -> None:
        module = outline.module
        if definitions := outline.definitions.get(name):
            self.found[module.__name__, name] = plain(definitions, self.stand_in(module))
            self.follow(module, definitions)
        elif name in outline.imports:
            self._import(module, name, *outline.imports[name])

    def _import(self, module: ModuleType, name: str, source: str, original: str) -> None:
        """Follow a name that comes from the package; keep of any other from which app or module it comes."""
        origin = self._origin(source)
        self.found[module.__name__, name] = None if origin else [_home(source), original]
        if origin:
            self.follow(origin, [ast.Name(original)])

    def _origin(self, source: str) -> ModuleType | None:
        """The module of this name, if it is in the package."""
        return sys.modules.get(source) if f"{source}.".startswith(f"{self.package}.") else None


def _stored_names(value: object) -> list[Any] | None:
    is_union = isinstance(value, UnionType) or get_origin(value) is Union
    classes = [cls for cls in (get_args(value) if is_union else [value]) if isinstance(cls, type)]
    kinds = [getattr(cls, "__message__", None) for cls in classes]
    return ["Messages", sorted(kind.name for kind in kinds if kind)] if kinds and all(kinds) else None


def _home(source: str) -> str:
    """The label of the app that a module belongs to, or the module's name if it belongs to none."""
    app = apps.get_containing_app_config(source)
    return app.label if app else source
