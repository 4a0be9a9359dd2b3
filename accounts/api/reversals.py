"""Undoing movements of money."""

from typing import Final

from rest_framework import serializers

from accounts.api.access import staff_who
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Money
from accounts.api.reasons import ReasonSerializer
from accounts.api.schema import command_operation, in_path
from accounts.domain.commands import ReverseEntry
from accounts.services.approvals import must_not_need_approval
from accounts.services.reversals import reverse_entry
from accounts.users.roles import StaffTask

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

    permission_classes = (staff_who(StaffTask.CORRECT),)
    body = ReasonSerializer
    answer = ReversedEntrySerializer

    def command(self, http_command: HttpCommand) -> ReverseEntry:
        """Undo it, now."""
        command = reverse_entry(self.id_of("entry_id"), http_command.body["reason"])
        must_not_need_approval(command)
        return command
