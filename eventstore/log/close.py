"""Closed time: a part of a stream's past into which nothing is recorded any more, whatever the clock says.

CockroachDB calls it a closed timestamp, bookkeepers close a period. What was computed from it is final.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from eventstore.backends import log_transaction, patience, store
from eventstore.backends.followers import must_be_primary
from eventstore.log.database import primary_rows
from eventstore.log.whole import must_be_of_a_whole
from eventstore.messages.arguments import id_of, time_of
from eventstore.models import Stream


def close_until(moments: Mapping[UUID, datetime]) -> None:
    """Close the time of streams up to a moment each: no later transaction records an event of theirs before it.

    A command, or an append, that comes while the database's clock shows an earlier time is decided and recorded at that
    moment; imported history with an earlier time raises BackwardsInTime. The heads of the streams are locked for that,
    up to the end of a transaction around it, so it waits for every command that may have read an earlier time.

    Closed time is never opened again: an earlier moment changes nothing. A stream without events can't be closed.
    """
    for stream_id, moment in moments.items():
        id_of("The id of a stream to close", stream_id)
        time_of(f"The end of {stream_id}", moment)
    with log_transaction():
        must_be_primary()
        # locks them, within bounds
        must_be_of_a_whole(store().open([], sorted(moments), lock_timeout_seconds=patience.seconds()))
        heads = primary_rows(Stream).filter(stream_id__in=moments).order_by("stream_id")
        locked = heads.select_for_update().only("stream_id", "closed_until")
        earlier = [head for head in locked if _is_open(head, moments[head.stream_id])]
        for head in earlier:
            head.closed_until = moments[head.stream_id]
        primary_rows(Stream).bulk_update(earlier, ["closed_until"], batch_size=100)


def _is_open(head: Stream, moment: datetime) -> bool:
    return head.closed_until is None or head.closed_until < moment
