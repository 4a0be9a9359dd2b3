"""Transfers between two accounts."""

from django.utils import timezone
from rest_framework import serializers

from accounts.api.amounts import AmountSerializer, amount_in
from accounts.api.command_views import HttpCommand, PostCommandView
from accounts.api.deposits import NewEntrySerializer
from accounts.api.refusals import ACCOUNT_CODES
from accounts.domain.commands import Transfer
from accounts.services.ids import new_id
from accounts.users.access import Customers
from eventstore.http.fields import Id
from eventstore.http.openapi import command_operation


class TransferRequestSerializer(AmountSerializer):
    """The two accounts of a transfer, its amount and its reference."""

    from_account = Id(help_text="An account of one's own.")
    to_account = Id(help_text="Any account in the same currency.")


class SentTransferSerializer(NewEntrySerializer):
    """The transfer, and what the sending account holds after it; the recipient's balance stays hidden."""

    transfer_id = serializers.UUIDField()


@command_operation(
    "create_transfer",
    "Transfer money to another account",
    "Both accounts hold the same currency; the recipient may be anybody.",
    tag="transfers",
    refuses=f"INSUFFICIENT_FUNDS LIMIT_EXCEEDED CURRENCY_MISMATCH SAME_ACCOUNT {ACCOUNT_CODES}",
    example={
        "from_account": "0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b",
        "to_account": "0190a6f2-9d51-7b02-a4c8-5e6f70819203",
        "amount": "25.00",
        "reference": "Dinner",
    },
)
class TransferView(PostCommandView):
    """`POST transfers`."""

    permission_classes = (Customers,)
    body = TransferRequestSerializer
    answer = SentTransferSerializer

    def command(self, http_command: HttpCommand) -> Transfer:
        """The command to transfer the money now; raises Refused for a malformed amount."""
        from_account = http_command.body["from_account"]
        return Transfer(
            transfer_id=new_id(),
            customer_id=self.customer_id,
            from_account=from_account,
            to_account=http_command.body["to_account"],
            sent_entry_id=new_id(),
            received_entry_id=new_id(),
            amount=amount_in(http_command.body["amount"], from_account, self.user),
            now=timezone.now(),
            reference=http_command.body["reference"],
        )
