"""Moving money: deposits, withdrawals and transfers."""

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers

from accounts.api.access import Customers
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Amount, Id, Moment, Money, StrictSerializer, Text
from accounts.api.schema import ACCOUNT_ID, command_operation
from accounts.domain.account import not_found
from accounts.domain.commands import Deposit, Transfer, Withdraw
from accounts.domain.money import parse_amount
from accounts.domain.text import clean_reference
from accounts.services.currencies import currency_of
from accounts.services.ids import new_id
from accounts.services.rails import must_have_rails
from eventstore.execute import CommandRequest

if TYPE_CHECKING:
    from accounts.users.models import User

MONEY_REFUSALS = (
    "ACCOUNT_NOT_FOUND ACCOUNT_CLOSED ACCOUNT_FROZEN CUSTOMER_SUSPENDED "
    "INVALID_AMOUNT AMOUNT_OUT_OF_RANGE TOO_MANY_DECIMALS"
)
UNREAD = 0  # the amount of a command about an account that is not theirs: there is no currency to read it in


class AmountSerializer(StrictSerializer):
    """How much, and what for."""

    amount = Amount(help_text="In major units, with no more decimals than the currency has; never a JSON number.")
    reference = Text(rule=clean_reference, default="", allow_blank=True, help_text="At most 140 characters.")


class DatedAmountSerializer(AmountSerializer):
    """How much, what for, and from when it counts."""

    effective_at = Moment(
        required=False,
        help_text="RFC 3339 with an offset; from the opening of the account until now. Now, if not given.",
    )


class MovedMoneySerializer(CommandResult):
    """The new line in the history of the account, and what is in it now."""

    entry_id = serializers.UUIDField()
    balance = Money()
    available = Money()
    currency = serializers.CharField()


class MoveMoneyView(PostCommandView):
    """Money that comes from outside, or leaves for outside."""

    permission_classes = (Customers,)
    body = DatedAmountSerializer
    answer = MovedMoneySerializer
    kind: ClassVar[type[Deposit] | type[Withdraw]]

    def command_request(self, http_command: HttpCommand) -> CommandRequest:
        """The request that moves the money; RAILS_OFF comes before any complaint about the amount."""
        must_have_rails()
        return super().command_request(http_command)

    def command(self, http_command: HttpCommand) -> Deposit | Withdraw:
        """With the effective date that was asked for."""
        account = self.id_of("account_id")
        if account is None:
            raise not_found()
        return self.kind(
            account_id=account,
            customer_id=self.customer_id,
            entry_id=new_id(),
            amount=amount_in(http_command.body["amount"], account, self.user),
            now=timezone.now(),
            reference=http_command.body["reference"],
            effective_at=http_command.body.get("effective_at"),
        )


@command_operation(
    "Pay money in",
    "A demo rail: RAILS_OFF where money comes in by other ways.",
    refuses=f"RAILS_OFF EFFECTIVE_DATE_INVALID {MONEY_REFUSALS}",
    path=[ACCOUNT_ID],
    example={"amount": "100.00", "reference": "Salary"},
)
class DepositView(MoveMoneyView):
    """`POST accounts/{id}/deposits`."""

    kind = Deposit


@command_operation(
    "Take money out",
    "A demo rail: RAILS_OFF where money leaves by other ways.",
    refuses=f"INSUFFICIENT_FUNDS LIMIT_EXCEEDED RAILS_OFF EFFECTIVE_DATE_INVALID {MONEY_REFUSALS}",
    path=[ACCOUNT_ID],
    example={"amount": "10.50", "reference": "Cash"},
)
class WithdrawView(MoveMoneyView):
    """`POST accounts/{id}/withdrawals`."""

    kind = Withdraw


class TransferRequestSerializer(AmountSerializer):
    """From where to where, how much, and what for."""

    from_account = Id(help_text="An account of one's own.")
    to_account = Id(help_text="Any account in the same currency.")


class SentTransferSerializer(MovedMoneySerializer):
    """The transfer, and what is left in the account that it came from; the recipient's stays hidden."""

    transfer_id = serializers.UUIDField()


@command_operation(
    "Send money to another account",
    "Both accounts hold the same currency; the recipient may be anybody.",
    refuses=f"INSUFFICIENT_FUNDS LIMIT_EXCEEDED CURRENCY_MISMATCH SAME_ACCOUNT {MONEY_REFUSALS}",
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
        """Send it, now."""
        source = http_command.body["from_account"]
        return Transfer(
            transfer_id=new_id(),
            customer_id=self.customer_id,
            from_account=source,
            to_account=http_command.body["to_account"],
            sent_entry_id=new_id(),
            received_entry_id=new_id(),
            amount=amount_in(http_command.body["amount"], source, self.user),
            now=timezone.now(),
            reference=http_command.body["reference"],
        )


def amount_in(text: str, account_id: UUID, user: "User", *, may_be_zero: bool = False, field: str = "amount") -> int:
    """An amount in the currency of an account that the user may act on; raises Refused for what is none.

    An account that is not theirs has no currency for them. The command goes ahead all the same, because it is the
    decision that refuses it: so the attempt is stored and stands in the audit.
    """
    currency = currency_of(account_id, user.customer_id)
    return parse_amount(text, currency, may_be_zero=may_be_zero, field=field) if currency else UNREAD
