"""The forms of staff actions: most take a reason, some take further fields."""

import unicodedata
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.domain.account import ALL, DEBITS, Account
from accounts.domain.text import clean_reason
from accounts.services.notation import readers_notation
from accounts.staff_actions.readers import Reader
from eventstore.forms import CommandForm, RuleField, apply_rule

SCOPES = ((DEBITS, _("Money may not leave")), (ALL, _("Money may not move at all")))


class StaffActionForm(CommandForm):
    """A form without fields, which confirms an action; `state` is the state of the action's subject.

    `reader` is the member of staff who fills it in. `effect` heads what the page says to change; None where that
    depends on what is typed.
    """

    fingerprint_name = "DeedForm"  # its name in stored fingerprints; classes derived from it have their own
    effect: ClassVar[Any] = _("What changes")

    def __init__(self, *args: Any, state: Any, reader: Reader | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.state, self.reader = state, reader

    def sample(self) -> dict[str, Any]:
        """The data of a command that shows whether the action makes sense now, whatever will be typed."""
        return {}


class ReasonForm(StaffActionForm):
    """Takes a reason."""

    reason = RuleField(
        clean_reason,
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is recorded for ever beside your name. Write no personal data into it: it can't be erased."),
    )

    def sample(self) -> dict[str, Any]:
        return {"reason": "-"}


class EraseForm(ReasonForm):
    """Takes the customer's name, typed once more: what is erased is gone for good.

    Who may not see names types the id, and so does everybody where the name can't be read any more.
    """

    fingerprint_name = "ReasonForm"  # what is typed as a confirmation is no part of the request

    confirmation = forms.CharField(widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}))
    field_order = ("command_id", "reason", "confirmation")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        name = self.reader.name_of(self.state.customer_id) if self.reader and self.state else None
        self.expected = name or str(getattr(self.state, "customer_id", ""))
        by_name, by_id = _("Type the name of the customer"), _("Type the id of the customer")
        self.fields["confirmation"].label = by_name if name else by_id
        self.fields["confirmation"].help_text = _("So that nobody is erased by mistake: %(text)s") % {
            "text": self.expected
        }

    def clean_confirmation(self) -> str:
        """The text, if it names the customer; not of an erased one, whose form was sent twice."""
        text: str = self.cleaned_data["confirmation"]
        if not self.state.erased and _plain(text) != _plain(self.expected):
            raise ValidationError(_("This is not what the customer is called. Nothing was erased."))
        return text

    def clean(self) -> dict[str, Any] | None:
        """Forgets the name: it is personal, and the request is the same without it."""
        super().clean()
        self.cleaned_data.pop("confirmation", None)
        return self.cleaned_data


def _plain(text: str) -> str:
    """A text as people compare it: composed, without regard to case, width and the number of spaces."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


class FreezeForm(ReasonForm):
    """Takes the scope of a freeze."""

    scope = forms.ChoiceField(label=_("What is stopped"), choices=SCOPES, widget=forms.RadioSelect, initial=DEBITS)
    field_order = ("command_id", "scope", "reason")
    effect = None

    def sample(self) -> dict[str, Any]:
        return {**super().sample(), "scope": DEBITS}


class AccountForm(ReasonForm):
    """Takes amounts in the currency of an account."""

    state: Account
    effect = None

    def parse(self, name: str) -> int | None:
        """The amount of a field in minor units; `None` for an empty field."""
        text: str = self.cleaned_data[name]
        read = partial(readers_notation().read, currency=self.state.currency, may_be_zero=True)
        return apply_rule(read, text) if text else None

    def format(self, amount: int | None) -> str:
        """An amount in minor units as text for a field."""
        return "" if amount is None else readers_notation().write(amount, self.state.currency)


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

    def sample(self) -> dict[str, Any]:
        return {**super().sample(), "limit": self.state.overdraft_limit}

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

    def sample(self) -> dict[str, Any]:
        return {**super().sample(), "per_entry": self.state.per_entry, "daily_out": self.state.daily_out}

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

    def sample(self) -> dict[str, Any]:
        return {**super().sample(), "amount": 1}

    def clean_amount(self) -> int:
        """The amount in minor units."""
        read = partial(readers_notation().read_signed, currency=self.state.currency)
        return apply_rule(read, self.cleaned_data["amount"])


class CaptureForm(StaffActionForm):
    """Takes the amount that is captured of a hold."""

    amount = _amount(_("Amount"), _("Empty for all of it; what is not taken is released."), required=False)
    effect = _("What changes if all of it is captured")

    def sample(self) -> dict[str, Any]:
        return {"amount": None}

    def clean_amount(self) -> int | None:
        """The amount in minor units."""
        text: str = self.cleaned_data["amount"]
        read = partial(readers_notation().read, currency=self.state.currency)
        return apply_rule(read, text) if text else None
