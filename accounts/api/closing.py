"""Closing accounts."""

from django.utils import timezone
from rest_framework import serializers

from accounts.account import not_found
from accounts.api.access import Customers
from accounts.api.acting import Done, Order, Post
from accounts.api.fields import Id, Money
from accounts.api.money import MONEY_REFUSALS
from accounts.api.reasons import MaybeReasoned
from accounts.api.schema import ACCOUNT_ID, acts
from accounts.commands import CloseAccount
from accounts.handlers import new_id


class Closing(MaybeReasoned):
    """Why, and where what is left goes."""

    sweep_to = Id(required=False, help_text="Another open account of one's own, in the same currency.")


class Closed(Done):
    """The end of the account."""

    account_id = serializers.UUIDField()
    status = serializers.CharField()
    balance = Money()
    currency = serializers.CharField()
    sweep_to = serializers.UUIDField(required=False)


@acts(
    "Close an account",
    "For good: with no money in it, no overdraft in use and no open holds. What is left can go to another account.",
    refuses=f"ACCOUNT_NOT_EMPTY SAME_ACCOUNT CURRENCY_MISMATCH LIMIT_EXCEEDED {MONEY_REFUSALS}",
    path=[ACCOUNT_ID],
    example={"reason": "Not needed any more"},
)
class Close(Post):
    """`POST accounts/{id}/close`."""

    permission_classes = (Customers,)
    body = Closing
    answer = Closed
    status = 200

    def command(self, order: Order) -> CloseAccount:
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
            reason=order.asked["reason"],
            sweep_to=order.asked.get("sweep_to"),
        )
