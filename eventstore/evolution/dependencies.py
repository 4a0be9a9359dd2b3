"""The definitions that a projector depends on: helpers and constants that it names, directly or indirectly.

They are followed within the package of its app. Where they stand, and by which route they are imported, makes no
difference, so a helper may move to another module. Events and commands go by their stored names.
"""

import ast
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import ModuleType, UnionType
from typing import Any, Union, get_args, get_origin

from django.apps import apps
from django.db.models import Model

from eventstore.evolution.source import StandIn, attributes, names, outline_of, plain, value_of


@dataclass
class Dependencies:
    """Collects definitions in the order in which they are found: by the names in each definition, sorted.

    Each is listed once, with the places in the list of the definitions that its names lead to.
    """

    package: str
    definitions: list[Any] = field(default_factory=list)
    places: dict[tuple[str, str], int] = field(default_factory=dict)  # of a definition in the list, by module and name

    def collect(self, module: ModuleType, nodes: Iterable[ast.AST]) -> list[Any]:
        """The places that the names in these nodes of a module lead to, and all definitions."""
        return [self._references(module, nodes), self.definitions]

    def stand_in(self, module: ModuleType) -> StandIn:
        """Replaces expressions in a module that name an event, a command or a union of them by stored names.

        The classes may then be renamed, and so may the union.
        """
        return lambda node: _stored_names(value_of(node, module))

    def _references(self, module: ModuleType, nodes: Iterable[ast.AST]) -> list[Any]:
        """The names in these nodes, each with the place of its definition; adds the definitions that are new."""
        nodes = list(nodes)
        named = sorted({name for node in nodes for name in names(node, self.stand_in(module))})
        found = [(name, self._place(module, name)) for name in named if not is_model(getattr(module, name, None))]
        found += self._attributes(module, nodes)
        return [[name, place] for name, place in found if place is not None]

    def _attributes(self, module: ModuleType, nodes: Iterable[ast.AST]) -> list[tuple[str, int | None]]:
        """The names that these nodes take from named modules of the package, `helpers.RATE`, each with its place."""
        taken = {
            (ast.unparse(node), owner, node.attr)
            for node in (found for one in nodes for found in attributes(one, self.stand_in(module)))
            if isinstance(owner := value_of(node.value, module), ModuleType) and origin_in(self.package, owner.__name__)
        }
        return [
            (text, self._place(owner, name))
            for text, owner, name in sorted(taken, key=lambda one: one[0])
            if not is_model(getattr(owner, name, None))
        ]

    def _place(self, module: ModuleType, name: str) -> int | None:
        """The place of the definition that a name of a module leads to, by whatever imports; None if there is none."""
        outline = outline_of(module)
        if definitions := outline.definitions.get(name):
            return self._define(module, name, definitions)
        if name not in outline.imports:
            return None
        source, original = outline.imports[name]
        if origin := origin_in(self.package, source):
            return None if (origin, original) == (module, name) else self._place(origin, original)
        return self._list((source, original), [home_of(source), original])

    def _define(self, module: ModuleType, name: str, definitions: Sequence[ast.AST]) -> int:
        if (module.__name__, name) in self.places:
            return self.places[module.__name__, name]
        entry = [name, plain(definitions, self.stand_in(module))]
        place = self._list((module.__name__, name), entry)
        entry.append(self._references(module, definitions))  # after it has its place: it may refer to itself
        return place

    def _list(self, key: tuple[str, str], entry: list[Any]) -> int:
        if key not in self.places:
            self.places[key] = len(self.definitions)
            self.definitions.append(entry)
        return self.places[key]


class SecondDependencies(Dependencies):
    """Dependencies by the second algorithm, which did not follow names that are taken from a named module."""

    def _attributes(self, module: ModuleType, nodes: Iterable[ast.AST]) -> list[tuple[str, int | None]]:
        return []


def is_model(value: object) -> bool:
    """Whether a value is a model, which is not followed: a fingerprint describes it by its columns."""
    return isinstance(value, type) and issubclass(value, Model)


def origin_in(package: str, source: str) -> ModuleType | None:
    """The module of this name, if it is in the package."""
    return sys.modules.get(source) if f"{source}.".startswith(f"{package}.") else None


def _stored_names(value: object) -> list[Any] | None:
    is_union = isinstance(value, UnionType) or get_origin(value) is Union
    classes = [cls for cls in (get_args(value) if is_union else [value]) if isinstance(cls, type)]
    kinds = [getattr(cls, "__message__", None) for cls in classes]
    return ["Messages", sorted(kind.name for kind in kinds if kind)] if kinds and all(kinds) else None


def home_of(source: str) -> str:
    """The label of the app that a module belongs to, or the module's name if it belongs to none."""
    app = apps.get_containing_app_config(source)
    return app.label if app else source
