"""Shapes of tables, as the catalog of the database tells them, and how two of them differ."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple


class TableShape(NamedTuple):
    """What rows of a table can hold: its columns, each with its definition, and its CHECKs, keys and other indexes.

    All are in the database's own words, which are the same for the same thing, whatever its name. A table that does
    not exist has no columns.
    """

    columns: Mapping[str, str]
    checks: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    indexes: frozenset[str] = frozenset()

    @property
    def required(self) -> set[str]:
        """The columns that an INSERT has to give a value."""
        return {name for name, text in self.columns.items() if "NOT NULL" in text and not _fills_itself(text)}

    def differences_from(self, live: "TableShape", *, unfinished: bool = False) -> list[str]:
        """How a table beside the live one differs from it, in words; keys that are `unfinished` may be missing."""
        if not self.columns:
            return ["it does not exist"]
        found = [*_columns(self.columns, live.columns), *_parts("constraint", self.checks, live.checks)]
        if not unfinished:
            found += [*_parts("key", self.keys, live.keys), *_parts("index", self.indexes, live.indexes)]
        elif not self.keys <= live.keys:
            found += _parts("key", self.keys, self.keys & live.keys)
        return found


def _fills_itself(definition: str) -> bool:
    return any(word in definition for word in ("DEFAULT", "GENERATED", "AUTOINCREMENT"))


def _columns(own: Mapping[str, str], live: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(own.keys() | live.keys()):
        if name not in own:
            yield f"the column {name} ({live[name]}) is missing"
        elif name not in live:
            yield f"the column {name} is gone from the live table"
        elif own[name] != live[name]:
            yield f"the column {name} is {own[name]}, but {live[name]} in the live table"


def _parts(noun: str, own: frozenset[str], live: frozenset[str]) -> Iterator[str]:
    yield from (f"the {noun} {text} is missing" for text in sorted(live - own))
    yield from (f"the {noun} {text} is gone from the live table" for text in sorted(own - live))
