"""How events that were recorded long ago are read today. The log keeps them as they were written."""

from datetime import UTC, datetime
from typing import Any, Final

from eventstore.messages.upcasters import upcaster

UNKNOWN: Final = datetime(1970, 1, 1, tzinfo=UTC).isoformat()


@upcaster("account.money_deposited", since=1)
@upcaster("account.money_withdrawn", since=1)
@upcaster("account.transfer_sent", since=1)
@upcaster("account.transfer_received", since=1)
def without_a_day(data: dict[str, Any]) -> dict[str, Any]:
    """The day was not kept; readers go by the time at which the event was recorded."""
    return {**data, "day": None}


@upcaster("account.transfer", since=1)
def without_a_time(data: dict[str, Any]) -> dict[str, Any]:
    """When it was asked was not kept; nobody decides over an old command again."""
    return {**data, "now": UNKNOWN}


@upcaster("account.open", since=1)
def by_anybody(data: dict[str, Any]) -> dict[str, Any]:
    """Who opens it made no difference yet."""
    return {**data, "by_staff": False}
