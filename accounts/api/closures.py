"""Closing accounts."""

from django.utils import timezone
from rest_framework import serializers

from accounts.api.access import Customers
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Id, Money
from accounts.api.money import MONEY_REFUSALS
from accounts.api.reasons import OptionalReasonSerializer
from accounts.api.schema import ACCOUNT_ID, command_operation
from accounts.domain.account import not_found
from accounts.domain.commands import CloseAccount
from accounts.services.ids import new_id


class CloseAccountSerializer(OptionalReasonSerializer):
    """Why, and where what is left goes."""

    sweep_to = Id(required=False, help_text="Another open account of one's own, in the same currency.")


class ClosedAccountSerializer(CommandResult):
    """The end of the account."""

    account_id = serializers.UUIDField()
    status = serializers.CharField()
    balance = Money()
    currency = serializers.CharField()
    sweep_to = serializers.UUIDField(required=False)


@command_operation(
    "Close an account",
    "For good: with no money in it, no overdraft in use and no open holds. What is left can go to another account.",
    refuses=f"ACCOUNT_NOT_EMPTY SAME_ACCOUNT CURRENCY_MISMATCH LIMIT_EXCEEDED {MONEY_REFUSALS}",
    path=[ACCOUNT_ID],
    example={"reason": "Not needed any more"},
)
class CloseAccountView(PostCommandView):
    """`POST accounts/{id}/close`."""

    permission_classes = (Customers,)
    body = CloseAccountSerializer
    answer = ClosedAccountSerializer
    status = 200

    def command(self, http_command: HttpCommand) -> CloseAccount:
        """Close it, now."""
        account = self.id_of("account_id")
        if account is None:
            raise not_found()
        return CloseAccount(
            account_id=account,
            customer_id=self.customer_id,
            transfer_id=new_id(),
            sent_entry_id=new_id(),
            received_entry_id=new_id(),
            now=timezone.now(),
            reason=http_command.body["reason"],
            sweep_to=http_command.body.get("sweep_to"),
        )
