"""Forms that open and rename accounts."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.domain.commands import OpenAccount, RenameAccount
from accounts.domain.money import EXPONENTS
from accounts.domain.text import clean_label
from accounts.services.ids import new_id
from eventstore.forms import CommandForm, RuleField

COMMON_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CNY", "JPY")


def currency_choices() -> list[tuple[Any, Any]]:
    """All currencies of accounts, the most common first."""
    common = [(code, code) for code in COMMON_CURRENCIES]
    others = [(code, code) for code in EXPONENTS if code not in COMMON_CURRENCIES]
    return [("", _("Choose a currency")), (_("Most asked for"), common), (_("All others"), others)]


class RenameForm(CommandForm):
    """Renames an account."""

    label = RuleField(
        clean_label,
        label=_("Name"),
        required=False,
        help_text=_("For your eyes only, such as “Everyday” or “For the boat”."),
    )

    def to_command(self, account_id: UUID, customer_id: UUID) -> RenameAccount:
        """The command that renames the account."""
        return RenameAccount(account_id, customer_id, self.cleaned_data["label"])


class OpenAccountForm(CommandForm):
    """Opens an account of a customer."""

    label = RenameForm.base_fields["label"]
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currency_choices,
        help_text=_("An account keeps its currency for as long as it lives."),
    )

    def to_command(self, customer_id: UUID) -> OpenAccount:
        """The command that opens the account now."""
        data = self.cleaned_data
        return OpenAccount(new_id(), customer_id, data["currency"], timezone.now(), data["label"])
