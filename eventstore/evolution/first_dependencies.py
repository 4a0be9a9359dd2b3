"""Dependencies by the first algorithm for fingerprints, to compare fingerprints that it has recorded.

It goes by the names of classes and modules. It can be removed once no project upgrades from 0.4: see
docs/decisions/0021-fingerprints-by-stored-names.md.
"""

import ast
from types import ModuleType
from typing import Any

from eventstore.evolution.dependencies import Dependencies
from eventstore.evolution.source import StandIn, keep


class FirstDependencies(Dependencies):
    """Collects definitions and imports, and sorts them by module and name."""

    def listed(self) -> list[Any]:
        return [[name, found] for (_, name), found in sorted(self.found.items())]

    def stand_in(self, module: ModuleType) -> StandIn:
        return keep

    def _is_left_out(self, value: object) -> bool:
        return super()._is_left_out(value) or (isinstance(value, type) and hasattr(value, "__message__"))

    def _import(self, module: ModuleType, name: str, source: str, original: str) -> None:
        origin = self._origin(source)
        self.found[module.__name__, name] = original if origin else [source, original]
        if origin:
            self.follow(origin, [ast.Name(original)])
