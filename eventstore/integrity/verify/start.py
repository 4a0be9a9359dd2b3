"""Where a run that does not begin at the beginning begins: in the command store, and in the trees."""

from typing import Any, Final

from eventstore.integrity.trees import COLUMNS, WIDTH, Tree
from eventstore.integrity.verify.regrown import Regrown
from eventstore.log.database import primary_rows
from eventstore.models import Command, Event, Tile

LOOKED_AT: Final = 1_000  # events after the position, of which one names a command
ROWS: Final[dict[Tree, Any]] = {Tree.EVENTS: Event, Tree.COMMANDS: Command}


def number_of_first(since: int) -> int:
    """The number of the command before that of the first event after a position; the last one if none names any."""
    events = primary_rows(Event).filter(position__gt=since).order_by("position")
    for metadata in events.values_list("metadata", flat=True)[:LOOKED_AT]:
        if isinstance(metadata, dict) and (command_id := metadata.get("command_id")):
            number = primary_rows(Command).filter(command_id=command_id).values_list("number", flat=True).first()
            if number is not None:
                return int(number) - 1
    return 0


def begin_at(grown: Regrown, after: int) -> Regrown | None:
    """The tree, begun with the leaves up to a position or number, whose tiles are trusted; None without these."""
    if after == 0:
        return grown
    tree = grown.tree
    tile = primary_rows(Tile).filter(tree=tree, level=0, first__lte=after).order_by("-first").first()
    if tile is None or tile.first is None:
        return None
    column = COLUMNS[tree]
    between = {f"{column}__gte": tile.first, f"{column}__lte": after}
    count = primary_rows(ROWS[tree]).filter(**between).count()
    try:
        grown.begin_at(tile.place * WIDTH + count)
    except LookupError:
        return None
    return grown if count <= WIDTH else None
