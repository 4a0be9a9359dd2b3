"""The forms of staff actions. A reason is asked for by all; what else, by some."""

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
    """Nothing more than that it is to be done."""

    def __init__(self, *args: Any, state: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.state = state


class ReasonForm(StaffActionForm):
    """Why it is done."""

    reason = RuleField(
        clean_reason,
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is recorded for ever beside your name. Write no personal data into it: it can't be erased."),
    )


class FreezeForm(ReasonForm):
    """What is to be stopped."""

    scope = forms.ChoiceField(label=_("What is stopped"), choices=SCOPES, widget=forms.RadioSelect, initial=DEBITS)
    field_order = ("command_id", "scope", "reason")


class AccountForm(ReasonForm):
    """Amounts in the currency of an account."""

    state: Account

    def read(self, name: str) -> int | None:
        """Minor units of what was typed; `None` where nothing was."""
        text: str = self.cleaned_data[name]
        parse = partial(parse_amount, currency=self.state.currency, may_be_zero=True)
        return apply_rule(parse, text) if text else None

    def shown(self, amount: int | None) -> str:
        """An amount as it would be typed."""
        return "" if amount is None else format_amount(amount, self.state.currency)


def _amount(label: Any, help_text: Any = "", *, required: bool = True) -> forms.CharField:
    widget = forms.TextInput({"inputmode": "decimal", "class": "amount"})
    return forms.CharField(label=label, help_text=help_text, required=required, widget=widget)


class OverdraftForm(AccountForm):
    """How far below zero the account may go."""

    limit = _amount(_("Limit"), _("0 for not at all."))
    field_order = ("command_id", "limit", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["limit"] = self.shown(self.state.overdraft_limit)

    def clean_limit(self) -> int | None:
        """Minor units."""
        return self.read("limit")


class LimitsForm(AccountForm):
    """What may leave at once, and on one day."""

    per_entry = _amount(_("At once"), _("Empty is without limit."), required=False)
    daily_out = _amount(_("On one day"), _("Empty is without limit."), required=False)
    field_order = ("command_id", "per_entry", "daily_out", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["per_entry"] = self.shown(self.state.per_entry)
        self.initial["daily_out"] = self.shown(self.state.daily_out)

    def clean_per_entry(self) -> int | None:
        """Minor units."""
        return self.read("per_entry")

    def clean_daily_out(self) -> int | None:
        """Minor units."""
        return self.read("daily_out")


class AdjustmentForm(AccountForm):
    """By how much a balance is to be corrected."""

    amount = _amount(_("Amount"), _("With a minus before it where money is taken away."))
    field_order = ("command_id", "amount", "reason")

    def clean_amount(self) -> int:
        """Minor units."""
        return apply_rule(partial(parse_signed, currency=self.state.currency), self.cleaned_data["amount"])


class CaptureForm(StaffActionForm):
    """How much of a hold is taken."""

    amount = _amount(_("Amount"), _("Empty for all of it; what is not taken is released."), required=False)

    def clean_amount(self) -> int | None:
        """Minor units."""
        text: str = self.cleaned_data["amount"]
        return apply_rule(partial(parse_amount, currency=self.state.currency), text) if text else None
