"""The projector of holds."""

from typing import Any, assert_never

from accounts.domain.events import HoldCaptured, HoldEvent, HoldExpired, HoldPlaced, HoldReleased
from eventstore.log import Recorded
from eventstore.projecting import fold
from projections.models import Hold
from projections.projectors.rows import known


@fold(Hold, key=lambda event: event.hold_id, keys_per_stream=True)
def holds(row: Hold | None, event: HoldEvent, record: Recorded[Any]) -> Hold:
    """Each hold with its status."""
    match event:
        case HoldPlaced():
            row = _hold(event, record)
        case HoldCaptured():
            row = _ended(row, Hold.Status.CAPTURED, record)
            row.captured, row.entry_id = event.amount, event.entry_id
        case HoldReleased():
            row = _ended(row, Hold.Status.RELEASED, record)
            row.reason = event.reason
        case HoldExpired():
            row = _ended(row, Hold.Status.EXPIRED, record)
        case _:
            assert_never(event)
    row.position = record.position
    return row


def _hold(event: HoldPlaced, record: Recorded[Any]) -> Hold:
    return Hold(
        hold_id=event.hold_id,
        account_id=event.account_id,
        amount=event.amount,
        currency=event.currency,
        reference=event.reference,
        placed_at=record.recorded_at,
        expires_at=event.expires_at,
    )


def _ended(row: Hold | None, status: Hold.Status, record: Recorded[Any]) -> Hold:
    row = known(row)
    row.status, row.ended_at = status, record.recorded_at
    return row
