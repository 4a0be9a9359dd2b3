"""Subjects of staff actions: a customer, account, hold, entry or approval, as the next decision sees it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.domain.account import Account, Hold
from accounts.domain.approval import Approval
from accounts.domain.events import ApprovalRequested, MoneyEvent
from accounts.domain.reversals import IRREVERSIBLE
from accounts.domain.rules import ACCOUNTS, APPROVALS
from accounts.services.id_lookup import id_lookup
from eventstore import feed, log
from eventstore.log import Recorded


@dataclass(frozen=True, slots=True)
class HoldState:
    """A hold, if it is open, and its account."""

    hold: Hold | None
    account: Account

    @property
    def is_open(self) -> bool:
        """Whether the hold can be captured or released."""
        return self.hold is not None

    @property
    def currency(self) -> str:
        """The currency of the hold."""
        return self.account.currency


@dataclass(frozen=True, slots=True)
class EntryState:
    """An entry as it was recorded, and its account."""

    record: Recorded[MoneyEvent]
    account: Account

    @property
    def is_reversible(self) -> bool:
        """Whether an entry of this kind can be reversed, and has not been yet."""
        return self.record.type not in IRREVERSIBLE and self.record.event.entry_id not in self.account.reversed


@dataclass(frozen=True, slots=True)
class ApprovalState:
    """A request as it was recorded, and what has become of it."""

    record: Recorded[ApprovalRequested]
    approval: Approval


def load_subject(kind: str, subject_id: UUID) -> Any | None:
    """The state of a subject, from its stream and not from a read model; `None` if it does not exist."""
    match kind:
        case "entry":
            return load_entry(subject_id)
        case "hold":
            return _hold(subject_id)
        case "approval":
            return _approval(subject_id)
        case "customer" | "account":
            state = log.current(kind, subject_id)
            return state if getattr(state, f"{kind}_id") else None
        case _:
            return None


def load_entry(entry_id: UUID) -> EntryState | None:
    """An entry with its account as it is now; `None` if there is no such entry."""
    position = id_lookup().position_of_entry(entry_id)
    if position is None:
        return None
    (entry,) = feed.between(position - 1, position)
    return EntryState(entry, ACCOUNTS.current(entry.stream_id))


def _hold(hold_id: UUID) -> HoldState | None:
    account_id = id_lookup().account_of_hold(hold_id)
    if account_id is None:
        return None
    account = ACCOUNTS.current(account_id)
    return HoldState(next((hold for hold in account.holds if hold.hold_id == hold_id), None), account)


def _approval(approval_id: UUID) -> ApprovalState | None:
    requested = next(log.read_stream(approval_id, to=1), None)
    if requested is None or not isinstance(requested.event, ApprovalRequested):
        return None
    return ApprovalState(requested, APPROVALS.current(approval_id))


def admin_url(kind: str, subject_id: UUID) -> str:
    """The address of a subject's page in the admin."""
    return reverse(f"admin:projections_{kind}_change", args=[subject_id])
