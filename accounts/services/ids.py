"""Ids of new things."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """An id that rises with time, so that new rows of an index lie side by side."""
    return uuid7()
