"""What old data mean today."""

from typing import Any

from eventstore.messages import upcaster


@upcaster("book.bought", since=1)
def books_had_no_shelf(data: dict[str, Any]) -> dict[str, Any]:
    """There was one shelf, and nobody wrote it down."""
    return {**data, "shelf": "A"}
