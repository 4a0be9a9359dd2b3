"""What projectors have in common."""

from typing import Any, TypeVar

from eventstore.log import Recorded
from projections.models import Account, Approval, Customer, Hold

Row = TypeVar("Row", Customer, Account, Hold, Approval)
Stream = TypeVar("Stream", Customer, Account)


def known(row: Row | None) -> Row:
    """The row that an earlier event made: streams begin with their beginning."""
    assert row is not None
    return row


def as_of(record: Recorded[Any], row: Stream) -> Stream:
    """The row, with how much of its stream it reflects."""
    row.version, row.position = record.version, record.position
    return row
