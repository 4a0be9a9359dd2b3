"""Undoing movements of money."""

from typing import Final

from rest_framework import serializers

from accounts.api.access import staff_who
from accounts.api.acting import Done, Order, Post
from accounts.api.fields import Money
from accounts.api.reasons import Reasoned
from accounts.api.schema import acts, in_path
from accounts.approving import must_not_need_approval
from accounts.commands import ReverseEntry
from accounts.roles import Task
from accounts.undoing import reversal_of

ENTRY_ID: Final = in_path("entry_id", "The entry; of a transfer, either leg's.")


class Reversed(Done):
    """The new line in the history of the account, and what is in it now."""

    entry_id = serializers.UUIDField()
    reverses = serializers.UUIDField()
    balance = Money()
    currency = serializers.CharField()


@acts(
    "Reverse an entry",
    "For operators. Undoes a deposit, a withdrawal, a capture, or both legs of a transfer; once, and nothing else. "
    "What is above the site's limit for one person needs an approval.",
    refuses="ENTRY_NOT_FOUND REASON_REQUIRED ALREADY_REVERSED REVERSAL_NOT_REVERSIBLE INSUFFICIENT_FUNDS "
    "ACCOUNT_FROZEN ACCOUNT_CLOSED APPROVAL_REQUIRED",
    path=[ENTRY_ID],
    example={"reason": "Paid twice"},
)
class Reversal(Post):
    """`POST entries/{id}/reversal`."""

    permission_classes = (staff_who(Task.CORRECT),)
    body = Reasoned
    answer = Reversed

    def command(self, order: Order) -> ReverseEntry:
        """Undo it, now."""
        command = reversal_of(self.id_of("entry_id"), order.asked["reason"])
        must_not_need_approval(command)
        return command
