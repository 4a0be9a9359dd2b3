"""Where an id that comes from outside leads: an entry to its event, a hold to its account.

The read side knows, but imports only point down: so the settings name the module that answers. It leads to a stream,
and decides nothing: the decision looks at the stream itself.
"""

from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings


class IdLookup(Protocol):
    """What is asked of the module that `settings.ID_LOOKUP` names."""

    def position_of_entry(self, entry_id: UUID, /) -> int | None:
        """Where the event stands in the log that made an entry."""

    def account_of_hold(self, hold_id: UUID, /, *, customer_id: UUID | None = None) -> UUID | None:
        """The account in which money is or was set aside; if a customer is given, only one of theirs."""

    def accounts_with_overdue_holds(self, now: datetime, /) -> Iterable[tuple[UUID, datetime]]:
        """The accounts that have open holds whose time is over, each with the time of the first of them."""

    def accounts_of(self, customer_id: UUID, /) -> Iterable[UUID]:
        """All accounts that a customer ever had."""


def id_lookup() -> IdLookup:
    """Whoever knows."""
    return cast(IdLookup, import_module(settings.ID_LOOKUP))
