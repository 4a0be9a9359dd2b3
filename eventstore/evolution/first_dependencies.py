"""Dependencies by the first algorithm for fingerprints, to compare fingerprints that it has recorded.

It goes by the names of classes and modules. It can be removed once no project upgrades from 0.4: see
docs/decisions/0021-fingerprints-by-stored-names.md.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from eventstore.evolution.dependencies import is_model, origin_in
from eventstore.evolution.source import Outline, StandIn, keep, names, outline_of, plain


@dataclass
class FirstDependencies:
    """Collects definitions and imports, and sorts them by module and name."""

    package: str
    found: dict[tuple[str, str], Any] = field(default_factory=dict)

    def collect(self, module: ModuleType, nodes: Iterable[ast.AST]) -> list[Any]:
        """The definitions and imports that these nodes of a module depend on."""
        self._follow(module, nodes)
        return [[[name, found] for (_, name), found in sorted(self.found.items())]]

    def stand_in(self, module: ModuleType) -> StandIn:
        """Replaces nothing."""
        return keep

    def _follow(self, module: ModuleType, nodes: Iterable[ast.AST]) -> None:
        outline = outline_of(module)
        for name in sorted({name for node in nodes for name in names(node, keep)}):
            if (module.__name__, name) not in self.found and not _is_left_out(getattr(module, name, None)):
                self._add(outline, name)

    def _add(self, outline: Outline, name: str) -> None:
        module = outline.module
        if definitions := outline.definitions.get(name):
            self.found[module.__name__, name] = plain(definitions, keep)
            self._follow(module, definitions)
        elif name in outline.imports:
            self._import(module, name, *outline.imports[name])

    def _import(self, module: ModuleType, name: str, source: str, original: str) -> None:
        origin = origin_in(self.package, source)
        self.found[module.__name__, name] = original if origin else [source, original]
        if origin:
            self._follow(origin, [ast.Name(original)])


def _is_left_out(value: object) -> bool:
    return is_model(value) or (isinstance(value, type) and hasattr(value, "__message__"))
