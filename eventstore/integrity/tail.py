"""The unsealed tail: what was recorded after the newest head, and is in no tree that somebody could hold us to yet."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from eventstore.integrity import trees
from eventstore.integrity.trees import Tree
from eventstore.log.database import primary_rows
from eventstore.models import Command, Event

__all__ = ["MOST", "Tail", "tail_of"]

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
    head = trees.newest_head(tree)
    after = head.position if head else 0
    rows: QuerySet[Any] = (
        primary_rows(Event).filter(position__gt=after).order_by("position")
        if tree == Tree.EVENTS
        else primary_rows(Command).filter(number__gt=after).order_by("number")
    )
    return Tail(rows[:MOST].count(), rows.values_list("recorded_at", flat=True).first())
