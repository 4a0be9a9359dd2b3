"""Forms that become commands: each carries the id of its command from the moment it was rendered."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.services.ids import new_id
from eventstore.decider import Refusal, Refused
from eventstore.execution.refusals import sentence
from eventstore.messages import canonical

Given = TypeVar("Given")
Made = TypeVar("Made")


def apply_rule(rule: Callable[[Given], Made], given: Given) -> Made:
    """What a rule of the domain makes of what was given; what the rule refuses, the form says at the field."""
    try:
        return rule(given)
    except Refused as refused:
        raise ValidationError(sentence(refused.refusal), code=refused.refusal.code) from refused


class RuleField(forms.CharField):
    """A text that has to pass a rule of the domain."""

    def __init__(self, rule: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule

    def clean(self, value: Any) -> Any:
        """The text as the rule would have it stored."""
        return apply_rule(self.rule, super().clean(value))


class CommandForm(forms.Form):
    """A form that is sent as one command, however often it is sent."""

    command_id = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)

    @property
    def key(self) -> str:
        """The idempotency key of the command."""
        return str(self.cleaned_data["command_id"])

    def fingerprint(self, *about: object) -> str:
        """What is asked, and about what: the fingerprint of the request.

        Only what the person decides counts. The ids and times that we add differ from one attempt to the next.
        """
        fields = {name: str(value) for name, value in self.cleaned_data.items()}
        return canonical([type(self).__name__, [str(thing) for thing in about], fields]).decode()

    def clean(self) -> dict[str, Any] | None:
        """Give the form a new id where the one that came with it is unreadable."""
        if "command_id" in self.errors:
            del self.errors["command_id"]
            self.add_error(None, _("This form was out of date. It is renewed now: please send it again."))
            self._renew()
        return super().clean()

    def refuse(self, refusal: Refusal) -> None:
        """Say the refusal at its field, and keep what was typed.

        The id is spent: it stands for this "no" for ever, and sending it again would only repeat the "no",
        even once there is money in the account. So the form gets a new one. After a mere typing error nothing
        was asked yet, and the id stays.
        """
        self.add_error(refusal.field if refusal.field in self.fields else None, _message(refusal))
        self._renew()

    def _renew(self) -> None:
        self.data = dict(self.data.items()) | {"command_id": str(new_id())}


def _message(refusal: Refusal) -> str:
    """The sentence of a refusal, in the words of a page: who fills in a form has never heard of keys."""
    if refusal.code == "IDEMPOTENCY_KEY_REUSED":
        return _("You sent this form before, with other details. If you mean both, send it once more.")
    return sentence(refusal)
