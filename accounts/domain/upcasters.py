"""Upcasters: old shapes of events and commands, brought to the present one on read. The log itself never changes."""

from datetime import UTC, datetime
from typing import Any, Final

from eventstore.messages import upcaster

UNKNOWN: Final = datetime(1970, 1, 1, tzinfo=UTC).isoformat()


@upcaster("account.money_deposited", since=1)
@upcaster("account.money_withdrawn", since=1)
@upcaster("account.transfer_sent", since=1)
@upcaster("account.transfer_received", since=1)
def add_unknown_day(data: dict[str, Any]) -> dict[str, Any]:
    """Adds the missing day as None; readers take the time at which the event was recorded."""
    return {**data, "day": None}


@upcaster("account.transfer", since=1)
def add_unknown_time(data: dict[str, Any]) -> dict[str, Any]:
    """Adds an unknown time: an old command is never decided again."""
    return {**data, "now": UNKNOWN}


@upcaster("account.open", since=1)
def add_by_staff(data: dict[str, Any]) -> dict[str, Any]:
    """Adds that a customer sent the command: staff could not open accounts yet."""
    return {**data, "by_staff": False}
