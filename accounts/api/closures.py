"""Closing accounts."""

from django.utils import timezone
from rest_framework import serializers

from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Money
from accounts.api.parameters import ACCOUNT_ID
from accounts.api.reasons import OptionalReasonSerializer
from accounts.api.refusals import ACCOUNT_CODES
from accounts.domain.account import not_found
from accounts.domain.commands import CloseAccount
from accounts.services.ids import new_id
from accounts.users.access import Customers
from eventstore.http.fields import Id
from eventstore.http.openapi import command_operation


class CloseAccountRequestSerializer(OptionalReasonSerializer):
    """The reason, and the account that takes the rest of the money."""

    sweep_to = Id(required=False, help_text="Another open account of one's own, in the same currency.")


class ClosedAccountSerializer(CommandResult):
    """The closed account."""

    account_id = serializers.UUIDField()
    status = serializers.CharField()
    balance = Money()
    currency = serializers.CharField()
    sweep_to = serializers.UUIDField(required=False)


@command_operation(
    "close_account",
    "Close an account",
    "For good: with no money in it, no overdraft in use and no open holds. What is left can go to another account.",
    tag="accounts",
    refuses=f"ACCOUNT_NOT_EMPTY SAME_ACCOUNT CURRENCY_MISMATCH LIMIT_EXCEEDED {ACCOUNT_CODES}",
    path=[ACCOUNT_ID],
    example={"reason": "Not needed any more"},
)
class CloseAccountView(PostCommandView):
    """`POST accounts/{id}/close`."""

    permission_classes = (Customers,)
    body = CloseAccountRequestSerializer
    answer = ClosedAccountSerializer
    status = 200

    def command(self, http_command: HttpCommand) -> CloseAccount:
        """The command to close the account now; raises Refused for a malformed account id."""
        account_id = self.id_of("account_id")
        if account_id is None:
            raise not_found()
        return CloseAccount(
            account_id=account_id,
            customer_id=self.customer_id,
            transfer_id=new_id(),
            sent_entry_id=new_id(),
            received_entry_id=new_id(),
            now=timezone.now(),
            reason=http_command.body["reason"],
            sweep_to=http_command.body.get("sweep_to"),
        )
