"""Rows of read models: the one that must be known, and the stamp of version and position."""

from typing import Any, TypeVar

from eventstore.log import Recorded
from projections.models import Account, Approval, Customer, Hold

Row = TypeVar("Row", Customer, Account, Hold, Approval)
Stream = TypeVar("Stream", Customer, Account)


def known(row: Row | None) -> Row:
    """The row that an earlier event of the stream made; it is never missing."""
    assert row is not None
    return row


def stamped(record: Recorded[Any], row: Stream) -> Stream:
    """Sets the version and position that a row reflects, and returns the row."""
    row.version, row.position = record.version, record.position
    return row
