"""Keyset paging: pages by key, not by offset, as quick at the end of a list as at its beginning."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

__all__ = ["Page", "newest_first"]

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
Key = TypeVar("Key", int, UUID, str)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item, Key]):
    """Some rows of a list, and the key after which the next page begins; `None` on the last page."""

    rows: list[Item]
    next: Key | None


def newest_first(rows: "QuerySet[Row]", key: str, before: Key | None, limit: int) -> Page[Row, Key]:
    """A page of at most `limit` rows in falling order of a unique column; rows added meanwhile shift nothing."""
    older = rows if before is None else rows.filter(**{f"{key}__lt": before})
    found = list(older.order_by(f"-{key}")[: limit + 1])
    last: Any = getattr(found[limit - 1], key) if len(found) > limit else None
    return Page(found[:limit], last)
