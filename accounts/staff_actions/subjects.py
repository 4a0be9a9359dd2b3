"""Subjects of staff actions: a customer, account, hold, entry or approval, as the next decision sees it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.domain.reversals import IRREVERSIBLE
from accounts.domain.rules import ACCOUNTS
from accounts.services.id_lookup import id_lookup
from eventstore import feed, log


@dataclass(frozen=True, slots=True)
class HoldState:
    """Whether a hold is open, and the currency of its account."""

    is_open: bool
    currency: str


@dataclass(frozen=True, slots=True)
class EntryState:
    """Whether an entry can be reversed."""

    is_reversible: bool


def load_subject(kind: str, subject_id: UUID) -> Any | None:
    """The state of a subject, from its stream and not from a read model; `None` if it does not exist."""
    match kind:
        case "entry":
            return _entry(subject_id)
        case "hold":
            return _hold(subject_id)
        case "customer" | "account" | "approval":
            state = log.current(kind, subject_id)
            return state if getattr(state, f"{kind}_id") else None
        case _:
            return None


def _entry(entry_id: UUID) -> EntryState | None:
    position = id_lookup().position_of_entry(entry_id)
    if position is None:
        return None
    (entry,) = feed.between(position - 1, position)
    account = ACCOUNTS.current(entry.stream_id)
    return EntryState(entry.type not in IRREVERSIBLE and entry_id not in account.reversed)


def _hold(hold_id: UUID) -> HoldState | None:
    account_id = id_lookup().account_of_hold(hold_id)
    if account_id is None:
        return None
    account = ACCOUNTS.current(account_id)
    return HoldState(any(hold.hold_id == hold_id for hold in account.holds), account.currency)


def admin_url(kind: str, subject_id: UUID) -> str:
    """The address of a subject's page in the admin."""
    return reverse(f"admin:projections_{kind}_change", args=[subject_id])
