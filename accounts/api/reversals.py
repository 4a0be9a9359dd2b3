"""Undoing movements of money."""

from typing import Final

from rest_framework import serializers

from accounts.api.access import staff_who
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Money
from accounts.api.reasons import ReasonSerializer
from accounts.api.schema import command_operation, in_path
from accounts.domain.commands import ReverseEntry
from accounts.services.reversals import build_reversal
from accounts.services.use_cases import staff_task_for

ENTRY_ID: Final = in_path("entry_id", "The entry; of a transfer, either leg's.")


class ReversedEntrySerializer(CommandResult):
    """The new line in the history of the account, and what is in it now."""

    entry_id = serializers.UUIDField()
    reverses = serializers.UUIDField()
    balance = Money()
    currency = serializers.CharField()


@command_operation(
    "Reverse an entry",
    "For operators. Undoes a deposit, a withdrawal, a capture, or both legs of a transfer; once, and nothing else. "
    "What is above the site's limit for one person needs an approval.",
    refuses="ENTRY_NOT_FOUND REASON_REQUIRED ALREADY_REVERSED REVERSAL_NOT_REVERSIBLE INSUFFICIENT_FUNDS "
    "ACCOUNT_FROZEN ACCOUNT_CLOSED APPROVAL_REQUIRED",
    path=[ENTRY_ID],
    example={"reason": "Paid twice"},
)
class ReverseEntryView(PostCommandView):
    """`POST entries/{id}/reversal`."""

    permission_classes = (staff_who(staff_task_for(ReverseEntry)),)
    body = ReasonSerializer
    answer = ReversedEntrySerializer

    def command(self, http_command: HttpCommand) -> ReverseEntry:
        """Undo it, now."""
        return build_reversal(self.id_of("entry_id"), http_command.body["reason"])
