"""What staff actions are about, as the next decision would see it: the truth, not a read model."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.domain.account import Account
from accounts.domain.reversals import FINAL
from accounts.services.id_lookup import id_lookup
from eventstore import feed, log


@dataclass(frozen=True, slots=True)
class HoldState:
    """A hold: whether it is open still, and in which currency."""

    is_open: bool
    currency: str


@dataclass(frozen=True, slots=True)
class EntryState:
    """An entry: whether it can be reversed."""

    is_reversible: bool


def state_of(about: str, object_id: UUID) -> Any | None:
    """What an action about something depends on; `None` for nothing."""
    match about:
        case "entry":
            return _entry(object_id)
        case "hold":
            return _hold(object_id)
        case "customer" | "account" | "approval":
            state = log.current(about, object_id)
            return state if getattr(state, f"{about}_id") else None
        case _:
            return None


def _entry(entry_id: UUID) -> EntryState | None:
    position = id_lookup().position_of_entry(entry_id)
    if position is None:
        return None
    (entry,) = feed.between(position - 1, position)
    account: Account = log.current("account", entry.stream_id)
    return EntryState(entry.type not in FINAL and entry_id not in account.reversed)


def _hold(hold_id: UUID) -> HoldState | None:
    account_id = id_lookup().account_of_hold(hold_id)
    if account_id is None:
        return None
    account: Account = log.current("account", account_id)
    return HoldState(any(hold.hold_id == hold_id for hold in account.holds), account.currency)


def address_of(about: str, object_id: UUID) -> str:
    """Its page in the admin."""
    return reverse(f"admin:projections_{about}_change", args=[object_id])
