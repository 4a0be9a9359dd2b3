"""How far a follower has come: its replicated mark, and the checkpoints of read models that come later than the log."""

from collections.abc import Iterable

from eventstore import feed
from eventstore.backends import in_database
from eventstore.backends.followers import read_database
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import find_subscriber, projections
from eventstore.projecting.declaration.subscribers import Subscriber
from eventstore.projecting.realtime import is_live
from eventstore.projecting.runner.batches import lowest_positions
from eventstore.readers.sight import Sight


def reached(alias: str, needs: Iterable[str] = ()) -> int:
    """The position up to which a database can answer from the log, and from the read models of these projections.

    That is its mark row, which was replicated after all that lies below it; and, for read models that are brought up to
    date later than in the command, the least of their checkpoints there: on a read database these are all of them. It
    is 0 where a read model was not built. Raises the database's own error if it does not answer, LookupError for an
    unknown name.
    """
    with in_database(alias):
        declared = [find_subscriber(name) for name in needs]
        if not all(map(_is_built, declared)):
            return 0
        later = [each for each in declared if _comes_later(each, alias)]
        return min([feed.mark().position, *_checkpoints(later).values()])


def has_reached(alias: str, sight: Sight, needs: Iterable[str] = ()) -> bool:
    """Whether a follower can show what a caller must see; raises the database's own error if it does not answer.

    It must be in the epoch of the log as it is: positions of an older one name other events. Of a read database all
    read models must have come that far: it is not known which of them an answer reads besides.
    """
    with in_database(alias):
        mark = feed.mark()
        if mark.identity is None or mark.identity != sight.identity:
            return False
        if mark.position < sight.position or mark.number < sight.number:
            return False
        declared = [find_subscriber(name) for name in needs if name]
        if not all(map(_is_built, declared)):
            return False
        if alias == read_database():
            declared = [each for each in projections.values() if is_live(each)]
        later = {each.name: each for each in declared if _comes_later(each, alias)}
        found = _checkpoints(list(later.values()))
        return all(place >= _place(later[name], sight) for name, place in found.items())


def _comes_later(declared: Subscriber, alias: str) -> bool:
    """Whether a read model is brought up to date after the log, in a database; on a read database all of them are."""
    return declared.delayed or alias == read_database()


def _is_built(declared: Subscriber) -> bool:
    return not isinstance(declared, Projection) or is_live(declared)


def _checkpoints(later: list[Subscriber]) -> dict[str, int]:
    """How far subscribers have read, by name; 0 where they have not begun."""
    names = [each.name for each in later]
    found = lowest_positions(names) if names else {}
    return {name: found.get(name, 0) for name in names}


def _place(declared: Subscriber, sight: Sight) -> int:
    """What a subscriber must have read: those of commands go by the numbers of these."""
    return sight.number if declared.types is None else sight.position
