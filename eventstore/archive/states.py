"""Folds the states of streams that have none in their heads, as after a restore: then no decision has to do it."""

from collections.abc import Callable

from eventstore import decider
from eventstore.log.database import primary_rows
from eventstore.log.streams import load, read_streams
from eventstore.models import Stream

BATCH = 200  # streams at a time
SHORT = 200  # events of a stream up to which it is read together with others


def fold_states(done: Callable[[int], object] = lambda _: None) -> int:
    """Fold the state of each stream without one, where a decider folds it; returns how many there were."""
    heads, folded, after = primary_rows(Stream).filter(state=None, category__in=decider.deciders), 0, None
    while True:
        rows = heads.filter(stream_id__gt=after) if after else heads
        batch = list(rows.order_by("stream_id")[:BATCH])
        if not batch:
            return folded
        _fold(batch)
        primary_rows(Stream).bulk_update(batch, ["state", "fingerprint"], batch_size=100)
        after, folded = batch[-1].stream_id, folded + len(batch)
        done(len(batch))


def _fold(batch: list[Stream]) -> None:
    short = read_streams([head.stream_id for head in batch if head.version <= SHORT])
    for head in batch:
        kind = decider.deciders[head.category]
        if head.stream_id in short:
            state = kind.fold(kind.first_state, [record.event for record in short[head.stream_id]])
        else:
            state = load(head.category, head.stream_id)[0]
        head.state, head.fingerprint = kind.encode(state).decode(), kind.fingerprint
