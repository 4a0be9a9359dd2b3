"""Forms that move money. Amounts are typed as they are printed, in major units, and become minor ones."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.domain.account import Account
from accounts.domain.commands import Deposit, Transfer, Withdraw
from accounts.domain.text import clean_reference
from accounts.services.ids import new_id
from accounts.services.notation import readers_notation
from accounts.services.own_account import own_account
from eventstore.forms import CommandForm, RuleField, apply_rule


class AmountForm(CommandForm):
    """An amount of money with its reference."""

    amount = forms.CharField(
        label=_("Amount"),
        widget=forms.TextInput({"inputmode": "decimal", "class": "amount"}),
    )
    reference = RuleField(
        clean_reference,
        label=_("Reference"),
        required=False,
        help_text=_("What it is for. It stays in the history."),
    )
    account: Account | None  # gives the currency of the amount; None while the account is not known

    def clean_amount(self) -> int | None:
        """The amount in minor units of the account's currency; None while that is not known."""
        if self.account is None:
            return None
        read = partial(readers_notation().read, currency=self.account.currency)
        return apply_rule(read, self.cleaned_data["amount"])


class MoneyForm(AmountForm):
    """Money that moves between one account and the world outside."""

    command_class: ClassVar[type[Deposit] | type[Withdraw]]
    must_allow: ClassVar[Callable[[Account], None]]  # refuses where the account takes no such movement now

    def __init__(self, *args: Any, account: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        self.account = account

    def to_command(self, account_id: UUID, customer_id: UUID) -> Deposit | Withdraw:
        """The command that moves the money now."""
        data = self.cleaned_data
        return self.command_class(account_id, customer_id, new_id(), data["amount"], timezone.now(), data["reference"])


class DepositForm(MoneyForm):
    """Deposits money."""

    command_class = Deposit
    must_allow = Account.must_allow_credits


class WithdrawForm(MoneyForm):
    """Withdraws money."""

    command_class = Withdraw
    must_allow = Account.must_allow_debits


class TransferForm(AmountForm):
    """Transfers money from the customer's own account to any other."""

    from_account = forms.UUIDField(label=_("From"), error_messages={"invalid": _("Choose one of your accounts.")})
    to_account = forms.UUIDField(
        label=_("To"),
        help_text=_("The id of an account. Whoever you pay finds it on their own page “Accounts”."),
        error_messages={"invalid": _("This is not the id of an account. Please check each character.")},
        widget=forms.TextInput({"spellcheck": "false", "class": "id", "list": "own-accounts"}),
    )
    field_order = ("command_id", "from_account", "to_account", "amount", "reference")

    def __init__(self, *args: Any, customer_id: UUID, **options: Any) -> None:
        super().__init__(*args, **options)
        self.customer_id = customer_id
        self.account = None

    def clean_from_account(self) -> UUID:
        """The id of the customer's own account, which also gives the currency of the amount."""
        account_id: UUID = self.cleaned_data["from_account"]
        self.account = apply_rule(partial(own_account, customer_id=self.customer_id), account_id)
        return account_id

    def to_command(self) -> Transfer:
        """The command that transfers the money now."""
        data = self.cleaned_data
        return Transfer(
            transfer_id=new_id(),
            customer_id=self.customer_id,
            from_account=data["from_account"],
            to_account=data["to_account"],
            sent_entry_id=new_id(),
            received_entry_id=new_id(),
            amount=data["amount"],
            now=timezone.now(),
            reference=data["reference"],
        )
