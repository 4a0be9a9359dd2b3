"""The unsealed tail: what was recorded after the newest head, and is in no tree that somebody could hold us to yet."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from eventstore.integrity import trees
from eventstore.integrity.trees import Tree
from eventstore.log.database import primary_rows
from eventstore.models import Command, Event

__all__ = ["MOST", "Tail", "tail_of", "unsealed_since"]

MOST: Final = 1_000_000  # rows that are counted


class Tail(NamedTuple):
    """The rows after the newest head of a tree: how many (no more than `MOST`), and when the first was recorded."""

    rows: int
    since: datetime | None

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than were counted."""
        return self.rows == MOST


def tail_of(tree: Tree) -> Tail:
    """The tail of a tree, with the rows above the tidemark."""
    rows = _rows(tree)
    return Tail(rows[:MOST].count(), _first(rows))


def unsealed_since(tree: Tree) -> datetime | None:
    """When the first row of the tail was recorded, without counting it; None where all is sealed."""
    return _first(_rows(tree))


def _rows(tree: Tree) -> QuerySet[Any]:
    head = trees.newest_head(tree)
    after = head.position if head else 0
    return (
        primary_rows(Event).filter(position__gt=after).order_by("position")
        if tree == Tree.EVENTS
        else primary_rows(Command).filter(number__gt=after).order_by("number")
    )


def _first(rows: QuerySet[Any]) -> datetime | None:
    first: datetime | None = rows.values_list("recorded_at", flat=True).first()
    return first
