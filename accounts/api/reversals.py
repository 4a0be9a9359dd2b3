"""Reversals of entries."""

from rest_framework import serializers

from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Money
from accounts.api.parameters import ENTRY_ID
from accounts.api.reasons import ReasonRequestSerializer
from accounts.domain.commands import ReverseEntry
from accounts.services.reversals import build_reversal
from accounts.services.use_cases import staff_task_for
from accounts.users.access import staff_who
from eventstore.http.openapi import command_operation


class ReversalSerializer(CommandResult):
    """The reversal's entry in the history of the account, and what the account holds after it."""

    entry_id = serializers.UUIDField()
    reverses = serializers.UUIDField()
    balance = Money()
    currency = serializers.CharField()


@command_operation(
    "reverse_entry",
    "Reverse an entry",
    "For operators. Reverses a deposit, a withdrawal, a capture, or both legs of a transfer; once, and nothing else. "
    "What is above the site's limit for one person needs an approval.",
    tag="entries",
    refuses="ENTRY_NOT_FOUND REASON_REQUIRED ALREADY_REVERSED REVERSAL_NOT_REVERSIBLE INSUFFICIENT_FUNDS "
    "ACCOUNT_FROZEN ACCOUNT_CLOSED APPROVAL_REQUIRED",
    path=[ENTRY_ID],
    example={"reason": "Paid twice"},
)
class ReverseEntryView(PostCommandView):
    """`POST entries/{id}/reversal`."""

    permission_classes = (staff_who(staff_task_for(ReverseEntry)),)
    body = ReasonRequestSerializer
    answer = ReversalSerializer

    def command(self, http_command: HttpCommand) -> ReverseEntry:
        """The command to reverse the entry now; raises Refused ENTRY_NOT_FOUND."""
        return build_reversal(self.id_of("entry_id"), http_command.body["reason"])
