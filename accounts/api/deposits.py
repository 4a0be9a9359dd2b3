"""Deposits and withdrawals."""

from typing import ClassVar

from django.utils import timezone
from rest_framework import serializers

from accounts.api.amounts import AmountSerializer, amount_in
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Money
from accounts.api.parameters import ACCOUNT_ID
from accounts.api.refusals import ACCOUNT_CODES
from accounts.domain.account import not_found
from accounts.domain.commands import Deposit, Withdraw
from accounts.services.ids import new_id
from accounts.services.rails import must_have_rails
from accounts.users.access import Customers
from eventstore.execute import CommandRequest
from eventstore.http.fields import StoredMoment
from eventstore.http.openapi import command_operation


class DepositRequestSerializer(AmountSerializer):
    """The money that comes in."""

    effective_at = StoredMoment(
        required=False,
        help_text="RFC 3339 with an offset; from the opening of the account until now. Now, if not given.",
    )


class WithdrawalRequestSerializer(DepositRequestSerializer):
    """The money that leaves."""


class NewEntrySerializer(CommandResult):
    """The base of answers with a new entry: what the account holds after it."""

    entry_id = serializers.UUIDField()
    balance = Money()
    available = Money()
    currency = serializers.CharField()


class DepositSerializer(NewEntrySerializer):
    """The deposit's entry in the history of the account, and what the account holds after it."""


class WithdrawalSerializer(NewEntrySerializer):
    """The withdrawal's entry in the history of the account, and what the account holds after it."""


class RailsView(PostCommandView):
    """The base of views for money that comes from outside, or leaves for outside."""

    permission_classes = (Customers,)
    command_class: ClassVar[type[Deposit] | type[Withdraw]]

    def command_request(self, http_command: HttpCommand) -> CommandRequest:
        """The request for the command; raises Refused RAILS_OFF before it complains about the amount."""
        must_have_rails()
        return super().command_request(http_command)

    def command(self, http_command: HttpCommand) -> Deposit | Withdraw:
        """The command to move the money; raises Refused for a malformed account id or amount."""
        account_id = self.id_of("account_id")
        if account_id is None:
            raise not_found()
        return self.command_class(
            account_id=account_id,
            customer_id=self.customer_id,
            entry_id=new_id(),
            amount=amount_in(http_command.body["amount"], account_id, self.user),
            now=timezone.now(),
            reference=http_command.body["reference"],
            effective_at=http_command.body.get("effective_at"),
        )


@command_operation(
    "create_deposit",
    "Deposit money",
    "A demo rail: RAILS_OFF where money comes in by other ways.",
    tag="accounts",
    refuses=f"RAILS_OFF EFFECTIVE_DATE_INVALID {ACCOUNT_CODES}",
    path=[ACCOUNT_ID],
    example={"amount": "100.00", "reference": "Salary"},
)
class DepositView(RailsView):
    """`POST accounts/{id}/deposits`."""

    body = DepositRequestSerializer
    answer = DepositSerializer
    command_class = Deposit


@command_operation(
    "create_withdrawal",
    "Withdraw money",
    "A demo rail: RAILS_OFF where money leaves by other ways.",
    tag="accounts",
    refuses=f"INSUFFICIENT_FUNDS LIMIT_EXCEEDED RAILS_OFF EFFECTIVE_DATE_INVALID {ACCOUNT_CODES}",
    path=[ACCOUNT_ID],
    example={"amount": "10.50", "reference": "Cash"},
)
class WithdrawView(RailsView):
    """`POST accounts/{id}/withdrawals`."""

    body = WithdrawalRequestSerializer
    answer = WithdrawalSerializer
    command_class = Withdraw
