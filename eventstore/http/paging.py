"""Keyset paging: pages by key, not by offset, as quick at the end of a list as at its beginning.

There is no COUNT, and rows that are added meanwhile shift nothing. It needs Django only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

__all__ = ["Cut", "Page", "newest_first", "pages_upwards"]

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
Key = TypeVar("Key", int, UUID, str)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item, Key]):
    """Some rows of a list, greatest key first.

    `next` is the key after which the next page begins, `previous` the one before which the page before it ends; each is
    `None` where there is no such page.
    """

    rows: list[Item]
    next: Key | None = None
    previous: Key | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A place to cut a list of `size` rows a page: below the key `after`, or above the key `before`.

    The list is ordered by `field`, which is unique among its rows.
    """

    field: str
    size: int
    after: Any = None
    before: Any = None

    def page(self, *branches: "QuerySet[Row]") -> "Page[Row, Any]":
        """Reads the rows of all branches, merged. A branch is a part of the list that an index gives in order."""
        if self.before is not None:
            return self._upwards(branches)
        rows = self._read(branches, "lt", self.after, "-")
        more = len(rows) > self.size
        rows = rows[: self.size]
        return Page(rows, self._key(rows[-1]) if more else None, self._first(rows))

    def _upwards(self, branches: Sequence["QuerySet[Row]"]) -> "Page[Row, Any]":
        rows = self._read(branches, "gt", self.before, "")
        if len(rows) <= self.size:  # the top is reached: a full first page reads better than a short one
            return Cut(self.field, self.size).page(*branches)
        rows = rows[: self.size][::-1]
        return Page(rows, self._key(rows[-1]), self._key(rows[0]))

    def _read(self, branches: Sequence["QuerySet[Row]"], side: str, edge: Any, direction: str) -> list[Row]:
        """Reads one row more than a page holds, which shows whether there is a next page."""
        beyond = {} if edge is None else {f"{self.field}__{side}": edge}
        ordered = f"{direction}{self.field}"
        found = [row for part in branches for row in part.filter(**beyond).order_by(ordered)[: self.size + 1]]
        if len(branches) > 1:
            found.sort(key=self._key, reverse=bool(direction))
        return found[: self.size + 1]

    def _first(self, rows: list[Row]) -> Any:
        if self.after is None:
            return None
        return self._key(rows[0]) if rows else self.after

    def _key(self, row: Model) -> Any:
        return attrgetter(self.field)(row)


def newest_first(rows: "QuerySet[Row]", key: str, before: Key | None, limit: int) -> Page[Row, Key]:
    """Reads at most `limit` rows in falling order of a unique column: those below a key, or the first ones."""
    return Cut(key, limit, after=before).page(rows)


def pages_upwards(rows: "QuerySet[Any, Item]", key: str, size: int) -> Iterator[list[Item]]:
    """Reads all rows in rising order of a unique column, `size` at a time, each page when it is asked for.

    A cursor that stays open instead could hold all of them in memory. `rows` are models or, after `values()`, dicts.
    """
    ordered = rows.order_by(key)
    page = list(ordered[:size])
    while page:
        yield page
        last: Any = page[-1]
        edge = last[key] if isinstance(last, dict) else getattr(last, key)
        page = list(ordered.filter(**{f"{key}__gt": edge})[:size])
