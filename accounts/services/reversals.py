"""Reversals: the entry to reverse is read from the log, as it was recorded."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from accounts.domain.commands import Leg, ReverseEntry
from accounts.domain.events import MoneyEvent, TransferReceived, TransferSent, signed_amount
from accounts.services.id_lookup import id_lookup
from accounts.services.ids import new_id
from eventstore import feed, log
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.log import Recorded
from eventstore.models import Command

TransferLeg = TransferSent | TransferReceived


def build_reversal(entry_id: UUID | None, reason: str) -> ReverseEntry:
    """The command that reverses an entry, with the other leg of its transfer; raises Refused ENTRY_NOT_FOUND."""
    entry = _recorded_entry(entry_id)
    other = _other_leg(entry)
    return ReverseEntry(
        account_id=entry.event.account_id,
        other_account=other.account_id if other else None,
        leg=_leg(entry.event),
        other_leg=_leg(other) if other else None,
        transfer_id=other.transfer_id if other else None,
        event=entry.type,
        reason=reason,
        now=timezone.now(),
    )


def _recorded_entry(entry_id: UUID | None) -> Recorded[MoneyEvent]:
    position = id_lookup().position_of_entry(entry_id) if entry_id else None
    if position is None:
        raise Refused("ENTRY_NOT_FOUND", _("There is no such entry."))
    (entry,) = feed.between(position - 1, position)
    return entry


def _other_leg(entry: Recorded[MoneyEvent]) -> TransferLeg | None:
    if not isinstance(entry.event, TransferLeg):
        return None
    legs = [event for event in _caused_with(entry) if isinstance(event, TransferLeg)]
    (other,) = (leg for leg in legs if leg.transfer_id == entry.event.transfer_id and leg != entry.event)
    return other


def _caused_with(entry: Recorded[MoneyEvent]) -> Iterable[object]:
    """The events of the command that caused an entry, on all accounts; raises RangeDetached if it was detached."""
    assert entry.command_id
    positions = Command.objects.values_list("positions", flat=True).filter(command_id=entry.command_id).first()
    if positions is None:
        log.must_hold_command(entry.command_id)
    assert positions
    between = feed.between(min(positions) - 1, max(positions))
    return [record.event for record in between if record.position in positions]


def _leg(event: MoneyEvent) -> Leg:
    return Leg(event.account_id, event.entry_id, signed_amount(event), new_id())
