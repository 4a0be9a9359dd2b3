"""Ids of new objects."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUID version 7: ids rise with time, so new rows lie side by side in an index."""
    return uuid7()
