"""The look-up of ids that callers send: the event of an entry, the account of a hold, the accounts of a customer.

The read side knows the answers, but imports only point down: so `settings.ID_LOOKUP` names the module that gives them.
An answer leads to a stream and decides nothing: the decision reads the stream itself.
"""

from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings


class IdLookup(Protocol):
    """The functions of the module that `settings.ID_LOOKUP` names."""

    def position_of_entry(self, entry_id: UUID, /) -> int | None:
        """The position in the log of the event that made an entry; `None` if there is no such entry."""

    def account_of_hold(self, hold_id: UUID, /, *, customer_id: UUID | None = None) -> UUID | None:
        """The account of a hold, open or ended; if a customer is given, only one of that customer's accounts."""

    def accounts_with_overdue_holds(self, now: datetime, /) -> Iterable[tuple[UUID, datetime]]:
        """The accounts with open holds past their time, each with the time of the earliest of them."""

    def accounts_of(self, customer_id: UUID, /) -> Iterable[UUID]:
        """All accounts of a customer, open or closed."""


def id_lookup() -> IdLookup:
    """The module that `settings.ID_LOOKUP` names."""
    return cast(IdLookup, import_module(settings.ID_LOOKUP))
