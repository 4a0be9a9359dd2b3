"""The forms of staff actions: most take a reason, some take further fields."""

from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.domain.account import ALL, DEBITS, Account
from accounts.domain.money import format_amount, parse_amount, parse_signed
from accounts.domain.text import clean_reason
from eventstore.forms import CommandForm, RuleField, apply_rule

SCOPES = ((DEBITS, _("Money may not leave")), (ALL, _("Money may not move at all")))


class StaffActionForm(CommandForm):
    """A form without fields, which confirms an action; `state` is the state of the action's subject."""

    fingerprint_name = "DeedForm"  # its name in stored fingerprints; classes derived from it have their own

    def __init__(self, *args: Any, state: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.state = state


class ReasonForm(StaffActionForm):
    """Takes a reason."""

    reason = RuleField(
        clean_reason,
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is recorded for ever beside your name. Write no personal data into it: it can't be erased."),
    )


class FreezeForm(ReasonForm):
    """Takes the scope of a freeze."""

    scope = forms.ChoiceField(label=_("What is stopped"), choices=SCOPES, widget=forms.RadioSelect, initial=DEBITS)
    field_order = ("command_id", "scope", "reason")


class AccountForm(ReasonForm):
    """Takes amounts in the currency of an account."""

    state: Account

    def parse(self, name: str) -> int | None:
        """The amount of a field in minor units; `None` for an empty field."""
        text: str = self.cleaned_data[name]
        parse = partial(parse_amount, currency=self.state.currency, may_be_zero=True)
        return apply_rule(parse, text) if text else None

    def format(self, amount: int | None) -> str:
        """An amount in minor units as text for a field."""
        return "" if amount is None else format_amount(amount, self.state.currency)


def _amount(label: Any, help_text: Any = "", *, required: bool = True) -> forms.CharField:
    widget = forms.TextInput({"inputmode": "decimal", "class": "amount"})
    return forms.CharField(label=label, help_text=help_text, required=required, widget=widget)


class OverdraftForm(AccountForm):
    """Takes an overdraft limit."""

    limit = _amount(_("Limit"), _("0 for not at all."))
    field_order = ("command_id", "limit", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["limit"] = self.format(self.state.overdraft_limit)

    def clean_limit(self) -> int | None:
        """The amount in minor units."""
        return self.parse("limit")


class LimitsForm(AccountForm):
    """Takes the limits of a single debit and of all debits of a day."""

    per_entry = _amount(_("At once"), _("Empty is without limit."), required=False)
    daily_out = _amount(_("On one day"), _("Empty is without limit."), required=False)
    field_order = ("command_id", "per_entry", "daily_out", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["per_entry"] = self.format(self.state.per_entry)
        self.initial["daily_out"] = self.format(self.state.daily_out)

    def clean_per_entry(self) -> int | None:
        """The amount in minor units."""
        return self.parse("per_entry")

    def clean_daily_out(self) -> int | None:
        """The amount in minor units."""
        return self.parse("daily_out")


class AdjustmentForm(AccountForm):
    """Takes the amount of an adjustment."""

    amount = _amount(_("Amount"), _("With a minus before it where money is taken away."))
    field_order = ("command_id", "amount", "reason")

    def clean_amount(self) -> int:
        """The amount in minor units."""
        return apply_rule(partial(parse_signed, currency=self.state.currency), self.cleaned_data["amount"])


class CaptureForm(StaffActionForm):
    """Takes the amount that is captured of a hold."""

    amount = _amount(_("Amount"), _("Empty for all of it; what is not taken is released."), required=False)

    def clean_amount(self) -> int | None:
        """The amount in minor units."""
        text: str = self.cleaned_data["amount"]
        return apply_rule(partial(parse_amount, currency=self.state.currency), text) if text else None
